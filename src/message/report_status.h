/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report_status - the part of a report that programs read (RFC 3464, 2)
 */
#ifndef MESSAGE_REPORT_STATUS_H
#define MESSAGE_REPORT_STATUS_H

#include "message/report.h"

/* Append the body of a message/delivery-status: ASCII, canonical. */
void report_status_write(const struct report *r, struct buf *out);

#endif
