/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * content - the message's bytes on their way into a session, piece by piece
 *
 * The store holds canonical bytes, so a chunk (BDAT) is copied through, and so is a message for
 * DATA in which no line begins with a dot. Memory: one piece.
 */
#ifndef SMTP_CONTENT_H
#define SMTP_CONTENT_H

#include "base/buf.h"
#include "base/status.h"
#include "message/dotstuff.h"
#include "message/message.h"
#include "smtp/session.h"

#include <stdbool.h>
#include <stdint.h>

struct content {
	const struct message *message; /* borrowed */
	bool stuff;                    /* for DATA, and some line begins with a dot */
	struct dotstuff dots;
	uint64_t offset;            /* of the next byte to send, in the message as it is sent */
	struct slice rest;          /* read, and not yet sent */
	struct edits_cursor cursor; /* where a converted message is read */
	struct buf scratch;         /* what was read from the store's file */
	struct buf stuffed;
};

/*
 * Send or put the next piece, up to the offset UPTO. What is left in the stream's flight goes
 * out with the next flush. Returns 1 if there is more before UPTO, 0 if not, -1 with ST (of the
 * disk or of the session).
 */
int content_next(struct content *c, struct session *s, uint64_t upto, struct status *st);
void content_release(struct content *c);

#endif
