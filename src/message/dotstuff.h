/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dotstuff - make any text safe between DATA and the final dot
 *
 * SMTP ends a message with a line holding a single dot, so a line that begins with one gets a
 * second on the wire (RFC 5321, 4.5.2). Input has canonical line ends (lines.h).
 *
 * Life: zero the struct, feed pieces of any size. It holds no memory, and the answer does not
 * depend on how the input was cut.
 */
#ifndef MESSAGE_DOTSTUFF_H
#define MESSAGE_DOTSTUFF_H

#include "base/buf.h"

#include <stdbool.h>

struct dotstuff {
	bool inside_line; /* false at the start of a line, hence in a zeroed struct */
};

/* Append the stuffed form of PIECE to OUT, which grows by at most twice the length of PIECE. */
void dotstuff_feed(struct dotstuff *d, struct slice piece, struct buf *out);

#endif
