/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/base64.h"

#include "base/mem.h"

#include <string.h>

static const char alphabet[] =
	"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

enum { LETTERS = 64 };

static void encode_group(const unsigned char *from, char *to)
{
	to[0] = alphabet[from[0] >> 2];
	to[1] = alphabet[(from[0] & 3) << 4 | from[1] >> 4];
	to[2] = alphabet[(from[1] & 15) << 2 | from[2] >> 6];
	to[3] = alphabet[from[2] & 63];
}

void base64_encode(struct buf *out, struct slice data)
{
	const unsigned char *from = (const unsigned char *)data.data;
	size_t whole = data.len / 3, rest = data.len % 3;
	char *to = buf_reserve(out, (whole + 1) * 4);
	for (size_t i = 0; i < whole; i++)
		encode_group(from + 3 * i, to + 4 * i);
	out->len += whole * 4;
	to[whole * 4] = '\0';
	if (rest == 0)
		return;
	unsigned char last[3] = { 0 };
	char group[4];
	memcpy(last, from + 3 * whole, rest);
	encode_group(last, group);
	memset(group + 1 + rest, '=', 3 - rest);
	buf_add(out, group, sizeof group);
	mem_wipe(last, sizeof last);
	mem_wipe(group, sizeof group);
}

static size_t padding(struct slice text)
{
	size_t count = 0;
	while (count < 2 && count < text.len && text.data[text.len - 1 - count] == '=')
		count++;
	return count;
}

/*
 * Six bits come in with each letter, eight go out with each byte. With a length that is a
 * multiple of four, zero to two padding characters leave zero, two or four bits over, and those
 * must be zero.
 */
static int decode_letters(struct buf *out, struct slice letters)
{
	unsigned bits = 0, have = 0;
	for (size_t i = 0; i < letters.len; i++) {
		const char *letter = memchr(alphabet, letters.data[i], LETTERS);
		if (letter == NULL)
			return -1;
		bits = bits << 6 | (unsigned)(letter - alphabet);
		have += 6;
		if (have < 8)
			continue;
		have -= 8;
		buf_add_char(out, (char)(bits >> have));
		bits &= (1u << have) - 1;
	}
	return bits == 0 ? 0 : -1;
}

int base64_decode(struct buf *out, struct slice text)
{
	if (text.len % 4 != 0)
		return -1;
	size_t before = out->len;
	buf_reserve(out, text.len / 4 * 3);
	if (decode_letters(out, slice_cut(text, 0, text.len - padding(text))) == 0)
		return 0;
	mem_wipe(out->data + before, out->len - before);
	out->len = before;
	return -1;
}
