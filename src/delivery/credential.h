/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * credential - the password or the token that an account logs in with
 *
 * Life: zero the struct, fetch, use, renew where a server refused it, release.
 */
#ifndef DELIVERY_CREDENTIAL_H
#define DELIVERY_CREDENTIAL_H

#include "base/buf.h"
#include "base/status.h"
#include "config/account.h"
#include "net/tap.h"
#include "smtp/sasl.h"

#include <stdbool.h>

struct credential {
	enum sasl_proof proof; /* what it is */
	struct buf secret;     /* empty if it is the certificate */
	bool was_renewed;
};

/*
 * Fetch what A needs to log in to HOST: what the mechanism that `auth` names takes, or, with
 * `auto`, a token if there is a token-command or `oauth`, else a password. HOME as in
 * config_load. A command, or OAuth's endpoint, has the connect-timeout's sixfold.
 * Errors: those of secret_password, secret_token and oauth_token, at STAGE_AUTH.
 */
int credential_fetch(struct credential *c, const struct account *a, const char *host,
		     const char *home, const struct tap *tap, struct status *st);
void credential_release(struct credential *c);

/*
 * After the failure ST of a login: is a second one worth its while? A token that a server
 * refused is fetched once more, and only once. False for anything but a refused token, and if
 * none comes, or the same one: every wrong login brings the account nearer to being locked.
 */
bool credential_renew(struct credential *c, const struct account *a, const struct tap *tap,
		      const struct status *st);

#endif
