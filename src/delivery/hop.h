/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hop - one server of a route, and the session with it
 *
 * Turns an account's settings into those of the network and SMTP layers, which do not know
 * accounts.
 */
#ifndef DELIVERY_HOP_H
#define DELIVERY_HOP_H

#include "base/buf.h"
#include "base/status.h"
#include "config/account.h"
#include "delivery/credential.h"
#include "delivery/route.h"
#include "net/tap.h"
#include "smtp/session.h"

#include <stdbool.h>
#include <stdint.h>

struct hop {
	const struct account *account; /* borrowed */
	const struct server *server;   /* borrowed */
	struct buf peer;               /* "host:port", for people */
	struct credential credential;  /* fetched before the first connection */
	struct buf hello;
	struct session_settings settings;
	struct session session;
	bool is_open;
};

/*
 * Prepare to talk to SERVER, one of a route of A; both have to outlive H. HOME as in
 * config_load. Fetches the password or the token, if a login is due, so that a slow command
 * keeps no server waiting. Errors: STATUS_BAD_CONFIG, those of credential_fetch. Release H in
 * any case.
 */
int hop_prepare(struct hop *h, const struct account *a, const struct server *server,
		const char *home, const struct tap *tap, struct status *st);
void hop_release(struct hop *h);

/*
 * Connect and bring the session to where MAIL may be sent; DEADLINE (clock_now() terms) bounds
 * all of it, and what follows. With tls = opportunistic a failed handshake is answered by a
 * second connection without TLS, and a refused token by one with another token, if
 * there is one to be had.
 */
int hop_open(struct hop *h, int64_t deadline, const struct tap *tap, struct status *st);

/* End the session: with QUIT if POLITE, else at once. */
void hop_close(struct hop *h, bool polite);

#endif
