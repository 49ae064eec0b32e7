/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * carrier - the connection that one message leaves open for the next
 *
 * A run of the queue sends many messages to one server. The session stays, and the next message
 * begins with MAIL, or, if it goes elsewhere, takes another connection.
 *
 * Life: zero the struct, get hops from it, release it.
 */
#ifndef DELIVERY_CARRIER_H
#define DELIVERY_CARRIER_H

#include "base/status.h"
#include "delivery/hop.h"
#include "delivery/route.h"

#include <stdbool.h>

/* After so many messages a connection is made anew; some servers hang up on those who go on. */
enum { CARRIER_MESSAGES = 100 };

struct carrier {
	bool stays;     /* more messages are to come */
	bool is_relay;  /* the present one takes mail for everybody */
	struct hop hop; /* the present one, if it is in use */
	bool is_ready;  /* it is prepared */
	struct server server;
};

/*
 * The hop to SERVER by A, prepared and perhaps open: C's present one if it leads there, or
 * another in its place. Errors: those of hop_prepare; the hop's peer is known all the same.
 */
int carrier_get(struct carrier *c, const struct account *a, const struct server *server,
		const char *home, const struct tap *tap, struct status *st);

/* Does C have a session with a relay of A? Then that is where the next message goes. */
bool carrier_has_relay(const struct carrier *c, const struct account *a);

/* Is there room in C's session for one more message, or has it begun? */
bool carrier_has_room(const struct carrier *c);

/* Is it one server, reached in one way? */
bool carrier_same_server(const struct server *a, const struct server *b);

/* The message with E had its turn: if its envelope left ahead and was not used, no other may
 * use that session. */
void carrier_end_turn(struct carrier *c, const struct envelope *e);

/* The hop is not used again: what is left of it goes, with a QUIT if a session stands. */
void carrier_drop(struct carrier *c);

#endif
