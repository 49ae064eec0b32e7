/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/ascii_tokens.h"

#include "base/utf8.h"
#include "message/address_lexer.h"
#include "message/idn.h"
#include "message/path.h"
#include "message/quoted_string.h"

#include <string.h>

/* How much of a bad word, and of an address, an error sentence quotes. */
enum { EXCERPT = 40, ADDRESS_EXCERPT = 254 };

/* A comma behind so many columns of a line is a place to fold at. */
enum { LIST_COLUMNS = 40 };

/* RFC 6531, 4.2 */
static const unsigned short bad_address[] = { 5, 6, 7 };

struct walk {
	struct ascii_writer *w;
	struct lexer lexer; /* at the first token that is not written yet */
	size_t written;     /* offset behind what is written of the body */
	bool in_angle;
	bool after_comma;
	const struct mailbox
		*mailbox; /* the next one, before `mailboxes_end`; NULL: there are none */
	const struct mailbox *mailboxes_end;
	/* Write the word from the present token up to where the lexer is to go on. */
	int (*word)(struct walk *k, struct slice blanks, struct status *st);
};

int ascii_tokens_refuse(struct slice word, struct status *st)
{
	struct buf excerpt = { 0 };
	text_printable(&excerpt, word, EXCERPT);
	status_set(st, STATUS_BAD_MESSAGE, "cannot write '%s' in ASCII, as its place demands",
		   buf_str(&excerpt));
	buf_release(&excerpt);
	return -1;
}

bool ascii_tokens_readable(struct slice body)
{
	struct lexer l = { .text = body };
	do
		lexer_next(&l);
	while (l.kind != TOKEN_END && l.kind != TOKEN_BAD);
	return l.kind == TOKEN_END;
}

static bool at_mailbox(const struct walk *k)
{
	return k->mailbox != k->mailboxes_end && k->lexer.start == k->mailbox->spec_start;
}

/* Is the token one that stands between words? */
static bool is_separator(const struct lexer *l)
{
	return l->kind == TOKEN_LESS || l->kind == TOKEN_GREATER || l->kind == TOKEN_COMMA ||
	       l->kind == TOKEN_COLON || l->kind == TOKEN_SEMICOLON;
}

/* Append what the present token stands for. */
static void add_meaning(const struct lexer *l, struct buf *out)
{
	struct slice token = lexer_token(l);
	if (l->kind == TOKEN_QUOTED)
		quoted_string_read(out, slice_cut(token, 1, token.len - 1));
	else
		buf_add_slice(out, token);
}

/*
 * Take the tokens that stand together without blanks, for these are one word to those who read
 * encoded words; MEANING gets what they stand for.
 */
static struct slice take_word(struct walk *k, struct buf *meaning)
{
	struct lexer *l = &k->lexer;
	size_t start = l->start;
	do {
		add_meaning(l, meaning);
		k->written = l->end;
		lexer_next(l);
	} while (l->start == k->written && l->kind != TOKEN_END && !is_separator(l));
	return slice_cut(l->text, start, k->written);
}

static int write_phrase_word(struct walk *k, struct slice blanks, struct status *st)
{
	struct buf meaning = { 0 };
	struct slice word = take_word(k, &meaning);
	int result = 0;
	if (ascii_only(word))
		ascii_writer_plain(k->w, blanks, word);
	else if (k->in_angle)
		result = ascii_tokens_refuse(word, st);
	else
		ascii_writer_encode(k->w, blanks, buf_slice(&meaning));
	buf_release(&meaning);
	return result;
}

static struct slice take_token(struct walk *k)
{
	struct slice token = lexer_token(&k->lexer);
	k->written = k->lexer.end;
	lexer_next(&k->lexer);
	return token;
}

static int write_strict_word(struct walk *k, struct slice blanks, struct status *st)
{
	struct slice token = take_token(k);
	if (!ascii_only(token))
		return ascii_tokens_refuse(token, st);
	ascii_writer_plain(k->w, blanks, token);
	return 0;
}

static int write_trace_word(struct walk *k, struct slice blanks, struct status *st)
{
	(void)st;
	struct slice token = take_token(k);
	struct buf replaced = { 0 };
	for (size_t i = 0; i < token.len; i++)
		buf_add_char(&replaced,
			     (unsigned char)token.data[i] > 127 ? '?' : token.data[i]);
	ascii_writer_plain(k->w, blanks, buf_slice(&replaced));
	buf_release(&replaced);
	return 0;
}

static int refuse_local_part(const struct mailbox *m, struct status *st)
{
	struct buf path = { 0 }, printable = { 0 };
	mailbox_path(m, NULL, &path);
	text_printable(&printable, buf_slice(&path), ADDRESS_EXCERPT);
	status_set(st, STATUS_BAD_MESSAGE,
		   "cannot write the address '%s' in ASCII: what stands before the @ has no "
		   "such form",
		   buf_str(&printable));
	buf_release(&printable);
	buf_release(&path);
	return -1;
}

/*
 * Append M with its domain in A-labels. IDNA maps some characters to ASCII that has a meaning
 * here, a wide '>' for one; such an address does not pass the check.
 */
static int add_ascii_address(const struct mailbox *m, struct buf *out, struct status *st)
{
	if (!address_is_ascii(m->local))
		return refuse_local_part(m, st);
	buf_add_str(out, m->local);
	if (m->domain[0] == '\0')
		return 0;
	buf_add_char(out, '@');
	if (idn_to_ascii(m->domain, out, st) != 0)
		return -1;
	return address_is_ascii(m->domain) ? 0 : address_check(buf_str(out), st);
}

static int write_mailbox(struct walk *k, struct slice blanks, struct status *st)
{
	const struct mailbox *m = k->mailbox++;
	struct lexer *l = &k->lexer;
	struct slice written = slice_cut(l->text, m->spec_start, m->spec_end);
	while (l->start < m->spec_end && l->kind != TOKEN_END)
		lexer_next(l);
	k->written = m->spec_end;
	if (ascii_only(written)) {
		ascii_writer_plain(k->w, blanks, written);
		return 0;
	}
	struct buf address = { 0 };
	int result = add_ascii_address(m, &address, st);
	if (result == 0)
		ascii_writer_plain(k->w, blanks, buf_slice(&address));
	else if (st->kind == STATUS_BAD_MESSAGE)
		memcpy(st->enhanced, bad_address, sizeof bad_address);
	buf_release(&address);
	return result;
}

/* Nobody should write a source route any more, and all ignore it (RFC 5322, 4.4). */
static void skip_route(struct walk *k)
{
	while (!at_mailbox(k) && k->lexer.kind != TOKEN_END)
		lexer_next(&k->lexer);
	k->written = k->lexer.start;
}

static void write_separator(struct walk *k, struct slice blanks)
{
	enum token_kind kind = k->lexer.kind;
	ascii_writer_plain(k->w, blanks, take_token(k));
	k->after_comma = kind == TOKEN_COMMA;
	if (kind == TOKEN_LESS || kind == TOKEN_GREATER)
		k->in_angle = kind == TOKEN_LESS;
	if (kind == TOKEN_LESS && k->mailbox != k->mailboxes_end && k->lexer.kind == TOKEN_AT)
		skip_route(k);
}

/* A list without blanks has no place to fold at until it gets one. */
static struct slice blanks_after(struct walk *k, struct slice gap)
{
	struct slice blanks = ascii_writer_comments(k->w, gap);
	bool wants = k->after_comma && gap.len == 0 && k->w->column > LIST_COLUMNS &&
		     k->word == write_phrase_word && k->lexer.kind != TOKEN_END;
	k->after_comma = false;
	return wants ? slice_of(" ") : blanks;
}

static int walk(struct walk *k, struct status *st)
{
	struct lexer *l = &k->lexer;
	lexer_next(l);
	for (;;) {
		struct slice gap = slice_cut(l->text, k->written, l->start);
		struct slice blanks = blanks_after(k, gap);
		int result = 0;
		if (l->kind == TOKEN_END)
			return 0;
		if (at_mailbox(k))
			result = write_mailbox(k, blanks, st);
		else if (is_separator(l))
			write_separator(k, blanks);
		else
			result = k->word(k, blanks, st);
		if (result != 0)
			return -1;
	}
}

int ascii_tokens_addresses(struct ascii_writer *w, struct slice body,
			   const struct mailboxes *list, struct status *st)
{
	struct walk k = {
		.w = w,
		.lexer.text = body,
		.mailbox = list->at,
		.mailboxes_end = list->count != 0 ? list->at + list->count : NULL,
		.word = write_phrase_word,
	};
	return walk(&k, st);
}

int ascii_tokens_phrases(struct ascii_writer *w, struct slice body, struct status *st)
{
	struct walk k = { .w = w, .lexer.text = body, .word = write_phrase_word };
	return walk(&k, st);
}

int ascii_tokens_strict(struct ascii_writer *w, struct slice body, struct status *st)
{
	struct walk k = { .w = w, .lexer.text = body, .word = write_strict_word };
	return walk(&k, st);
}

int ascii_tokens_trace(struct ascii_writer *w, struct slice body, struct status *st)
{
	struct walk k = { .w = w, .lexer.text = body, .word = write_trace_word };
	return walk(&k, st);
}
