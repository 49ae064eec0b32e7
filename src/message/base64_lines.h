/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * base64_lines - base64 as MIME has it, in lines of 76 columns (RFC 2045, 6.8)
 *
 * Lines are separated by CRLF; the last one has none, so that the caller decides how the body
 * ends. Life: zero the struct, feed pieces of any size, finish once. Holds no memory, and the
 * answer does not depend on how the input was cut.
 */
#ifndef MESSAGE_BASE64_LINES_H
#define MESSAGE_BASE64_LINES_H

#include "base/buf.h"

/* Bytes that make up one line. */
#define BASE64_LINE 57

struct base64_lines {
	char held[BASE64_LINE]; /* the first bytes of the next line */
	size_t held_len;
	bool inside; /* a line was put out */
};

/* Append the whole lines that PIECE completes to OUT. */
void base64_lines_feed(struct base64_lines *b, struct slice piece, struct buf *out);
/* The content ends here: append the rest. */
void base64_lines_finish(struct base64_lines *b, struct buf *out);

/*
 * The same for what is base64 already, but in lines that are too long: its letters and padding
 * come out in lines of 76 columns. All other bytes are dropped, as a decoder drops them.
 */
struct base64_wrap {
	size_t column;
};

void base64_wrap_feed(struct base64_wrap *w, struct slice piece, struct buf *out);

#endif
