/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_forget - what was kept for a person does not stay for ever
 */
#ifndef QUEUE_QUEUE_FORGET_H
#define QUEUE_QUEUE_FORGET_H

#include "queue/queue_folder.h"

#include <stdint.h>

enum { QUEUE_KEEP_DAYS = 30 };

/* Remove from failed/ what came there more than QUEUE_KEEP_DAYS before NOW. */
void queue_forget_failed(const struct queue *q, int64_t now);

#endif
