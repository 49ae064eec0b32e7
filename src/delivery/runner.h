/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * runner - a run through the queue: everything that is due is tried once
 *
 * Each group of messages (due.h) has processes of its own, as many as its account's
 * `connections` at most, so a server that hangs keeps only its own messages waiting. The first
 * of them shows whether the place can be reached; until then there is no second one. A place
 * that another run is busy with is left to that one.
 */
#ifndef DELIVERY_RUNNER_H
#define DELIVERY_RUNNER_H

#include "base/status.h"
#include "delivery/attempt.h"
#include "delivery/due.h"

#include <stdbool.h>
#include <stddef.h>

/* All of it borrowed. */
struct runner {
	struct attempts with; /* carrier left out */
	struct due_rules rules;
	int64_t patience; /* milliseconds to wait for a place that another run is busy with */
	const volatile bool *stop; /* set: end after the present messages; or NULL */
};

struct runner_report {
	size_t tried; /* messages */
	size_t busy;  /* groups that others are at work on */
	bool failed;  /* our own disk did; it was said to the log */
};

/* Run. Errors: STATUS_DISK if the queue could not be read at all, or not be written to. */
int runner_run(const struct runner *r, struct runner_report *report, struct status *st);

#endif
