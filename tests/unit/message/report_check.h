/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report_check - takes a report apart, and is strict about it
 *
 * For tests and fuzz targets; knows the form by the RFCs, and nothing of how it is written.
 */
#ifndef REPORT_CHECK_H
#define REPORT_CHECK_H

#include "base/buf.h"
#include "message/header.h"

#define REPORT_CHECK_RECIPIENTS 8

struct report_parts {
	struct header head;                                /* of the report itself */
	struct buf text;                                   /* the first part, decoded */
	struct header status;                              /* fields about the message */
	struct header recipients[REPORT_CHECK_RECIPIENTS]; /* fields about each of them */
	size_t count;
	struct header original_fields; /* of the third part, none if there is no such part */
	struct buf original;           /* the third part, decoded */
};

/*
 * Take TEXT apart. P is zeroed or released, and the caller's to release. Returns what is wrong
 * with it in the eyes of RFC 5322, 2046, 3464 or 6522; NULL if nothing is.
 */
const char *report_parts_read(struct report_parts *p, struct slice text);
void report_parts_release(struct report_parts *p);

/* The body of the only field called NAME, unfolded and trimmed, appended to OUT; -1 if there is
 * none, or another one. */
int report_field(const struct header *h, const char *name, struct buf *out);

#endif
