/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_run - runs through the queue, in front of the user and behind his back
 */
#ifndef CMD_QUEUE_RUN_H
#define CMD_QUEUE_RUN_H

#include "cmd/context.h"
#include "delivery/attempt.h"
#include "delivery/due.h"
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
	      int64_t patience, const volatile bool *stop, struct status *st);

/* Has the queue in FOLDER anything whose time has come? Looks at names and times alone. */
bool queue_has_due(const char *folder);

/*
 * Go on in the background: true in a child that nobody waits for and that has no terminal and
 * no standard descriptors; it ends with _exit. False in the caller, also if there is no child.
 */
bool queue_fork(void);

#endif
