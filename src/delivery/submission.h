/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * submission - a message from the caller's hands to where it can be sent
 *
 * Header section first: account, envelope and fix-ups depend on it alone, so they are done
 * before the body is read, and the store receives the final header section followed by the
 * body.
 *
 * The message comes from a descriptor, or in pieces from whoever reads it: a server's session,
 * the service's clients.
 */
#ifndef DELIVERY_SUBMISSION_H
#define DELIVERY_SUBMISSION_H

#include "base/buf.h"
#include "base/status.h"
#include "config/cmdline.h"
#include "config/config.h"
#include "delivery/aliasing.h"
#include "message/intake.h"
#include "queue/queue_entry.h"

#include <stdbool.h>

struct submission {
	const struct request *request; /* borrowed */
	const struct config *config;   /* borrowed */
	const struct account *account; /* borrowed from the config; NULL until it is chosen */
	struct buf domain;             /* for bare addresses */
	struct aliasing aliasing;
	struct queue_entry
		entry; /* envelope and message, and what a queue would have to know */
	/* Called, if set, when the envelope is known and the account's settings can be
	 * followed, before any content is stored. */
	void (*addressed)(void *context, struct submission *s);
	void *context; /* borrowed */
	/* private: */
	struct intake intake;
	bool head_taken;
};

/* R and C must outlive S. */
void submission_init(struct submission *s, const struct request *r, const struct config *c);
void submission_release(struct submission *s);

/*
 * Read the message from FD to its end. Afterwards account, envelope and message are complete.
 * Errors: STATUS_DISK for a read error and for the temporary file, STATUS_BAD_MESSAGE, those of
 * config_choose and aliasing_open.
 */
int submission_read(struct submission *s, int fd, struct status *st);

/* The same in pieces of any size; after an error S is fit only to be released. */
int submission_feed(struct submission *s, struct slice piece, struct status *st);
int submission_finish(struct submission *s, struct status *st);

#endif
