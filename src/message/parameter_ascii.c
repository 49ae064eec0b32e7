/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/parameter_ascii.h"

#include "base/utf8.h"
#include "message/address_lexer.h"
#include "message/ascii_tokens.h"
#include "message/encoded_word.h"
#include "message/quoted_string.h"

#include <string.h>

/* RFC 2231, 7: attribute-char */
#define ATTRIBUTE_CHARS                                                                        \
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$&+-.^_`{|}~"

enum {
	LINE_COLUMNS = 78, /* RFC 5322, 2.1.1 */
	ROOM_MIN = 12,     /* for a character of four bytes */
};

struct parameter {
	struct slice name;
	struct slice value;
};

static bool is_one_of(char c, const char *set)
{
	return c != '\0' && strchr(set, c) != NULL;
}

static size_t percent_length(struct slice text)
{
	size_t len = 0;
	for (size_t i = 0; i < text.len; i++)
		len += is_one_of(text.data[i], ATTRIBUTE_CHARS) ? 1 : 3;
	return len;
}

/* Append TEXT, all encoded but the characters of SAFE. */
static void add_percent(struct buf *out, struct slice text, const char *safe)
{
	for (size_t i = 0; i < text.len; i++) {
		if (is_one_of(text.data[i], safe))
			buf_add_char(out, text.data[i]);
		else
			buf_addf(out, "%%%02X", (unsigned char)text.data[i]);
	}
}

/* Write TEXT as parts of a parameter called NAME, each on its line (RFC 2231, 3 and 4.1). */
static void write_parts(struct ascii_writer *w, struct slice name, struct slice text)
{
	struct buf part = { 0 };
	const char *charset = text_charset(text);
	for (unsigned i = 0; text.len != 0; i++) {
		buf_addf(&part, "%.*s*%u*=", (int)name.len, name.data, i);
		if (i == 0)
			buf_addf(&part, "%s''", charset);
		else
			ascii_writer_plain(w, slice_of(""), slice_of(";"));
		size_t used = part.len + strlen(" ;");
		size_t room = used + ROOM_MIN < LINE_COLUMNS ? LINE_COLUMNS - used : ROOM_MIN;
		struct slice piece = take_characters(text, room, percent_length);
		add_percent(&part, piece, ATTRIBUTE_CHARS);
		ascii_writer_plain(w, slice_of(" "), buf_slice(&part));
		buf_reset(&part);
		text = slice_cut(text, piece.len, text.len);
	}
	buf_release(&part);
}

static void write_extended(struct ascii_writer *w, struct slice blanks, struct slice name,
			   struct slice text)
{
	struct buf whole = { 0 };
	buf_add_slice(&whole, name);
	buf_addf(&whole, "*=%s''", text_charset(text));
	add_percent(&whole, text, ATTRIBUTE_CHARS);
	if (whole.len + strlen(" ;") <= LINE_COLUMNS)
		ascii_writer_plain(w, blanks.len != 0 ? blanks : slice_of(" "),
				   buf_slice(&whole));
	else
		write_parts(w, name, text);
	buf_release(&whole);
}

/* The value is extended already, and lacks only some of its encoding. */
static void write_mended(struct ascii_writer *w, struct slice blanks, struct slice name,
			 struct slice text)
{
	struct buf whole = { 0 };
	buf_add_slice(&whole, name);
	buf_add_char(&whole, '=');
	add_percent(&whole, text, ATTRIBUTE_CHARS "%'");
	ascii_writer_plain(w, blanks, buf_slice(&whole));
	buf_release(&whole);
}

/* Append what VALUE stands for; without quotes that is what is written there. */
static void read_value(struct slice value, struct buf *out)
{
	struct lexer l = { .text = value };
	lexer_next(&l);
	if (l.kind == TOKEN_QUOTED && l.end == value.len) {
		quoted_string_read(out, slice_cut(value, 1, value.len - 1));
		return;
	}
	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] != '\r' && value.data[i] != '\n')
			buf_add_char(out, value.data[i]);
	}
}

static bool is_name(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!is_one_of(s.data[i], ATTRIBUTE_CHARS "*"))
			return false;
	}
	return s.len != 0 && !slice_is_nocase(s, "boundary");
}

/* TEXT is what stands between two semicolons. */
static int write_parameter(struct ascii_writer *w, struct slice blanks, struct slice text,
			   struct status *st)
{
	size_t equals = slice_find(text, '=');
	struct slice name = slice_trim(slice_cut(text, 0, equals));
	bool mends = name.len != 0 && name.data[name.len - 1] == '*';
	bool in_parts = slice_find(name, '*') != name.len;
	if (ascii_only(text)) {
		ascii_writer_plain(w, blanks, text);
		return 0;
	}
	if (equals == text.len || !is_name(name) || (in_parts && !mends))
		return ascii_tokens_refuse(text, st);
	struct buf value = { 0 };
	read_value(slice_trim(slice_cut(text, equals + 1, text.len)), &value);
	if (mends)
		write_mended(w, blanks, name, buf_slice(&value));
	else
		write_extended(w, blanks, name, buf_slice(&value));
	buf_release(&value);
	return 0;
}

/* Take what stands up to the next semicolon, or that itself. */
static struct slice take_part(struct lexer *l)
{
	size_t start = l->start, end = l->end;
	bool semicolon = l->kind == TOKEN_SEMICOLON;
	lexer_next(l);
	while (!semicolon && l->kind != TOKEN_SEMICOLON && l->kind != TOKEN_END) {
		end = l->end;
		lexer_next(l);
	}
	return slice_cut(l->text, start, end);
}

int parameter_ascii(struct ascii_writer *w, struct slice body, struct status *st)
{
	struct lexer l = { .text = body };
	size_t written = 0;
	bool first = true;
	lexer_next(&l);
	for (;;) {
		struct slice gap = slice_cut(body, written, l.start);
		struct slice blanks = ascii_writer_comments(w, gap);
		if (l.kind == TOKEN_END)
			return 0;
		struct slice part = take_part(&l);
		if (first && !ascii_only(part))
			return ascii_tokens_refuse(part, st);
		if (write_parameter(w, blanks, part, st) != 0)
			return -1;
		first = false;
		written = (size_t)(part.data - body.data) + part.len;
	}
}
