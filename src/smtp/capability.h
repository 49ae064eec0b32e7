/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * capability - what a server says it can do, in its answer to EHLO or LHLO (RFC 5321, 4.1.1.1)
 *
 * Zero the struct before use. What was learnt before STARTTLS does not hold behind it: reset,
 * then ask again.
 */
#ifndef SMTP_CAPABILITY_H
#define SMTP_CAPABILITY_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

struct capabilities {
	bool pipelining;          /* RFC 2920 */
	bool eightbitmime;        /* RFC 6152 */
	bool enhancedstatuscodes; /* RFC 2034 */
	bool dsn;                 /* RFC 3461 */
	bool chunking;            /* RFC 3030 */
	bool binarymime;          /* RFC 3030 */
	bool starttls;            /* RFC 3207 */
	bool smtputf8;            /* RFC 6531 */
	bool requiretls;          /* RFC 8689 */
	bool futurerelease;       /* RFC 4865: MAIL may have HOLDFOR= */
	uint64_t hold_limit;      /* its longest time in seconds; 0: none is known */
	bool deliverby;           /* RFC 2852: MAIL may have BY= */
	uint64_t deliverby_least; /* its shortest time in seconds; 0: none is known */
	bool mtpriority;          /* RFC 6710: MAIL may have MT-PRIORITY= */
	bool size;                /* RFC 1870: MAIL may have SIZE= */
	uint64_t size_limit;      /* octets; 0: none is known */
	uint64_t limit_mail; /* MAIL commands in one session (RFC 9422); 0: none is known */
	uint64_t limit_rcpt; /* recipients of one message */
	uint64_t limit_rcptdomain; /* domains among them */
	struct buf auth; /* mechanisms, upper case, one blank between two, each once */
};

void capabilities_release(struct capabilities *c);
/* Forget all. */
void capabilities_reset(struct capabilities *c);

/*
 * Take in one line of the answer, the first one aside, without its code and line end: "SIZE
 * 35882577". Case does not count. What is unknown is ignored, as is a value that makes no
 * sense; nothing here can fail.
 */
void capabilities_line(struct capabilities *c, struct slice line);

#endif
