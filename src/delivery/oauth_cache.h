/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oauth_cache - access tokens that later runs use, in the account's cache
 *
 * A token is kept under a name made of all that it was given for, the refresh token too:
 * whoever logs in as somebody else, or changes a key, begins anew. Nothing here fails: without
 * a token in the cache the provider is asked.
 */
#ifndef DELIVERY_OAUTH_CACHE_H
#define DELIVERY_OAUTH_CACHE_H

#include "base/buf.h"
#include "config/oauth.h"

#include <stdbool.h>
#include <stdint.h>

/* Whose token; all borrowed. */
struct oauth_cache {
	const struct account *account;
	const struct oauth_client *client;
	const char *refresh_token;
};

/* Append the token that is kept, if it is good for another minute, to OUT, which is secret. */
bool oauth_cache_find(const struct oauth_cache *c, struct buf *out);

/* Keep TOKEN, which is visible ASCII and good for SECONDS, a day at most. */
void oauth_cache_keep(const struct oauth_cache *c, const char *token, int64_t seconds);

#endif
