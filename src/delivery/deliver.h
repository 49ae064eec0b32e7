/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * deliver - one message, by one account and those that stand in for it, to the servers that the
 * accounts name, in their order
 *
 * A server that cannot be used, or that refuses the message or a recipient for now, leaves
 * those recipients to the next one: the next server of a route, the next `host`, the next
 * `fallback` account. What is refused for good stays refused, and nothing is sent again that a
 * server may have taken.
 */
#ifndef DELIVERY_DELIVER_H
#define DELIVERY_DELIVER_H

#include "base/status.h"
#include "config/config.h"
#include "delivery/carrier.h"
#include "message/envelope.h"
#include "message/message.h"
#include "net/tap.h"

#include <stdbool.h>

/* What is to be delivered; all of it borrowed. */
struct delivery {
	const struct config *config;   /* where the fallback accounts are */
	const struct account *account; /* the one to begin with */
	struct envelope *envelope;
	const struct message *message;
	const char *home;        /* as in config_load */
	const struct tap *tap;   /* or NULL */
	struct carrier *carrier; /* keeps connections for other messages; or NULL */
	/*
	 * Called after each transaction with the recipients that it was about, PART of the
	 * envelope: what was decided by then is so, whatever happens next. Or NULL.
	 */
	void (*decided)(void *context, const struct envelope *part);
	/*
	 * The message that is delivered next, by the same account and with the same carrier,
	 * whatever becomes of this one: its envelope may leave with the end of this one. False:
	 * there is none. Or NULL.
	 */
	bool (*next)(void *context, struct envelope **e, const struct message **m);
	void *context;
};

/* What the log tells of a delivery besides the recipients' fates. */
struct delivery_report {
	const char *account; /* borrowed from the config: the account that was tried last */
	char host[300];      /* the last server that was tried: "host:port" */
	char tls[16];        /* "TLS1.3"; empty without TLS */
	char mechanism[24];  /* of AUTH; empty without */
	bool sends_reports;  /* the server does as RFC 3461 says */
};

/*
 * Deliver to the undecided recipients of the envelope. Afterwards every one of them is decided:
 * taken by a server, refused, or left with what kept the message from being sent.
 */
void deliver(const struct delivery *d, struct delivery_report *report);

#endif
