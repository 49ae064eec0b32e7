/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/redact.h"

#include "net/tap.h"

#include <string.h>

enum { SHORTEST = 4 };

static void redact_one(struct buf *text, const char *secret)
{
	size_t len = strlen(secret);
	if (len < SHORTEST || memmem(buf_str(text), text->len, secret, len) == NULL)
		return;
	struct buf clean = { 0 };
	struct slice rest = buf_slice(text);
	const char *hit;
	while ((hit = memmem(rest.data, rest.len, secret, len)) != NULL) {
		size_t at = (size_t)(hit - rest.data);
		buf_add_slice(&clean, slice_cut(rest, 0, at));
		buf_add_str(&clean, TAP_SECRET);
		rest = slice_cut(rest, at + len, rest.len);
	}
	buf_add_slice(&clean, rest);
	buf_release_secret(text);
	*text = clean;
}

void redact(struct buf *text, const struct strings *secrets)
{
	for (size_t left = secrets != NULL ? secrets->count : 0; left > 0; left--)
		redact_one(text, secrets->at[left - 1]);
}
