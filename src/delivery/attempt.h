/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * attempt - one message of the queue is tried, and everything that follows from it
 *
 * What is decided is marked in the file before anything else happens. Then those who were
 * refused are reported, what has to wait is put back with a time, and what is done is removed.
 */
#ifndef DELIVERY_ATTEMPT_H
#define DELIVERY_ATTEMPT_H

#include "base/status.h"
#include "config/config.h"
#include "delivery/deliver.h"
#include "queue/queue_entry.h"
#include "queue/queue_folder.h"

#include <stdbool.h>
#include <stdint.h>

enum attempt_result {
	ATTEMPT_DONE,   /* the message is gone from the queue, or was kept for a person */
	ATTEMPT_WAITS,  /* it will be tried again */
	ATTEMPT_DOWN,   /* the same, and others like it would fare no better now */
	ATTEMPT_UNTOLD, /* the sender could not be told, for want of a disk: ST says how; later
			 */
	ATTEMPT_FAILED, /* our own disk failed: ST says how; what else is sent may not be marked
			 */
};

/* What one attempt has to know; all of it borrowed. */
struct attempts {
	const struct config *config;
	const struct queue *queue;
	const char *home;        /* as in config_load */
	const struct tap *tap;   /* or NULL */
	struct carrier *carrier; /* or NULL */
	/* The entry, locked and begun, that is tried next, if it goes the same way; or NULL. */
	struct queue_entry *(*next)(void *context);
	void *next_context;
	/* Told of what became of each message, REPORT being NULL if no server was tried. Or
	 * NULL. */
	void (*told)(void *context, const struct queue_entry *e, const struct account *a,
		     const struct delivery_report *report, int64_t took);
	/* Told of each file that was no message, and was set aside: "NAME: why". Or NULL. */
	void (*damaged)(void *context, const char *what);
	void *context;
};

/* Try E, which is locked. Afterwards it is fit to be released. */
enum attempt_result attempt(const struct attempts *with, struct queue_entry *e,
			    struct status *st);

/* E is as undeliverable as one that was just tried: ST says why. It counts as a try. */
enum attempt_result attempt_without_trying(const struct attempts *with, struct queue_entry *e,
					   const struct status *why, struct status *st);

/*
 * E was committed just now, with refusals among its marks: tell its sender, and nothing else.
 * Those who wait are not tried, but put back for the time that E has; it counts as no try, and
 * nothing is told of it.
 */
enum attempt_result attempt_to_tell(const struct attempts *with, struct queue_entry *e,
				    struct status *st);

#endif
