/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * content_type - what the Content-Type and Content-Transfer-Encoding fields say (RFC 2045, 5.1
 * and 6.1)
 *
 * Reads comments, folds and quoted strings, and, as other readers do, what callers write
 * besides them: an unquoted boundary with any bytes but blanks, ';' and '(', a quote that is
 * never closed, junk before a ';'.
 */
#ifndef MESSAGE_CONTENT_TYPE_H
#define MESSAGE_CONTENT_TYPE_H

#include "base/buf.h"

/* Room for a type; what is longer is cut, and is none that we know. */
#define CONTENT_TYPE_SIZE 64

struct content_type {
	char type[CONTENT_TYPE_SIZE]; /* "text/plain", in lower case; "" if it cannot be read */
	struct buf boundary; /* empty if there is none, or one of other bytes than ASCII's */
};

/* T is zeroed or released; BODY is a field's body, folds and all. The caller releases T. */
void content_type_read(struct slice body, struct content_type *t);
void content_type_release(struct content_type *t);

/* The first token of a field's BODY, comments before it skipped; empty if there is none. */
struct slice content_token(struct slice body);

#endif
