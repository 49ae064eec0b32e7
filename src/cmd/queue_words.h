/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_words - what people read in lists of the queue: times, spans, and how it stands
 *
 * All times are seconds since 1970.
 */
#ifndef CMD_QUEUE_WORDS_H
#define CMD_QUEUE_WORDS_H

#include "base/buf.h"
#include "queue/queue_entry.h"

#include <stdint.h>

/* Append "Sun Nov 22 05:00:00", in local time; always 19 bytes. */
void words_time(int64_t when, struct buf *out);
/* Append "45s", "12m", "3h", "2d": rounded up, and never less than a second. */
void words_span(int64_t seconds, struct buf *out);
/* Append "due now" or "next try in 12m". */
void words_due(int64_t next, int64_t now, struct buf *out);
/* Append "not tried yet", "1 attempt", "2 attempts". */
void words_attempts(unsigned attempts, struct buf *out);

/* What a mark says: pending, delivered, refused. */
const char *words_mark(char mark);

/* Append "smtp.example.com: 450 try later", made printable. R has a reply. */
void words_reply(const struct recipient *r, struct buf *out);
/* Append ADDRESS, made printable, and <> for the null sender. */
void words_address(const char *address, struct buf *out);

#endif
