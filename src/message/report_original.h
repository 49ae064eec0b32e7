/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report_original - the part of a report that brings the original back (RFC 6522, 3 and 4)
 *
 * Life: zero the struct, open, ask, read to the end, release.
 */
#ifndef MESSAGE_REPORT_ORIGINAL_H
#define MESSAGE_REPORT_ORIGINAL_H

#include "message/convert.h"
#include "message/header.h"
#include "message/report.h"

enum report_form {
	REPORT_NOTHING, /* its header section cannot be had, or read */
	REPORT_HEADER,  /* text/rfc822-headers */
	REPORT_WHOLE,   /* message/rfc822 */
};

struct report_original {
	enum report_form form;
	struct header header; /* without Bcc fields; empty if it cannot be had */
	/* private: */
	const char
		*charset;  /* of a header section that is quoted-printable; NULL: it is ASCII */
	struct buf text;   /* the header section, if it comes back alone */
	size_t read;       /* how much of that is read */
	struct store copy; /* what is converted */
	struct convert convert;
	struct edits_cursor at;
};

/* Choose how the original of R is returned. Errors: STATUS_DISK. */
int report_original_open(struct report_original *o, const struct report *r, struct status *st);
/* Append the fields of the part, without the empty line. There is one if the form is one. */
void report_original_fields(const struct report_original *o, struct buf *out);
/*
 * The next piece of its body, valid until the next call; empty at its end. ASCII in lines of at
 * most 998 octets, the last one with its line end. Errors: STATUS_DISK.
 */
int report_original_read(struct report_original *o, struct slice *piece, struct status *st);
void report_original_release(struct report_original *o);

#endif
