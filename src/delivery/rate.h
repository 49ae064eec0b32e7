/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rate - no more messages a minute than a provider takes
 *
 * The times of the last messages of an account lie in the queue, so that all processes that
 * send by it keep to one limit, and a new one does not begin to count anew.
 */
#ifndef DELIVERY_RATE_H
#define DELIVERY_RATE_H

#include "config/account.h"
#include "queue/queue_folder.h"

#include <stdint.h>

/*
 * May one more message go by A now? Then it is counted, and 0 returned. Else: how many seconds
 * from now one may. What cannot be counted, for want of a disk, may go; but a minute is to pass
 * if somebody else counts for seconds and does not end.
 */
int64_t rate_take(const struct queue *q, const struct account *a);

#endif
