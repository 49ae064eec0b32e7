/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * handing - the caller's side of the service: hands over a request, gets the answer
 *
 * For callers who may not read the config. A message is taken in to its end before anything
 * else happens: who writes it may take hours, the service does not wait for him, and if it is
 * down the message goes into the drop folder.
 *
 * Life: init; feed a message, if one is to be submitted; finish; release.
 */
#ifndef DELIVERY_HANDING_H
#define DELIVERY_HANDING_H

#include "base/status.h"
#include "config/cmdline.h"
#include "delivery/handoff.h"
#include "message/store.h"

#include <stdbool.h>

struct handing {
	const struct request *request; /* borrowed */
	struct store content;          /* as it came */
	/* What to print comes here, in pieces. Errors end the reading. May be NULL. */
	int (*print)(void *context, struct slice piece, struct status *st);
	void *context; /* borrowed */
	bool dropped;  /* afterwards: nobody was there, the message is in the drop folder */
};

void handing_init(struct handing *h, const struct request *r);
void handing_release(struct handing *h);

/* Is there, at first sight, anybody to hand it to? What a message is read for. */
bool handing_is_possible(const struct request *r);

/* Errors: STATUS_DISK. */
int handing_feed(struct handing *h, struct slice piece, struct status *st);

/*
 * Hand it over. REPLY is what the service says, which may be that it refuses; or, dropped, that
 * the message is queued.
 *
 * Errors: STATUS_BAD_USAGE for what is not for the service; those of rehearse for what would be
 * dropped; STATUS_TEMPORARY if it is not there, does not answer, or breaks off. `sys` is ENOENT
 * where this system has no service.
 */
int handing_finish(struct handing *h, struct handoff_reply *reply, struct status *st);

#endif
