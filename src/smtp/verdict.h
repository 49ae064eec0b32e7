/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * verdict - what each reply means for the recipients of a transaction
 *
 * One handler for each command. Handlers note results in the transaction and in the envelope;
 * they send nothing and never decide what happens next, which is the driver's affair
 * (transaction.c).
 */
#ifndef SMTP_VERDICT_H
#define SMTP_VERDICT_H

#include "base/status.h"
#include "message/envelope.h"
#include "message/message.h"
#include "smtp/content.h"
#include "smtp/session.h"

#include <stdbool.h>
#include <stddef.h>

enum fate {
	FATE_OPEN,     /* no reply yet */
	FATE_ACCEPTED, /* by RCPT; what becomes of it the end of the message says */
	FATE_NO_ROOM,  /* too many recipients, says the server */
	FATE_TAKEN,    /* by the server, with the message */
	FATE_DECIDED,  /* in any other way */
};

struct party {
	struct recipient *recipient; /* borrowed from the envelope */
	enum fate fate;
};

/* A command whose reply is outstanding. */
struct pending {
	enum command command;
	struct party *party; /* for RCPT */
};

struct transaction {
	struct session *session;
	struct envelope *envelope;
	const struct message *message;
	struct content content;
	struct party *parties; /* owned */
	size_t count;
	size_t accepted;
	struct pending *queue; /* owned: [head, tail) */
	size_t head, tail, room;
	size_t answered; /* parties before this one have their reply to the end of the message
			    (LMTP) */
	bool last;       /* no further one is needed for the envelope */
	bool rides;      /* its envelope leaves with the end of another message */
	bool refused;    /* MAIL was */
	bool stopped;    /* the server refused MAIL or content: send no more of it */
	bool go_ahead;   /* 354 */
	bool sent_all;   /* the end of the message has left */
	bool ended;      /* its reply is there */
};

/*
 * Take the reply in t->session as the answer to P. Returns -1 only for what breaks the session:
 * 421, and replies that have no place there.
 */
int verdict(struct transaction *t, const struct pending *p, struct status *st);

/* Decide all parties of FATE as ST says. */
void verdict_decide(struct transaction *t, enum fate fate, const struct status *st);

#endif
