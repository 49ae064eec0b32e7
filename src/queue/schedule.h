/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * schedule - when a message that waits is tried again, and when that has been tried enough
 *
 * Times are seconds since 1970, as they stand in the queue's files. Clocks are set, and laptops
 * sleep: a time too far ahead to be one of ours is due now, and age alone ends nothing.
 */
#ifndef QUEUE_SCHEDULE_H
#define QUEUE_SCHEDULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The least number of tries before a message may be given up, however old it is. */
enum { SCHEDULE_TRIES = 8 };

struct schedule {
	const int64_t *delays; /* borrowed: seconds after each try; the last one repeats */
	size_t count;          /* at least 1 */
	int64_t expire;        /* seconds */
};

/*
 * When to try again after the try number TRIES (from 1), NOW: the delay, up to a fifth shorter
 * or longer, so that those that failed together do not come back together.
 */
int64_t schedule_next(const struct schedule *s, unsigned tries, int64_t now);

/* Is what was to be tried at NEXT due? */
bool schedule_is_due(const struct schedule *s, int64_t next, int64_t now);

/* Has a message of that age, tried so often, been tried enough? */
bool schedule_is_over(const struct schedule *s, int64_t created, unsigned tries, int64_t now);

#endif
