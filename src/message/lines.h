/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * lines - any line ends become CRLF, once, in one pass over runs of bytes
 *
 * LF, CRLF and mixtures of both come in; CRLF alone goes out. CRs directly before an LF, or
 * before the end of the input, belong to that line end; any other CR becomes a blank (RFC
 * 5321, 2.3.8: neither CR nor LF may stand alone on the wire, and a server that sees a line end
 * where we saw none can be made to see a second message). A line end takes at most LINES_CRS of
 * them, which bounds the memory; those before are blanks.
 *
 * The same pass gathers what the envelope has to say about the message.
 *
 * Life: zero the struct, feed pieces of any size, finish once. A piece may end anywhere, even
 * between CR and LF; the answer does not depend on how the input was cut. Holds no memory.
 */
#ifndef MESSAGE_LINES_H
#define MESSAGE_LINES_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

#define LINES_CRS (64 * 1024)

struct facts {
	uint64_t size;       /* octets in canonical form */
	size_t longest_line; /* octets without CRLF */
	bool eight_bit;      /* a byte over 127 */
	bool nul;            /* a NUL */
	bool dot_line;       /* a line that begins with a dot */
};

struct lines {
	struct facts facts; /* true once finished; may be zeroed where a line begins */
	size_t line;        /* octets of the present line so far */
	size_t held_crs;    /* CRs that may belong to a line end */
};

/* Append the canonical form of PIECE to OUT. */
void lines_feed(struct lines *l, struct slice piece, struct buf *out);
/* The input ends here: append what is still owed, a CRLF too if the last line has none. */
void lines_finish(struct lines *l, struct buf *out);

/* Add to FACTS those of TEXT: canonical whole lines, a header section for example. */
void facts_add(struct facts *facts, struct slice text);

/* The facts of a text that consists of one with facts A and one with facts B behind it. */
struct facts facts_sum(const struct facts *a, const struct facts *b);

#endif
