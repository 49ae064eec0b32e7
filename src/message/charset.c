/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/charset.h"

#include "base/utf8.h"

#include <stdint.h>
#include <string.h>

/* How many bytes of ASCII does S begin with? */
static size_t ascii_length(struct slice s)
{
	size_t len = 0;
	uint64_t word = 0;
	for (; len + sizeof word <= s.len; len += sizeof word) {
		memcpy(&word, s.data + len, sizeof word);
		if ((word & 0x8080808080808080) != 0)
			break;
	}
	while (len < s.len && (unsigned char)s.data[len] < 0x80)
		len++;
	return len;
}

/* Complete the character that the last piece cut, if TEXT goes so far. */
static void mend(struct charset *c, struct slice *text)
{
	while (c->cut_len != 0 && text->len != 0) {
		if (c->cut_len == sizeof c->cut) {
			c->broken = true;
			return;
		}
		c->cut[c->cut_len++] = text->data[0];
		*text = slice_cut(*text, 1, text->len);
		if (utf8_length(slice_n(c->cut, c->cut_len)) == c->cut_len)
			c->cut_len = 0;
	}
}

/* TEXT begins with no ASCII. Returns how much of it is dealt with. */
static size_t take_character(struct charset *c, struct slice text)
{
	size_t len = utf8_length(text);
	c->eight_bit = true;
	if (len != 0)
		return len;
	if (text.len >= sizeof c->cut) {
		c->broken = true;
	} else {
		memcpy(c->cut, text.data, text.len);
		c->cut_len = text.len;
	}
	return text.len;
}

void charset_feed(struct charset *c, struct slice piece)
{
	mend(c, &piece);
	while (piece.len != 0 && !c->broken) {
		size_t len = ascii_length(piece);
		if (len == 0)
			len = take_character(c, piece);
		piece = slice_cut(piece, len, piece.len);
	}
}

const char *charset_name(const struct charset *c)
{
	if (!c->eight_bit)
		return "us-ascii";
	return c->broken || c->cut_len != 0 ? "unknown-8bit" : "utf-8";
}
