/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_take - a message of the queue is taken in hand, marked, and put back or removed
 *
 * The lock is the kernel's, on the message's own file, so nobody's death leaves one behind.
 */
#ifndef QUEUE_QUEUE_TAKE_H
#define QUEUE_QUEUE_TAKE_H

#include "queue/queue_entry.h"
#include "queue/queue_folder.h"

#include <stdbool.h>

enum queue_taken {
	QUEUE_TAKEN,
	QUEUE_BUSY,       /* somebody else has it in hand */
	QUEUE_GONE,       /* it is not there any more */
	QUEUE_DAMAGED,    /* it is no message; ST says why */
	QUEUE_UNREADABLE, /* the disk failed, not the message; ST says how */
};

/*
 * Open, lock and read the message ID: all that is known of it, and content that can be sent.
 * E is initialised here; release it in any case, which gives the lock back.
 */
enum queue_taken queue_take(const struct queue *q, const char *id, struct queue_entry *e,
			    struct status *st);

/* The same without a lock, and without a look at the content: for lists. */
enum queue_taken queue_peek(const struct queue *q, const char *id, struct queue_entry *e,
			    struct status *st);
/* The same in FOLDER, one of those in queue_folder.h. */
enum queue_taken queue_peek_in(const struct queue *q, const char *folder, const char *id,
			       struct queue_entry *e, struct status *st);
/* Let the content of E, peeked at, be read. Nobody has looked whether it is whole. */
void queue_peek_content(struct queue_entry *e);
/* Does somebody have E, peeked at, in hand? */
bool queue_is_busy(const struct queue_entry *e);

/*
 * Can E be marked? Some file systems write everything to a new place, and on a full disk there
 * is none: better known before a server has the message. Errors: STATUS_DISK.
 */
int queue_can_mark(const struct queue *q, const struct queue_entry *e, struct status *st);

/*
 * Write E's marks into its file, and see them on the disk. Overwrites what is there, so a full
 * disk does not matter, mostly. Errors: STATUS_DISK.
 */
int queue_mark(const struct queue *q, struct queue_entry *e, struct status *st);

/* Write attempts, next, state and warned. Losing them costs no mail. Errors: STATUS_DISK. */
int queue_put_back(const struct queue *q, struct queue_entry *e, struct status *st);
/* The same, where losing it would matter: see it on the disk. */
int queue_put_back_synced(const struct queue *q, struct queue_entry *e, struct status *st);

/* It is done with: remove the file, if nobody has. Errors: STATUS_DISK. */
int queue_remove(const struct queue *q, struct queue_entry *e, struct status *st);

/*
 * The same with the file NAME of FOLDER, whatever it is, unless somebody has it in hand; it
 * does not come back after a crash. Not QUEUE_DAMAGED; for QUEUE_UNREADABLE see ST.
 */
enum queue_taken queue_discard(const struct queue *q, const char *folder, const char *name,
			       struct status *st);

/* Keep it in failed/ for a person. Errors: STATUS_DISK. */
int queue_give_up(const struct queue *q, struct queue_entry *e, struct status *st);

/* Keep the file NAME of q/, whatever it is, in corrupt/. Errors: STATUS_DISK. */
int queue_set_aside(const struct queue *q, const char *name, struct status *st);

#endif
