/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * date - a point in time as RFC 5322 (3.3) writes it, in local time with its offset, in English
 * always
 */
#ifndef MESSAGE_DATE_H
#define MESSAGE_DATE_H

#include "base/buf.h"

#include <time.h>

/* Append "Sun, 22 Nov 2026 05:00:00 +0100". A time no calendar can hold is written as 1970. */
void date_write(struct buf *out, time_t when);

#endif
