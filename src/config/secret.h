/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * secret - where an account's password or token comes from
 */
#ifndef CONFIG_SECRET_H
#define CONFIG_SECRET_H

#include "base/buf.h"
#include "base/status.h"
#include "config/account.h"

/*
 * The password of A for HOST: `password`; else the first line of `password-file` (with
 * "credential:NAME": of $CREDENTIALS_DIRECTORY/NAME); else the first line that
 * `password-command` prints, run by /bin/sh -c with DEADLINE (clock_now() terms) as its limit;
 * else ~/.netrc's entry for HOST and `user` (HOME as in config_load). Appended to OUT, which
 * the caller releases with buf_release_secret.
 *
 * Errors: STATUS_NOT_ALLOWED when there is none or the command fails; STATUS_BAD_CONFIG when a
 * file that others can read holds it.
 */
int secret_password(const struct account *a, const char *host, const char *home,
		    int64_t deadline, struct buf *out, struct status *st);

/*
 * The OAuth access token of A: the first line that `token-command` prints, run in the same way.
 *
 * Errors: STATUS_NOT_ALLOWED when the key is not set or the command fails.
 */
int secret_token(const struct account *a, int64_t deadline, struct buf *out, struct status *st);

#endif
