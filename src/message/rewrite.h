/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rewrite - another address in a field that says who a message is from; names and comments
 * beside it stay
 */
#ifndef MESSAGE_REWRITE_H
#define MESSAGE_REWRITE_H

#include "base/buf.h"
#include "message/address.h"
#include "message/header.h"

#include <stdbool.h>

/* Who knows other addresses. */
struct renaming {
	/* Append to OUT the local@domain that stands for M; false: M stands for itself. */
	bool (*find)(const void *context, const struct mailbox *m, struct buf *out);
	const void *context; /* borrowed */
};

/* Give the mailboxes of F their other addresses. A field that cannot be read stays. */
void rewrite_renamed(struct field *f, const struct renaming *r);

enum from_rule {
	FROM_STAYS,
	FROM_MISSING, /* rewritten if it names nobody outside of this machine */
	FROM_ALWAYS,
};

struct from_rewrite {
	enum from_rule rule;
	const char *address; /* borrowed: the new one; NULL or "": nothing is rewritten */
	const char *host;    /* borrowed: this machine's name, with or without a domain */
	bool keep_original;  /* in Reply-To, if there is none */
};

/*
 * Apply R to From, the field of H at index AT (or to Resent-From, whose original is not kept).
 * FROM_MISSING rewrites a bare local part, one at `host`, at its first label or at localhost,
 * if it stands alone; FROM_ALWAYS rewrites all, and leaves one mailbox of several. A From that
 * is to be rewritten, but names nobody or cannot be read, is removed: a new one is the caller's
 * business.
 */
void rewrite_from(struct header *h, size_t at, const struct from_rewrite *r);

#endif
