/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/address_spec.h"

#include "base/mem.h"
#include "message/quoted_string.h"

#include <string.h>

/* Words with dots between them: a local part or a domain in the making. */
struct dotted {
	struct buf text; /* without quotes, escapes, folds, comments and blanks */
	bool any_word;
	bool any_quoted;
};

/* Append LITERAL without blanks and folds. */
static void add_literal(struct buf *out, struct slice literal)
{
	for (size_t i = 0; i < literal.len; i++) {
		if (strchr(" \t\r\n", literal.data[i]) == NULL)
			buf_add_char(out, literal.data[i]);
	}
}

/*
 * Read words and dots, up to a second word without a dot before it or to anything else; *END
 * gets the offset behind the last one. Dots may stand anywhere: some Japanese carriers gave out
 * such addresses.
 */
static struct dotted read_dotted(struct lexer *l, bool quoted_too, size_t *end)
{
	struct dotted d = { 0 };
	bool after_word = false;
	for (;;) {
		bool quoted = quoted_too && l->kind == TOKEN_QUOTED;
		bool word = quoted || l->kind == TOKEN_ATOM;
		if (word ? after_word : l->kind != TOKEN_DOT)
			return d;
		if (quoted)
			quoted_string_read(&d.text,
					   slice_cut(l->text, l->start + 1, l->end - 1));
		else
			buf_add_slice(&d.text, lexer_token(l));
		d.any_word = d.any_word || word;
		d.any_quoted = d.any_quoted || quoted;
		after_word = word;
		*end = l->end;
		lexer_next(l);
	}
}

/* The local part; FROM is where an error is shown. */
static int read_local(struct lexer *l, size_t from, struct mailbox *m)
{
	m->spec_start = l->start;
	struct dotted d = read_dotted(l, true, &m->spec_end);
	struct slice text = buf_slice(&d.text);
	if (!d.any_word || any_control(text)) {
		const char *problem =
			d.any_word ? "control character in an address" : "missing address";
		buf_release(&d.text);
		return lexer_fail(l, from, problem);
	}
	if (d.any_quoted && !is_dot_atom(text)) {
		struct buf quoted = { 0 };
		quoted_string_write(&quoted, text);
		buf_release(&d.text);
		d.text = quoted;
	}
	m->local = buf_take(&d.text);
	return 0;
}

/* "example.com." is the whole name, as DNS has it; SMTP has no place for that dot. */
static void drop_root_dot(struct buf *domain)
{
	size_t len = domain->len;
	if (len >= 2 && domain->data[len - 1] == '.' && domain->data[len - 2] != '.')
		domain->data[--domain->len] = '\0';
}

static int read_domain(struct lexer *l, struct mailbox *m)
{
	struct dotted d = { 0 };
	if (l->kind == TOKEN_LITERAL) {
		add_literal(&d.text, lexer_token(l));
		m->spec_end = l->end;
		lexer_next(l);
	} else {
		d = read_dotted(l, false, &m->spec_end);
		if (!d.any_word) {
			buf_release(&d.text);
			return lexer_fail(l, m->spec_start, "missing domain");
		}
		drop_root_dot(&d.text);
	}
	m->domain = buf_take(&d.text);
	return 0;
}

int address_spec_read(struct lexer *l, size_t from, struct mailbox *m)
{
	if (read_local(l, from, m) != 0)
		return -1;
	if (l->kind == TOKEN_AT) {
		lexer_next(l);
		return read_domain(l, m);
	}
	m->domain = mem_copy("");
	return 0;
}
