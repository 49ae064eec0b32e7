/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/pem.h"

#include <string.h>

static const char *const labels[] = {
	"-----BEGIN CERTIFICATE-----",
	"-----BEGIN X509 CERTIFICATE-----",
};

static const char end_mark[] = "-----END ";

enum { BLANK = 64, ALIEN = -1 };

/* What a byte stands for, plus one: digits are 1 to 64, BLANK is 65, and all the rest ALIEN. */
/* clang-format off */
static const unsigned char digits[256] = {
	['A'] = 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13,
	14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26,
	['a'] = 27, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39,
	40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50, 51, 52,
	['0'] = 53, 54, 55, 56, 57, 58, 59, 60, 61, 62,
	['+'] = 63, ['/'] = 64,
	[' '] = BLANK + 1, ['\t'] = BLANK + 1, ['\r'] = BLANK + 1, ['\n'] = BLANK + 1,
};
/* clang-format on */

static int digit(char c)
{
	return digits[(unsigned char)c] - 1;
}

static bool starts(struct slice s, const char *mark)
{
	size_t len = strlen(mark);
	return s.len >= len && memcmp(s.data, mark, len) == 0;
}

/* How many bytes of S, which begins with a dash, open a certificate; 0 if they do not. */
static size_t opening(struct slice s)
{
	for (size_t i = 0; i < sizeof labels / sizeof *labels; i++) {
		if (starts(s, labels[i]))
			return strlen(labels[i]);
	}
	return 0;
}

/* Base64 has no dash, so the search jumps from dash to dash. */
bool pem_next(struct slice *rest, struct slice *body)
{
	for (;;) {
		struct slice here = slice_cut(*rest, slice_find(*rest, '-'), rest->len);
		if (here.len == 0)
			return false;
		size_t skip = opening(here);
		*rest = slice_cut(here, skip != 0 ? skip : 1, here.len);
		if (skip == 0)
			continue;
		*body = slice_cut(*rest, 0, slice_find(*rest, '-'));
		*rest = slice_cut(*rest, body->len, rest->len);
		if (starts(*rest, end_mark))
			return true;
	}
}

/*
 * Four digits make three bytes: decode as many fours in a row as TEXT begins with and OUT has
 * room for. Gives how many.
 */
static size_t decode_fours(struct slice text, unsigned char *out, size_t room)
{
	size_t max = text.len / 4 < room / 3 ? text.len / 4 : room / 3;
	const char *in = text.data;
	for (size_t n = 0; n < max; n++, in += 4, out += 3) {
		int a = digit(in[0]), b = digit(in[1]), c = digit(in[2]), d = digit(in[3]);
		if (((a | b | c | d) & ~63) != 0)
			return n;
		int bits = a << 18 | b << 12 | c << 6 | d;
		out[0] = (unsigned char)(bits >> 16);
		out[1] = (unsigned char)(bits >> 8);
		out[2] = (unsigned char)bits;
	}
	return max;
}

/* By fours where that goes, and one by one around line ends and at the end. */
size_t pem_decode(struct slice *body, unsigned char *out, size_t room)
{
	unsigned bits = 0, held = 0;
	size_t len = 0;
	while (body->len != 0 && len < room) {
		size_t fours = held == 0 ? decode_fours(*body, out + len, room - len) : 0;
		if (fours != 0) {
			*body = slice_cut(*body, 4 * fours, body->len);
			len += 3 * fours;
			continue;
		}
		int d = digit(*body->data);
		if (d == ALIEN)
			break;
		*body = slice_cut(*body, 1, body->len);
		if (d == BLANK)
			continue;
		bits = bits << 6 | (unsigned)d;
		held += 6;
		if (held >= 8) {
			held -= 8;
			out[len++] = (unsigned char)(bits >> held);
		}
	}
	return len;
}
