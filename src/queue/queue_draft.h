/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_draft - a message on its way into the queue: nothing until it is committed, then all
 *
 * The file is written below tmp/, synced, and gets its place by one rename; then the folder is
 * synced. Whoever dies on the way leaves a draft, which is swept away later, or a whole
 * message.
 *
 * A small message is written when it is committed. A large one is spooled before: queue_spool
 * is the place where its store puts what does not fit into memory, behind room for the header.
 *
 * Life: zero the struct, begin, commit or not, release: a draft that was not committed is
 * removed.
 */
#ifndef QUEUE_QUEUE_DRAFT_H
#define QUEUE_QUEUE_DRAFT_H

#include "queue/queue_entry.h"
#include "queue/queue_folder.h"

#include <stdbool.h>
#include <stdint.h>

struct queue_draft {
	const struct queue *queue; /* borrowed; NULL: not begun */
	struct queue_id id;
	const char *folder; /* borrowed: where it goes; QUEUE_MESSAGES, once begun */
	int fd;
	bool committed;
	/* private: */
	uint64_t base; /* how long the header was when the content went behind it */
};

/* Is the message ID in the queue? */
bool queue_has(const struct queue *q, const struct queue_id *id);

/*
 * Make the file, and lock it. ID may be NULL: then it is a new one. Errors: STATUS_DISK, with
 * EEXIST in `sys` if a message of that name is in the queue already, EAGAIN if somebody else is
 * about to put it there.
 */
int queue_draft_begin(struct queue_draft *d, const struct queue *q, const struct queue_id *id,
		      struct status *st);

/*
 * Give D a place for the content of E->message, behind a header as long as E's will be. Returns
 * the descriptor, which D owns, or -1.
 */
int queue_draft_spool(struct queue_draft *d, struct queue_entry *e, uint64_t *base);

/*
 * Write E to D, or, if it was spooled there, what is missing of it; bring it to the disk and
 * into the queue. E gets the id and the checksum, and with the descriptor the lock.
 *
 * Errors: STATUS_DISK, and STATUS_BAD_MESSAGE for what could not be read again; then the
 * message is not in the queue. If it cannot be taken out of it again, that is no error: it will
 * be sent.
 */
int queue_draft_commit(struct queue_draft *d, struct queue_entry *e, struct status *st);

void queue_draft_release(struct queue_draft *d);

/* Remove the drafts of those who died. */
void queue_sweep(const struct queue *q, int64_t now);

#endif
