/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reply - a server's reply, read line by line and strictly (RFC 5321, 4.2; RFC 2034)
 *
 * A reply that is not one in every detail is no reply: guessing what a server meant is how mail
 * gets lost.
 */
#ifndef SMTP_REPLY_H
#define SMTP_REPLY_H

#include "base/buf.h"
#include "base/status.h"
#include "net/stream.h"
#include "net/tap.h"

#include <stdbool.h>

/* More than any real server sends; RFC 5321 (4.5.3.1.5) asks for lines of 512. */
#define REPLY_MAX_LINE  2048
#define REPLY_MAX_LINES 100
#define REPLY_MAX_BYTES (64 * 1024)

struct reply {
	unsigned short code;        /* 200 to 559 */
	unsigned short enhanced[3]; /* 0.0.0 if there was none that agrees with the code */
	struct buf text;            /* the lines without code, one LF between them; raw bytes */
	size_t lines;
	bool complete;
};

void reply_release(struct reply *r);
/* Empty it for the next reply. */
void reply_reset(struct reply *r);

/* Take one line (without its line end) in; r->complete says whether it was the last.
 * STATUS_BROKEN_PEER. */
int reply_line(struct reply *r, struct slice line, struct status *st);

/* Do BYTES begin with a whole reply, or with a line that is none? */
bool reply_is_there(struct slice bytes);

/* Read a whole reply from S until its deadline, and show its lines to TAP with SECRETS masked
 * (see redact). */
int reply_read(struct reply *r, struct stream *s, const struct tap *tap,
	       const struct strings *secrets, struct status *st);

/* Its class: 2, 3, 4 or 5. */
static inline int reply_class(const struct reply *r)
{
	return r->code / 100;
}

/* A yes to MAIL, RCPT and content: 250 and its kin (RFC 5321, 4.2.3). Other 2xx codes answer
 * other questions. */
static inline bool reply_is_yes(const struct reply *r)
{
	return r->code / 10 == 25;
}

/* Append "550 5.1.1 no such user": code and all lines in one, printable, at most LIMIT bytes.
 */
void reply_show(const struct reply *r, struct buf *out, size_t limit);

#endif
