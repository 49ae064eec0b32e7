/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queueing - the way of a message into the queue
 *
 * The queue is opened when it is needed: when a large message wants a place for its content, or
 * when a message has to wait. One that is small and sent at once never touches it.
 *
 * Life: zero the struct, prepare, commit or not, release: a message that was not committed
 * leaves nothing behind.
 */
#ifndef DELIVERY_QUEUEING_H
#define DELIVERY_QUEUEING_H

#include "base/status.h"
#include "queue/queue_draft.h"
#include "queue/queue_entry.h"
#include "queue/queue_folder.h"

#include <stdbool.h>

struct queueing {
	const char *folder;        /* borrowed: where the queue is */
	struct queue_entry *entry; /* borrowed */
	/* Borrowed; NULL, or set once prepared: the file of that name in import/ is what is
	 * replaced by the message, for which a rename into the queue remains to be done. */
	const struct queue_id *id;
	struct queue queue;
	struct queue_draft draft;
	bool is_open;
	bool is_over; /* a commit was tried */
};

/* Let E's content, which is empty, go to the queue in FOLDER if it is large. */
void queueing_prepare(struct queueing *q, struct queue_entry *e, const char *folder);

/* Open the queue, if it is not open yet. Errors: STATUS_DISK. */
int queueing_open(struct queueing *q, struct status *st);

/*
 * Put the entry into the queue with the marks that its envelope gives it; it is locked then,
 * and has a name. A commit after a failed one starts anew. Errors: STATUS_DISK; then it is not
 * in the queue.
 */
int queueing_commit(struct queueing *q, struct status *st);

void queueing_release(struct queueing *q);

#endif
