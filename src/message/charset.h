/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * charset - by what name may a text go whose character set nobody declared?
 *
 * Life: zero the struct, feed pieces of any size, ask. Holds no memory, and the answer does not
 * depend on how the input was cut.
 */
#ifndef MESSAGE_CHARSET_H
#define MESSAGE_CHARSET_H

#include "base/buf.h"

struct charset {
	bool eight_bit;
	bool broken; /* no UTF-8 */
	char cut[4]; /* the first bytes of a character whose rest is still to come */
	size_t cut_len;
};

void charset_feed(struct charset *c, struct slice piece);
/* "us-ascii", "utf-8", or "unknown-8bit" (RFC 1428, 3). The text ends here. */
const char *charset_name(const struct charset *c);

#endif
