/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * server_reply - the replies that our server gives (RFC 5321, 4.2; RFC 2034)
 */
#ifndef SMTP_SERVER_REPLY_H
#define SMTP_SERVER_REPLY_H

#include "base/buf.h"
#include "base/status.h"

/*
 * Append a reply to OUT: CODE, ENHANCED ("2.1.5", or NULL) and TEXT, on one line for each of
 * TEXT's and as many more as keep them below 512 octets. Bytes other than printable ASCII
 * become '?'.
 */
void server_reply(struct buf *out, unsigned code, const char *enhanced, struct slice text);

/*
 * Append the reply that tells ST: its sentence, and its hint on a line of its own. Its code
 * counts where it agrees with its kind: a 554 greeting of a server behind us is no permanent
 * failure of the message; and 421 would say that we close. Otherwise the kind has one: 550 for
 * recipients, 554 and 451 for what is permanent and what is not, 552 for what is too large, and
 * 452 for a full disk.
 */
void server_reply_status(struct buf *out, const struct status *st);

/* Set ST to a refusal of ours: CODE with its class, SUBJECT and DETAIL (RFC 3463), and a
 * sentence. Returns -1. */
int server_refuse(struct status *st, unsigned code, unsigned subject, unsigned detail,
		  const char *format, ...) __attribute__((format(printf, 5, 6)));

#endif
