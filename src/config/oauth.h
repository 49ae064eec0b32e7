/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oauth - what the oauth keys of an account stand for, together with what we know of providers
 */
#ifndef CONFIG_OAUTH_H
#define CONFIG_OAUTH_H

#include "base/buf.h"
#include "base/status.h"
#include "config/account.h"

#include <stdbool.h>

/* All borrowed: from the account, or static. */
struct oauth_client {
	const char *token_endpoint;
	const char *device_endpoint; /* NULL: no login from here */
	const char *id;
	const char *secret; /* NULL: it has none */
	const char *scope;  /* NULL: what the provider thinks fit */
	bool scope_again;   /* name it for each access token, not only for the login */
};

/* Fill C for A, whose `oauth` is not OAUTH_NONE and which oauth_check let pass. */
void oauth_client(const struct account *a, struct oauth_client *c);

/* Do the keys of A go together? Errors: STATUS_BAD_CONFIG. */
int oauth_check(const struct account *a, struct status *st);

/*
 * Append the path of the file for refresh tokens of A: `oauth-token-file`, or "oauth-NAME" in
 * the state folder, with %XX for what is not fit for a file's name. False if there is no such
 * folder.
 */
bool oauth_token_path(const struct account *a, struct buf *path);

#endif
