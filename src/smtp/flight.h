/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * flight - the commands of a transaction whose replies are outstanding (RFC 2920)
 *
 * First in, first out: each reply goes to the handler (verdict.h) of the command at the head of
 * the queue. Functions return 0, or -1 with ST if the session broke, which a 4xx or 5xx does
 * not do.
 */
#ifndef SMTP_FLIGHT_H
#define SMTP_FLIGHT_H

#include "base/status.h"
#include "smtp/verdict.h"

#include <stdbool.h>

/* Is a reply outstanding? */
bool flight_is_out(const struct transaction *t);
/* C of T has been put into the session; PARTY is for RCPT. */
void flight_push(struct transaction *t, enum command c, struct party *party);
/* Put a command and push it; without PIPELINING its reply is awaited at once. */
int flight_put(struct transaction *t, enum command c, struct party *party, const char *line,
	       struct status *st);
/* Read one reply, hand it to its command, advance. */
int flight_receive(struct transaction *t, struct status *st);
/*
 * Hand out the replies that are already here. It reads nothing: what comes later may be the
 * answer to the end of the message, and is none before that has left.
 */
int flight_collect(struct transaction *t, struct status *st);
/* Send what was put, with the time limit of C. */
int flight_flush(struct transaction *t, enum command c, struct status *st);
/* Send it, and wait for all replies that are outstanding. */
int flight_drain(struct transaction *t, struct status *st);
/*
 * Our side of the connection broke, as ST says. A server that refuses and closes has mostly
 * said why, and its words are worth more than our EPIPE: if they decide everything, the break
 * does not matter any more. Returns -1.
 */
int flight_salvage(struct transaction *t, struct status *st);

#endif
