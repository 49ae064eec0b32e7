/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * handoff - what the fields mean that a caller and the service exchange
 *
 * A caller asks as a command line would, and what it asks for is checked as if the program's
 * name were sendmail: no field opens a file, runs a command or says where mail goes. Which
 * account it may use is the service's to decide. Who the caller is stands in no field; the
 * kernel says that.
 */
#ifndef DELIVERY_HANDOFF_H
#define DELIVERY_HANDOFF_H

#include "config/cmdline.h"
#include "delivery/frames.h"
#include "queue/queue_id.h"

/*
 * Write the request's stream up to its body: all of R that means something to the service.
 * frames_body and frames_end follow.
 *
 * Errors: STATUS_BAD_USAGE for a mode that is no service's, and for what fits into no field; W
 * is fit only to be released then.
 */
int handoff_encode_request(const struct request *r, struct frames_writer *w, struct status *st);

/*
 * Take one field into R, which was zeroed before the first. Release R in any case.
 *
 * Errors: STATUS_BAD_USAGE for what the command line would refuse, STATUS_BROKEN_PEER for what
 * handoff_encode_request never writes.
 */
int handoff_decode_request(struct request *r, enum frame_type type, struct slice value,
			   struct status *st);

/* How a request ended. */
struct handoff_reply {
	struct status st;   /* only kind, text and hint travel */
	struct queue_id id; /* of the message in the queue; "" if there is none */
};

/* End a reply's stream; frames_begin with VERB_REPLY comes before, and with frames_body what
 * the caller is to print. */
void handoff_encode_reply(const struct handoff_reply *reply, struct frames_writer *w);

/*
 * Take one field into REPLY, which was zeroed before the first. Errors: STATUS_BROKEN_PEER for
 * a kind that nobody knows, and for what is no reply.
 */
int handoff_decode_reply(struct handoff_reply *reply, enum frame_type type, struct slice value,
			 struct status *st);

#endif
