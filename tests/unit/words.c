/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "words.h"

#include "base/base64.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* The offset in WORD behind the question mark at or behind FROM; 0 if there is none. */
static size_t behind_mark(struct slice word, size_t from)
{
	size_t at = from + slice_find(slice_cut(word, from, word.len), '?');
	return at < word.len ? at + 1 : 0;
}

static void add_q(struct slice text, struct buf *out)
{
	for (size_t i = 0; i < text.len; i++) {
		char hex[3] = { 0 };
		char *end = hex;
		if (text.data[i] == '=' && i + 2 < text.len) {
			memcpy(hex, text.data + i + 1, 2);
			unsigned long byte = strtoul(hex, &end, 16);
			if (end == hex + 2)
				buf_add_char(out, (char)byte);
		}
		if (end == hex + 2)
			i += 2;
		else
			buf_add_char(out, text.data[i] == '_' ? ' ' : text.data[i]);
	}
}

/* Append what WORD is decoded to, if it is an encoded word. */
static bool decode_word(struct slice word, struct buf *out)
{
	size_t charset = 2;
	size_t encoding = word.len > 6 && ascii_only(word) ? behind_mark(word, charset) : 0;
	size_t text = encoding != 0 ? behind_mark(word, encoding) : 0;
	size_t end = text != 0 ? behind_mark(word, text) : 0;
	if (end != word.len - 1 || memcmp(word.data, "=?", 2) != 0 ||
	    word.data[word.len - 1] != '=' || encoding - charset < 2 || text - encoding != 2)
		return false;
	char letter = ascii_lower(word.data[encoding]);
	struct slice inner = slice_cut(word, text, end - 1);
	if (letter == 'q')
		add_q(inner, out);
	else if (letter == 'b' && base64_decode(out, inner) != 0)
		buf_add_slice(out, inner);
	return letter == 'q' || letter == 'b';
}

static struct slice take_while(struct slice *rest, bool blank)
{
	size_t len = 0;
	while (len < rest->len && is_blank(rest->data[len]) == blank)
		len++;
	struct slice taken = slice_cut(*rest, 0, len);
	*rest = slice_cut(*rest, len, rest->len);
	return taken;
}

void words_decode(struct slice body, struct buf *out)
{
	struct buf unfolded = { 0 }, decoded = { 0 };
	bool after_encoded = false;
	for (size_t i = 0; i < body.len; i++) {
		if (body.data[i] != '\r' && body.data[i] != '\n')
			buf_add_char(&unfolded, body.data[i]);
	}
	struct slice rest = slice_trim(buf_slice(&unfolded));
	while (rest.len != 0) {
		struct slice blanks = take_while(&rest, true);
		struct slice word = take_while(&rest, false);
		buf_reset(&decoded);
		bool encoded = decode_word(word, &decoded);
		if (!encoded || !after_encoded)
			buf_add_slice(out, blanks);
		buf_add_slice(out, encoded ? buf_slice(&decoded) : word);
		after_encoded = encoded;
	}
	buf_release(&unfolded);
	buf_release(&decoded);
}
