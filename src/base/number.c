/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/number.h"

enum { MOST_DIGITS = 15 };

/* 16 for what is none. */
static unsigned digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

bool number_take(struct slice *rest, int base, uint64_t most, uint64_t *into)
{
	struct slice word = { 0 };
	if (!slice_next(rest, ' ', &word) || word.len == 0 || word.len > MOST_DIGITS)
		return false;
	*into = 0;
	for (size_t i = 0; i < word.len; i++) {
		unsigned value = digit(word.data[i]);
		if (value >= (unsigned)base)
			return false;
		*into = *into * (uint64_t)base + value;
	}
	return *into <= most;
}

/* A list of the queue checks ten thousand headers at once, where printf is what takes longest.
 */
void number_add(struct buf *out, int base, size_t width, uint64_t value)
{
	char text[20];
	size_t at = sizeof text;
	do {
		text[--at] = "0123456789abcdef"[value % (unsigned)base];
		value /= (unsigned)base;
	} while (value != 0);
	while (at != 0 && sizeof text - at < width)
		text[--at] = '0';
	buf_add(out, text + at, sizeof text - at);
}

void number_add_signed(struct buf *out, int64_t value)
{
	if (value < 0)
		buf_add_char(out, '-');
	number_add(out, 10, 1, value < 0 ? -(uint64_t)value : (uint64_t)value);
}
