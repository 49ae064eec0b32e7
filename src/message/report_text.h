/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report_text - the part of a report that people read
 */
#ifndef MESSAGE_REPORT_TEXT_H
#define MESSAGE_REPORT_TEXT_H

#include "message/report.h"
#include "message/report_original.h"

/*
 * Append the text of R: printable UTF-8 in canonical lines. RETURNED is what comes back with
 * it. Lines of our own begin in the first column, all that others said is indented.
 */
void report_text_write(const struct report *r, enum report_form returned, struct buf *out);

#endif
