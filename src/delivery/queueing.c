/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/queueing.h"

int queueing_open(struct queueing *q, struct status *st)
{
	if (q->is_open)
		return 0;
	if (queue_open(&q->queue, q->folder, true, st) != 0) {
		queue_release(&q->queue);
		return -1;
	}
	q->is_open = true;
	return 0;
}

/* What becomes a message is replaced by it: at no time are there two, or none. */
static int begin_draft(struct queueing *q, struct status *st)
{
	if (queue_draft_begin(&q->draft, &q->queue, q->id, st) != 0)
		return -1;
	if (q->id != NULL)
		q->draft.folder = QUEUE_IMPORTS;
	return 0;
}

/* What the queue cannot take goes to a temporary file, and may be sent all the same. */
static int give_place(void *context, uint64_t *base)
{
	struct queueing *q = context;
	struct status unsaid;
	if (queueing_open(q, &unsaid) != 0)
		return -1;
	if (begin_draft(q, &unsaid) != 0) {
		queue_draft_release(&q->draft);
		return -1;
	}
	return queue_draft_spool(&q->draft, q->entry, base);
}

void queueing_prepare(struct queueing *q, struct queue_entry *e, const char *folder)
{
	*q = (struct queueing){ .folder = folder, .entry = e, .queue.fd = -1, .draft.fd = -1 };
	e->message.content.place = (struct store_place){ give_place, q };
}

int queueing_commit(struct queueing *q, struct status *st)
{
	if (q->is_over)
		return status_set(st, STATUS_DISK, "the queue has failed before");
	q->is_over = true;
	if (queueing_open(q, st) != 0)
		return -1;
	if (q->draft.queue == NULL && begin_draft(q, st) != 0)
		return -1;
	return queue_draft_commit(&q->draft, q->entry, st);
}

void queueing_release(struct queueing *q)
{
	queue_draft_release(&q->draft);
	queue_release(&q->queue);
}
