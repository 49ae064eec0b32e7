/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * quoted_printable - text that mostly is ASCII, in lines of at most 76 columns of nothing but
 * ASCII (RFC 2045, 6.7)
 *
 * Takes canonical text (CRLF; lines.h) and keeps its line ends. Besides what has to be encoded,
 * it encodes what others may trip over: a dot at the start of a line (SMTP), the blank of a
 * leading "From " (mbox), and the second of two leading hyphens, so that no line, also none
 * that a soft break begins, can pass for a delimiter of a multipart.
 *
 * Life: zero the struct, feed pieces of any size, finish once. Holds no memory, and the answer
 * does not depend on how the input was cut.
 */
#ifndef MESSAGE_QUOTED_PRINTABLE_H
#define MESSAGE_QUOTED_PRINTABLE_H

#include "base/buf.h"

struct quoted_printable {
	size_t column; /* of the present line of output */
	char start[4]; /* what this line begins with, as far as it is not encoded */
	char held;     /* a blank or CR that may belong to a line end; 0: none */
};

/* Append what PIECE becomes to OUT. */
void quoted_printable_feed(struct quoted_printable *q, struct slice piece, struct buf *out);
/* The text ends here. */
void quoted_printable_finish(struct quoted_printable *q, struct buf *out);

/*
 * Text that is quoted-printable already, with what should not be in it: bytes over 127, NULs
 * and long lines. Those bytes are encoded, and soft breaks cut the lines, so that it decodes to
 * the same as before. What follows "=" stays as it is where that is an escape or a line end;
 * any other "=" stands for itself, and becomes "=3D". Blanks stay, because those at the end of
 * a line are dropped by who decodes it; so a line with very many of them stays long.
 *
 * Life: as above.
 */
struct quoted_printable_mend {
	struct quoted_printable q;
	char held[2]; /* "=", perhaps with a digit behind it */
	size_t held_len;
};

void quoted_printable_mend(struct quoted_printable_mend *m, struct slice piece,
			   struct buf *out);
void quoted_printable_mend_finish(struct quoted_printable_mend *m, struct buf *out);

/* Has C to be encoded wherever it stands? */
static inline bool quoted_printable_escapes(unsigned char c)
{
	return ((c < ' ') & (c != '\t') & (c != '\r') & (c != '\n')) | (c == '=') | (c > '~');
}

#endif
