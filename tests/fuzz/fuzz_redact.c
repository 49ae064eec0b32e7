/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A secret, LF, another one, LF, and a text: neither remains in it, and nothing else is lost. A
 * secret with an asterisk may be seen in what stands for one, so there are none of those here.
 */
#include "smtp/redact.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static bool is_fit(struct slice secret)
{
	return secret.len >= 4 && slice_find(secret, '*') == secret.len &&
	       slice_find(secret, '\0') == secret.len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_n(size != 0 ? (const char *)data : "", size), first, second;
	if (!slice_next(&text, '\n', &first) || !slice_next(&text, '\n', &second) ||
	    !is_fit(first) || !is_fit(second))
		return 0;
	struct strings secrets = { 0 };
	struct buf clean = { 0 };
	strings_add_slice(&secrets, first);
	strings_add_slice(&secrets, second);
	buf_add_slice(&clean, text);
	bool had_any =
		text.len != 0 && (memmem(text.data, text.len, first.data, first.len) != NULL ||
				  memmem(text.data, text.len, second.data, second.len) != NULL);
	redact(&clean, 0, &secrets);
	demand(memmem(buf_str(&clean), clean.len, first.data, first.len) == NULL);
	demand(memmem(buf_str(&clean), clean.len, second.data, second.len) == NULL);
	demand(had_any || (clean.len == text.len &&
			   (text.len == 0 || memcmp(clean.data, text.data, text.len) == 0)));
	buf_release(&clean);
	strings_release(&secrets);
	return 0;
}
