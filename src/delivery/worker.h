/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * worker - a process that sends the messages of one group, one after the other
 *
 * What others of the same group have to know is in memory that they share: whose turn it is,
 * whether the place can be reached, and whether to stop. A worker's pipe shows the first
 * contact, by an octet, and its end.
 */
#ifndef DELIVERY_WORKER_H
#define DELIVERY_WORKER_H

#include "base/status.h"
#include "delivery/attempt.h"
#include "delivery/due.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct worker_share;

/* For COUNT messages; NULL if there is no memory for it (errno). Freed with worker_share_free.
 */
struct worker_share *worker_share_new(size_t count);
void worker_share_free(struct worker_share *s);
/* Did a worker get through to where the messages go? */
bool worker_share_is_open(const struct worker_share *s);
/* Messages that nobody has had in hand yet. */
size_t worker_share_left(const struct worker_share *s);
/* Messages that were tried, or put off; those that others have in hand do not count. */
size_t worker_share_tried(const struct worker_share *s);
/* Let nobody begin another one. */
void worker_share_stop(struct worker_share *s);

struct worker {
	pid_t pid;
	int fd;                           /* owned: the pipe */
	size_t place;                     /* the owner's */
	const struct worker_share *share; /* borrowed */
};

/* Start one on G. WITH, G and S outlive it. False with errno if there is no process to be had.
 */
bool worker_start(struct worker *w, const struct attempts *with, const struct due_group *g,
		  struct worker_share *s);

/* Its pipe has ended: bury it. False if its disk failed, or it died; ST says so. */
bool worker_end(struct worker *w, struct status *st);

#endif
