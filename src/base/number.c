/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/number.h"

#include <string.h>

enum { MOST_DIGITS = 15 };

bool number_take(struct slice *rest, int base, uint64_t most, uint64_t *into)
{
	static const char digits[] = "0123456789abcdef";
	struct slice word = { 0 };
	if (!slice_next(rest, ' ', &word) || word.len == 0 || word.len > MOST_DIGITS)
		return false;
	*into = 0;
	for (size_t i = 0; i < word.len; i++) {
		const char *at = memchr(digits, word.data[i], (size_t)base);
		if (at == NULL)
			return false;
		*into = *into * (uint64_t)base + (uint64_t)(at - digits);
	}
	return *into <= most;
}
