/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_id - the name of a message in the queue, which is the name of its file
 *
 * 24 digits and capital letters: when it was made, in microseconds, then 65 random bits. So
 * names sort by age, cannot be guessed, and never come twice, whatever machines or containers
 * share a folder.
 */
#ifndef QUEUE_QUEUE_ID_H
#define QUEUE_QUEUE_ID_H

#include "base/buf.h"

#include <stdbool.h>

enum { QUEUE_ID_LENGTH = 24 };

/* As a C string. */
struct queue_id {
	char text[QUEUE_ID_LENGTH + 1];
};

struct queue_id queue_id_new(void);

/*
 * The one name for the report about those recipients of PARENT whose first has the place FIRST:
 * whoever makes it again, after a crash, finds it taken.
 */
struct queue_id queue_id_of_report(const char *parent, size_t first);

/* Is TEXT such a name? */
bool queue_id_valid(struct slice text);

#endif
