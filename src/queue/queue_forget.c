/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_forget.h"

#include "queue/queue_scan.h"
#include "queue/queue_take.h"

enum { DAY = 24 * 60 * 60 };

void queue_forget_failed(const struct queue *q, int64_t now)
{
	struct queue_items items = { 0 };
	struct status unsaid;
	if (queue_scan(q, QUEUE_FAILED, &items, &unsaid) == 0) {
		for (size_t i = 0; i < items.count; i++) {
			if (items.at[i].next < now - QUEUE_KEEP_DAYS * DAY)
				queue_discard(q, QUEUE_FAILED, items.at[i].id.text, &unsaid);
		}
	}
	queue_items_release(&items);
}
