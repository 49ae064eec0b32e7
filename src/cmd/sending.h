/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sending - a submission is sent at once, in the background, or by a later run of the queue
 *
 * For all who have a message in hand: the command line, and sessions of our own server.
 *
 * Life: init; have the submission read; finish; then the envelope says what became of
 * everybody; go_on; release.
 */
#ifndef CMD_SENDING_H
#define CMD_SENDING_H

#include "cmd/context.h"
#include "delivery/queueing.h"
#include "delivery/submission.h"

#include <stdbool.h>
#include <stdint.h>

struct sending {
	const struct request *request; /* borrowed */
	const struct context *context; /* borrowed */
	struct submission submission;
	struct buf folder; /* of the queue; empty: none is to be used */
	struct queueing queueing;
	enum delivery_mode mode; /* how it was sent */
	bool committed;          /* the message is in the queue, and locked */
	struct status trouble;   /* why it is not, though it should be; else STATUS_OK */
	bool is_bounced;         /* the sender is told of refusals by mail, not by an answer */
	bool owes_bounce;        /* the queue has something to tell the sender at once */
	int64_t rest_due;        /* with that: when those who wait are tried again */
};

/* R and C must outlive S, which must not move. */
void sending_init(struct sending *s, const struct request *r, const struct context *c);
void sending_release(struct sending *s);

/*
 * Send, or queue, as the account and the request say. Afterwards every recipient is decided:
 * STATUS_OK, STATUS_QUEUED, or what stood in the way. Writes the line of the log.
 */
void sending_finish(struct sending *s);

/* What remains to be done once the caller has his answer: what was left for the background. The
 * entry is not looked at any more afterwards. */
void sending_go_on(struct sending *s);

#endif
