/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oauth_login - the user's consent, given in a web browser somewhere else (RFC 8628)
 *
 * Life: zero the struct, begin, show the user where to go and what to type, wait, release.
 */
#ifndef DELIVERY_OAUTH_LOGIN_H
#define DELIVERY_OAUTH_LOGIN_H

#include "base/buf.h"
#include "base/status.h"
#include "config/oauth.h"
#include "net/tap.h"

#include <stdint.h>

struct oauth_login {
	const struct account *account; /* borrowed */
	const struct tap *tap;         /* borrowed */
	struct oauth_client client;
	struct buf page;      /* where the user goes, visible ASCII */
	struct buf code;      /* what he types there, printable */
	struct buf full_page; /* a page where he need not type it; may be empty */
	struct buf device;    /* secret: by what the provider knows this login */
	int64_t interval;     /* seconds between two questions */
	int64_t seconds;      /* for all of it */
	int64_t until;        /* their end, clock_now() terms */
};

/*
 * Begin a login for A. Errors: STATUS_BAD_CONFIG if its keys do not suffice; those of oauth_ask
 * and oauth_refused.
 */
int oauth_login_begin(struct oauth_login *l, const struct account *a, const struct tap *tap,
		      struct status *st);

/*
 * Wait for the user, and keep what his consent gives (oauth_keep_login). A provider that cannot
 * be reached is asked again, half as often. Errors: STATUS_NOT_ALLOWED if he declines or the
 * time is over; those of oauth_ask, oauth_refused and oauth_keep_login.
 */
int oauth_login_wait(struct oauth_login *l, struct status *st);
void oauth_login_release(struct oauth_login *l);

#endif
