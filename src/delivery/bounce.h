/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * bounce - the sender hears what became of a message that was in the queue
 *
 * A report is a message of its own, and in the queue before the original is marked, so whatever
 * happens in between, there is one. It has one possible name for what it is about, so there is
 * no second one.
 */
#ifndef DELIVERY_BOUNCE_H
#define DELIVERY_BOUNCE_H

#include "base/status.h"
#include "config/account.h"
#include "message/report.h"
#include "queue/queue_entry.h"
#include "queue/queue_folder.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Tell the sender of E, which is locked, about the recipients that have MARK_FAILED, and mark
 * them as told; also where he wants no report. A message without a sender has nobody to be
 * told: the marks stay, and *ORPHAN is true. A may be NULL: the account is gone.
 *
 * Errors: STATUS_DISK; the marks stay, and it is to be tried again.
 */
int bounce_failed(const struct queue *q, struct queue_entry *e, const struct account *a,
		  int64_t now, bool *orphan, struct status *st);

/*
 * A run may have died when such a report was in the queue, and not marked yet. Mark those it is
 * about, before others fail: about them all there would be one of the same name. Errors:
 * STATUS_DISK.
 */
int bounce_settle(const struct queue *q, struct queue_entry *e, struct status *st);

/* Tell him that E is late, unless he knows, or wants no such report. Errors: STATUS_DISK. */
int bounce_late(const struct queue *q, struct queue_entry *e, const struct account *a,
		int64_t now, struct status *st);

/*
 * Tell him that those of E who are in DELIVERED, one for each recipient, were handed on to a
 * server that sends no reports, if he asked for that. Errors: STATUS_DISK.
 */
int bounce_relayed(const struct queue *q, const struct queue_entry *e, const struct account *a,
		   int64_t now, const bool *delivered, struct status *st);

/*
 * E is a report. If the message that it is about is still there, and was not marked before
 * whoever made the report died, mark it. False if somebody has that message in hand: then E is
 * not to be sent yet.
 */
bool bounce_settle_parent(const struct queue *q, const struct queue_entry *e);

#endif
