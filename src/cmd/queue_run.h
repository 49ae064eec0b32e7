/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_run - runs through the queue, in front of the user and behind his back
 */
#ifndef CMD_QUEUE_RUN_H
#define CMD_QUEUE_RUN_H

#include "cmd/context.h"
#include "delivery/attempt.h"
#include "delivery/due.h"
#include "delivery/runner.h"
#include "queue/queue_folder.h"

#include <stdbool.h>
#include <stdint.h>

/* What an attempt has to know, and the log to tell what became of it; C and Q must outlive it.
 */
struct attempts queue_attempts(const struct context *c, const struct queue *q);

/* What a run is to do; all of it borrowed. */
struct run_order {
	const char *folder; /* of the queue; one that is not there is empty */
	struct due_rules rules;
	int64_t patience;          /* as in runner.h */
	const volatile bool *stop; /* the same */
};

/* Run the queue. REPORT is filled in any case. Errors: as runner_run. */
int queue_run(const struct context *c, const struct run_order *order,
	      struct runner_report *report, struct status *st);

/* Log that ST keeps the queue from being run. */
void queue_log_trouble(const struct context *c, const struct status *st);

/*
 * When, in seconds since 1970, is the first message of the queue in FOLDER due? INT64_MAX if
 * there is none. Looks at names and times alone; after a change of the config it is now.
 */
int64_t queue_next_due(const struct context *c, const char *folder);

/*
 * Go on in the background: true in a child that nobody waits for and that has no terminal and
 * no standard descriptors; it ends with _exit. False in the caller, also if there is no child.
 */
bool queue_fork(void);

#endif
