/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_reply - what servers said last about the recipients of a message that waits
 *
 * A small file beside the message, for the list of the queue and for reports. It is written
 * after the message's own marks, without a sync, and may be gone: nothing is decided by it.
 */
#ifndef QUEUE_QUEUE_REPLY_H
#define QUEUE_QUEUE_REPLY_H

#include "queue/queue_entry.h"
#include "queue/queue_folder.h"

/* Keep what E's envelope says of all but those who have the message. */
void queue_reply_save(const struct queue *q, const struct queue_entry *e);

/* Put it into the envelope, of recipients that have no words yet. Who is decided stays so. */
void queue_reply_load(const struct queue *q, struct queue_entry *e);

void queue_reply_remove(const struct queue *q, const char *id);

#endif
