/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * transaction - one message over one session: MAIL, RCPT, and the content (RFC 5321, 3.3; RFC
 * 2920; RFC 3030)
 *
 * Commands whose replies are outstanding stand in a queue, first in, first out. Commands are
 * put into flights as large as the server allows, and each reply goes to the handler of the
 * command at the head of the queue. Handlers note results; one driver alone decides what
 * happens next.
 *
 * With PIPELINING and CHUNKING all of it, content and QUIT too, is one flight. Refused
 * recipients never stop the others. Nothing counts as delivered without a 2xx reply to the end
 * of the message.
 */
#ifndef SMTP_TRANSACTION_H
#define SMTP_TRANSACTION_H

#include "base/status.h"
#include "message/envelope.h"
#include "message/message.h"
#include "smtp/session.h"

#include <stdbool.h>
#include <stddef.h>

/* As many recipients as every server takes in one transaction (RFC 5321, 4.5.3.1.8). */
#define TRANSACTION_RECIPIENTS 100

/* Who has more messages for a session. */
struct company {
	/*
	 * The envelope and the message, as the server of S takes it, that will be sent over S
	 * next; *M is a view that need not outlive the call. False: there is none.
	 */
	bool (*next)(void *context, const struct session *s, struct envelope **e,
		     struct message *m);
	void *context; /* borrowed */
};

/*
 * Send MESSAGE over S to the undecided recipients of E, at most as many as one transaction
 * takes here (RFC 9422 where the server says so). If no further transaction is to follow, QUIT
 * leaves in the same flight as the end of the message; see also s->stays.
 *
 * Recipients that the server took or refused are decided afterwards. Those it had no room for
 * ("too many recipients", RFC 5321, 4.5.3.1.10) and those that did not fit stay undecided: call
 * again, on a new session if *QUIT says so.
 *
 * If s->company has another message, its envelope leaves in the flight of this one's end, which
 * saves a round trip for each of many messages; the next call has to be for it. The fate of
 * this message is known when the replies to both are there, and in step: then what looks like
 * the answer to its end is no other reply, come too late.
 *
 * Returns 0 if the session stands, or has been told to quit. Returns -1 if it broke: then ST
 * says how, and the recipients whose fate it decided are decided; the others may be tried
 * elsewhere.
 */
int transaction_run(struct session *s, struct envelope *e, const struct message *message,
		    bool *quit, struct status *st);

/* T may be NULL. */
void transaction_free(struct transaction *t);

#endif
