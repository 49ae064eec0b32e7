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

/*
 * Try what RULES mean in the queue of FOLDER. PATIENCE as in runner.h. STOP may be NULL.
 * Errors: as runner_run; a folder that is not there is empty.
 */
int queue_run(const struct context *c, const char *folder, const struct due_rules *rules,
	      int64_t patience, const volatile bool *stop, struct runner_report *report,
	      struct status *st);

/* Log that ST keeps the queue from being run. */
void queue_log_trouble(const struct context *c, const struct status *st);

/*
 * When, in seconds since 1970, is the first message of the queue in FOLDER due? INT64_MAX if
 * there is none. Looks at names and times alone.
 */
int64_t queue_next_due(const char *folder);

/*
 * Go on in the background: true in a child that nobody waits for and that has no terminal and
 * no standard descriptors; it ends with _exit. False in the caller, also if there is no child.
 */
bool queue_fork(void);

#endif
