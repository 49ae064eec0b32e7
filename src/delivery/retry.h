/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * retry - what a delivery that did not work means for the message, and for others
 */
#ifndef DELIVERY_RETRY_H
#define DELIVERY_RETRY_H

#include "config/account.h"
#include "queue/queue_entry.h"
#include "queue/schedule.h"

#include <stdbool.h>
#include <stdint.h>

struct schedule retry_schedule(const struct account *a);

/* Did no server so much as look at the message? Then those behind it would fare no better. */
bool retry_is_down(const struct queue_entry *e);

/*
 * Is it the account that does not work: refused credentials, no TLS where it has to be, a
 * server that wants nothing of us? Waiting helps against that, or a changed config; the message
 * is not to blame, however long it takes.
 */
bool retry_is_stuck(const struct queue_entry *e);

/* It was tried once more. */
void retry_count(struct queue_entry *e);

/* The same, at NOW, and it has to wait: when is it tried again, by the settings of A (NULL: by
 * no account). */
void retry_later(struct queue_entry *e, const struct account *a, int64_t now);

#endif
