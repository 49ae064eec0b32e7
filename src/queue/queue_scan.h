/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_scan - which messages there are, without a look inside
 *
 * The time of a file is that of its next try: an index that costs nothing to keep. What counts
 * is in the file.
 */
#ifndef QUEUE_QUEUE_SCAN_H
#define QUEUE_QUEUE_SCAN_H

#include "base/buf.h"
#include "queue/queue_folder.h"
#include "queue/queue_id.h"

#include <stdint.h>

struct queue_item {
	struct queue_id id;
	int64_t next;  /* seconds since 1970 */
	uint64_t size; /* of the file */
};

/* Zero it before use, but for `names_only`. */
struct queue_items {
	bool names_only;       /* take no time over `next` and `size`, which stay 0 */
	struct queue_item *at; /* owned */
	size_t count;
	size_t room;
	struct strings foreign; /* names that are no message's */
};

/*
 * Add what is in FOLDER, one of those in queue_folder.h, from the oldest to the newest. A
 * folder that is not there is empty. Errors: STATUS_DISK.
 */
int queue_scan(const struct queue *q, const char *folder, struct queue_items *items,
	       struct status *st);
void queue_items_release(struct queue_items *items);

#endif
