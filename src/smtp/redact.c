/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/redact.h"

#include "net/tap.h"

#include <string.h>

enum { SHORTEST = 4 };

static void redact_one(struct buf *text, size_t kept, const char *secret)
{
	size_t len = strlen(secret);
	struct slice rest = slice_cut(buf_slice(text), kept, text->len);
	if (len < SHORTEST || memmem(rest.data, rest.len, secret, len) == NULL)
		return;
	struct buf clean = { 0 };
	const char *hit;
	buf_add(&clean, text->data, kept);
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

void redact(struct buf *text, size_t kept, const struct strings *secrets)
{
	for (size_t left = secrets != NULL ? secrets->count : 0; left > 0; left--)
		redact_one(text, kept, secrets->at[left - 1]);
}
