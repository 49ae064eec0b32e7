/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/ascii_writer.h"

#include "base/utf8.h"
#include "message/encoded_word.h"
#include "message/quoted_string.h"

#include <string.h>

enum {
	LINE_COLUMNS = 78, /* RFC 5322, 2.1.1 */
	/* More blanks than these before a word to encode are encoded with it. */
	BLANKS_MAX = 32,
	/* A line with both of these and a field's name before it keeps below 998 octets. */
	PLAIN_BLANKS_MAX = 90,
	PLAIN_WORD_MAX = 900,
};

/* The offset behind the last LF of S; 0 if there is none. */
static size_t behind_last_lf(struct slice s)
{
	size_t at = s.len;
	while (at != 0 && s.data[at - 1] != '\n')
		at--;
	return at;
}

/* Append S; no fold goes before what has one inside. */
static void add(struct ascii_writer *w, struct slice s)
{
	size_t line = behind_last_lf(s);
	buf_add_slice(&w->out, s);
	w->column = s.len - line + (line == 0 ? w->column : 0);
	if (line != 0)
		w->may_fold = false;
}

static void add_blanks(struct ascii_writer *w, struct slice blanks)
{
	if (blanks.len == 0)
		return;
	w->fold = w->out.len;
	w->may_fold = true;
	add(w, blanks);
}

/* If the line is wider than COLUMNS, begin a new one with the last blanks where a fold may go.
 */
static void fold_if_over(struct ascii_writer *w, size_t columns)
{
	if (w->column <= columns || !w->may_fold)
		return;
	size_t moved = w->out.len - w->fold;
	buf_add_str(&w->out, "\r\n");
	memmove(w->out.data + w->fold + 2, w->out.data + w->fold, moved);
	memcpy(w->out.data + w->fold, "\r\n", 2);
	w->column = moved;
	w->may_fold = false;
}

static void add_unfolded(struct buf *out, struct slice blanks)
{
	for (size_t i = 0; i < blanks.len; i++) {
		if (blanks.data[i] != '\r' && blanks.data[i] != '\n')
			buf_add_char(out, blanks.data[i]);
	}
}

/* There may be no place to fold at, behind many parentheses say; then a blank more does it. */
static void write_run(struct ascii_writer *w)
{
	add_blanks(w, w->blanks);
	fold_if_over(w, ENCODED_WORD_LAST_START);
	if (w->column > ENCODED_WORD_LAST_START)
		add(w, slice_of("\r\n "));
	w->column = encoded_words_write(&w->out, w->column, w->charset, buf_slice(&w->run));
	buf_reset(&w->run);
	w->may_fold = false;
	w->after_encoded = true;
}

void ascii_writer_plain(struct ascii_writer *w, struct slice blanks, struct slice word)
{
	bool encoded = is_encoded_word(word);
	bool closes = word.len != 0 && word.data[0] == ')';
	bool apart = w->run.len != 0 ? !closes : w->out.len == 0;
	if (w->run.len != 0 && encoded)
		add_unfolded(&w->run, blanks);
	if (w->run.len != 0)
		write_run(w);
	add_blanks(w, blanks.len == 0 && apart ? slice_of(" ") : blanks);
	add(w, word);
	fold_if_over(w, LINE_COLUMNS);
	w->after_encoded = encoded;
}

static bool ends_with_parenthesis(struct slice s)
{
	return s.len != 0 && s.data[s.len - 1] == '(';
}

/*
 * Behind an encoded word readers drop blanks, so all of them are encoded; elsewhere all of many
 * but the first.
 */
static void begin_run(struct ascii_writer *w, struct slice blanks)
{
	size_t first = 0;
	if (w->after_encoded) {
		w->blanks = slice_of(" ");
		add_unfolded(&w->run, blanks);
	} else if (blanks.len > BLANKS_MAX) {
		while (blanks.data[first] == '\r' || blanks.data[first] == '\n')
			first++;
		w->blanks = slice_cut(blanks, first, first + 1);
		add_unfolded(&w->run, slice_cut(blanks, first + 1, blanks.len));
	} else {
		bool apart = blanks.len == 0 && !ends_with_parenthesis(buf_slice(&w->out));
		w->blanks = apart ? slice_of(" ") : blanks;
	}
}

void ascii_writer_encode(struct ascii_writer *w, struct slice blanks, struct slice text)
{
	const char *charset = text_charset(text);
	if (w->run.len != 0 && strcmp(charset, w->charset) != 0)
		write_run(w);
	if (w->run.len != 0)
		add_unfolded(&w->run, blanks);
	else
		begin_run(w, blanks);
	w->charset = charset;
	buf_add_slice(&w->run, text);
}

void ascii_writer_finish(struct ascii_writer *w)
{
	if (w->run.len != 0)
		write_run(w);
}

void ascii_writer_release(struct ascii_writer *w)
{
	buf_release(&w->out);
	buf_release(&w->run);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* Take the blanks at the front off *TEXT. */
static struct slice take_blanks(struct slice *text)
{
	size_t len = 0;
	while (len < text->len && is_blank(text->data[len]))
		len++;
	struct slice blanks = slice_cut(*text, 0, len);
	*text = slice_cut(*text, len, text->len);
	return blanks;
}

static bool stays(struct slice blanks, struct slice word)
{
	bool fits = blanks.len <= PLAIN_BLANKS_MAX && word.len <= PLAIN_WORD_MAX;
	return ascii_only(word) && (fits || is_encoded_word(word));
}

void ascii_writer_text(struct ascii_writer *w, struct slice text)
{
	struct slice blanks = take_blanks(&text);
	while (text.len != 0) {
		size_t len = 0;
		while (len < text.len && !is_blank(text.data[len]))
			len++;
		struct slice word = slice_cut(text, 0, len);
		if (stays(blanks, word))
			ascii_writer_plain(w, blanks, word);
		else
			ascii_writer_encode(w, blanks, word);
		text = slice_cut(text, len, text.len);
		blanks = take_blanks(&text);
	}
}

static bool is_parenthesis(char c)
{
	return c == '(' || c == ')';
}

/* Take the word of a comment that *TEXT begins with; a parenthesis is one by itself. */
static struct slice take_comment_word(struct slice *text)
{
	size_t len = is_parenthesis(text->data[0]) ? 1 : 0;
	if (len == 0) {
		while (len < text->len && !is_blank(text->data[len]) &&
		       !is_parenthesis(text->data[len]))
			len += text->data[len] == '\\' ? 2 : 1;
	}
	struct slice word = slice_cut(*text, 0, len);
	*text = slice_cut(*text, len, text->len);
	return word;
}

struct slice ascii_writer_comments(struct ascii_writer *w, struct slice gap)
{
	struct slice blanks = take_blanks(&gap);
	while (gap.len != 0) {
		struct slice word = take_comment_word(&gap);
		if (stays(blanks, word)) {
			ascii_writer_plain(w, blanks, word);
		} else {
			struct buf text = { 0 };
			quoted_string_read(&text, word);
			ascii_writer_encode(w, blanks, buf_slice(&text));
			buf_release(&text);
		}
		blanks = take_blanks(&gap);
	}
	return blanks;
}
