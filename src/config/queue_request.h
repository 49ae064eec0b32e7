/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_request - what options of the command line ask of the queue and the service
 *
 * All are acts of struct effect: VALUE may be NULL where the option may go without one. Errors:
 * STATUS_BAD_USAGE, with a sentence that names the value.
 */
#ifndef CONFIG_QUEUE_REQUEST_H
#define CONFIG_QUEUE_REQUEST_H

#include "config/request.h"

/*
 * -q, as sendmail has it: a time between queue runs, of which a number alone is minutes (-q15m,
 * -q15, -q1h30m); I, R or S and a part of the id, of a recipient, of the sender (-qRbob), each
 * with a ! before it for what must not be there (-q!Rbob). What sendmail knows besides, f, p,
 * G, L and Q, is accepted; the time behind p counts. A mode that was asked for stays.
 */
int request_queue_run(struct request *r, const char *value, struct status *st);

/* Behind -od: i for the foreground, b for the background, q or d for the queue; others do
 * nothing. */
void request_delivery(struct request *r, const char *value);

/* The id of a message: it will be a file's name, so no other bytes than those of ids do. Only
 * one may be named. */
int request_queue_id(struct request *r, const char *value, struct status *st);

/* Does ALL stand in place of the id, as with postsuper(1): all that is in the queue itself? */
bool request_is_all(const struct request *r);

/* Is what --flush, --hold and so on were given for what will be done? */
int request_check_queue(const struct request *r, struct status *st);

/* --listen */
int request_listen(struct request *r, const char *value, struct status *st);

/* Does what was asked for go together? */
int request_check_listen(const struct request *r, struct status *st);

#endif
