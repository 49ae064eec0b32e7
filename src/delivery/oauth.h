/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * oauth - access tokens for an account with `oauth`
 *
 * A refresh token stands for the user's consent: `oauth-refresh-token`, or what --oauth-login
 * or the provider left in the token file. It is exchanged for access tokens, which are good for
 * an hour or so, and wait for later runs in the account's cache until a minute before their
 * end.
 */
#ifndef DELIVERY_OAUTH_H
#define DELIVERY_OAUTH_H

#include "base/buf.h"
#include "base/status.h"
#include "delivery/oauth_ask.h"
#include "delivery/reach.h"

#include <stdbool.h>

/*
 * Append an access token for R's account, by R's deadline, to OUT, which is secret: the one in
 * the cache, unless it has to be got ANEW, or one that the provider gives (RFC 6749, 6). A new
 * refresh token that comes with it is kept; if that fails, the transcript says so.
 *
 * Errors, at STAGE_AUTH: STATUS_NOT_ALLOWED if there is no refresh token, or the provider does
 * not take it any more; those of oauth_ask and token_file_read.
 */
int oauth_token(const struct reach *r, bool anew, struct buf *out, struct status *st);

/*
 * Keep what A, the provider's yes to a login of R's account, gives: the refresh token in the
 * token file, the access token in the cache. Errors: STATUS_NOT_ALLOWED if no refresh token is
 * in it; STATUS_BROKEN_PEER; those of token_file_write.
 */
int oauth_keep_login(const struct reach *r, const struct oauth_answer *a, struct status *st);

#endif
