/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/encoded_word.h"

#include "base/base64.h"
#include "base/utf8.h"

#include <string.h>

/* RFC 2047, 5 (3), which is the strictest of its lists */
#define Q_SAFE "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!*+-/"

/* RFC 2047, 2: so wide is a line with an encoded word in it. */
enum { LINE_COLUMNS = 76 };

/* What is around charset and text: two marks at each end, and what is between. */
enum { FRAME = 7 };

struct encoding {
	char letter;
	size_t (*length)(struct slice text);
	void (*write)(struct buf *out, struct slice text);
};

static bool is_q_literal(char c)
{
	return c == ' ' || (c != '\0' && strchr(Q_SAFE, c) != NULL);
}

static size_t q_length(struct slice text)
{
	size_t len = 0;
	for (size_t i = 0; i < text.len; i++)
		len += is_q_literal(text.data[i]) ? 1 : 3;
	return len;
}

static size_t b_length(struct slice text)
{
	return (text.len + 2) / 3 * 4;
}

static void q_write(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (!is_q_literal(text.data[i]))
			buf_addf(out, "=%02X", (unsigned char)text.data[i]);
		else
			buf_add_char(out, text.data[i] == ' ' ? '_' : text.data[i]);
	}
}

static const struct encoding q_encoding = { 'Q', q_length, q_write };
static const struct encoding b_encoding = { 'B', b_length, base64_encode };

const char *text_charset(struct slice text)
{
	return utf8_valid(text) ? "UTF-8" : "unknown-8bit";
}

struct slice take_characters(struct slice text, size_t room,
			     size_t (*encoded_length)(struct slice text))
{
	size_t end = 0, next = 0;
	while (next < text.len) {
		size_t len = utf8_length(slice_cut(text, next, text.len));
		next += len != 0 ? len : 1;
		if (encoded_length(slice_cut(text, 0, next)) > room)
			break;
		end = next;
	}
	return slice_cut(text, 0, end);
}

size_t encoded_words_write(struct buf *out, size_t column, const char *charset,
			   struct slice text)
{
	bool q = q_length(text) <= b_length(text);
	const struct encoding *e = q ? &q_encoding : &b_encoding;
	size_t frame = FRAME + strlen(charset);
	for (;;) {
		size_t start = out->len;
		struct slice part =
			take_characters(text, LINE_COLUMNS - frame - column, e->length);
		buf_addf(out, "=?%s?%c?", charset, e->letter);
		e->write(out, part);
		buf_add_str(out, "?=");
		column += out->len - start;
		text = slice_cut(text, part.len, text.len);
		if (text.len == 0)
			return column;
		buf_add_str(out, "\r\n ");
		column = 1;
	}
}

bool is_encoded_word(struct slice word)
{
	struct slice charset, encoding, text;
	if (word.len < FRAME || !slice_starts_nocase(word, "=?") ||
	    !slice_is(slice_cut(word, word.len - 2, word.len), "?="))
		return false;
	struct slice rest = slice_cut(word, 2, word.len - 2);
	return slice_next(&rest, '?', &charset) && slice_next(&rest, '?', &encoding) &&
	       slice_next(&rest, '?', &text) && !slice_next(&rest, '?', &text) &&
	       charset.len != 0 &&
	       (slice_is_nocase(encoding, "Q") || slice_is_nocase(encoding, "B"));
}
