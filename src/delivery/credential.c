/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/credential.h"

#include "base/clock.h"
#include "config/secret.h"
#include "delivery/oauth.h"

#include <string.h>

static enum sasl_proof proof_of(const struct account *a)
{
	const struct sasl_mechanism *named = sasl_find(a->auth);
	if (named != NULL)
		return named->proof;
	bool has_token = a->token_command != NULL || a->oauth != OAUTH_NONE;
	return has_token ? SASL_TOKEN : SASL_PASSWORD;
}

static int64_t patience(const struct account *a)
{
	return clock_in(6 * a->connect_timeout);
}

static int fetch_token(const struct account *a, bool anew, const struct tap *tap,
		       struct buf *out, struct status *st)
{
	struct reach r = { a, tap, patience(a) };
	if (a->oauth != OAUTH_NONE)
		return oauth_token(&r, anew, out, st);
	return secret_token(a, r.deadline, out, st);
}

int credential_fetch(struct credential *c, const struct account *a, const char *host,
		     const char *home, const struct tap *tap, struct status *st)
{
	int result = 0;
	c->proof = proof_of(a);
	if (c->proof == SASL_TOKEN)
		result = fetch_token(a, false, tap, &c->secret, st);
	else if (c->proof == SASL_PASSWORD)
		result = secret_password(a, host, home, patience(a), &c->secret, st);
	if (result != 0)
		st->stage = STAGE_AUTH;
	return result;
}

void credential_release(struct credential *c)
{
	buf_release_secret(&c->secret);
}

/* With a code: a server said no, rather than offering nothing that fits. */
static bool is_refusal(const struct status *st)
{
	return st->stage == STAGE_AUTH && st->kind == STATUS_NOT_ALLOWED && st->code != 0;
}

bool credential_renew(struct credential *c, const struct account *a, const struct tap *tap,
		      const struct status *st)
{
	struct buf fresh = { 0 };
	struct status trouble;
	if (c->proof != SASL_TOKEN || c->was_renewed || !is_refusal(st))
		return false;
	c->was_renewed = true;
	tap_note(tap, "%s; asking for another token", st->text);
	bool fetched = fetch_token(a, true, tap, &fresh, &trouble) == 0;
	bool is_new = fetched && strcmp(buf_str(&fresh), buf_str(&c->secret)) != 0;
	if (is_new) {
		struct buf old = c->secret;
		c->secret = fresh;
		fresh = old;
	} else {
		tap_note(tap, "%s", fetched ? "it is the same one" : trouble.text);
	}
	buf_release_secret(&fresh);
	return is_new;
}
