/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/oauth.h"

#include "base/digest.h"
#include "config/token_file.h"
#include "delivery/oauth_cache.h"
#include "net/http.h"

#include <string.h>

enum {
	TOKEN_MAX = 16 * 1024,
	WORD_MAX = 64,
};

/* The refresh token of an account, and where it is kept. */
struct grant {
	const struct reach *reach; /* borrowed */
	struct oauth_client client;
	struct buf path;        /* of the token file; empty if there is no place for one */
	struct token_file file; /* what takes the place of the account's own, if it does */
	struct buf origin;      /* what a file has to name that does so now */
};

static void grant_release(struct grant *g)
{
	buf_release(&g->path);
	token_file_release(&g->file);
	buf_release(&g->origin);
}

/* So a token that the user writes into the config beats what came of the one before it. */
static int name_origin(struct grant *g, struct status *st)
{
	const char *own = g->reach->account->oauth_refresh_token;
	struct digest d;
	if (own == NULL) {
		buf_add_str(&g->origin, "login");
		return 0;
	}
	if (digest_hash(DIGEST_SHA256, slice_of(own), &d, st) != 0)
		return -1;
	digest_hex(&d, &g->origin);
	return 0;
}

static int read_file(struct grant *g, struct status *st)
{
	token_file_release(&g->file);
	if (g->path.len == 0)
		return 0;
	if (token_file_read(buf_str(&g->path), &g->file, st) != 0) {
		st->stage = STAGE_AUTH;
		return -1;
	}
	if (g->reach->account->oauth_refresh_token != NULL &&
	    strcmp(buf_str(&g->file.origin), buf_str(&g->origin)) != 0)
		token_file_release(&g->file);
	return 0;
}

static int grant_begin(struct grant *g, const struct reach *r, struct status *st)
{
	*g = (struct grant){ .reach = r };
	oauth_client(r->account, &g->client);
	oauth_token_path(r->account, &g->path);
	return name_origin(g, st);
}

/* "" if there is none. */
static const char *refresh_token(const struct grant *g)
{
	const char *own = g->reach->account->oauth_refresh_token;
	if (g->file.token.len != 0 || own == NULL)
		return buf_str(&g->file.token);
	return own;
}

static int want_login(const struct grant *g, struct status *st)
{
	return status_hint(st, "run postrider --oauth-login=%s", g->reach->account->name);
}

static int no_refresh_token(const struct grant *g, struct status *st)
{
	status_set(st, STATUS_NOT_ALLOWED, "account '%s' has no refresh token yet",
		   g->reach->account->name);
	st->stage = STAGE_AUTH;
	return want_login(g, st);
}

static int keep_refresh_token(struct grant *g, const char *token, struct status *st)
{
	struct token_file new = { 0 };
	if (g->path.len == 0)
		return status_set(st, STATUS_BAD_CONFIG,
				  "there is no folder for the refresh token: set "
				  "oauth-token-file");
	buf_add_slice(&new.origin, buf_slice(&g->origin));
	buf_add_str(&new.token, token);
	int result = token_file_write(buf_str(&g->path), &new, st);
	token_file_release(&g->file);
	g->file = new;
	return result;
}

/* Take the access token out of A, and leave it in the cache. */
static int take_access_token(const struct grant *g, const struct oauth_answer *a,
			     struct buf *out, struct status *st)
{
	const char *token = oauth_word(a, "access_token", TOKEN_MAX);
	const char *type = oauth_word(a, "token_type", WORD_MAX);
	struct oauth_cache cache = { g->reach->account, &g->client, refresh_token(g) };
	int64_t seconds;
	if (token == NULL)
		return oauth_unfit(a, "there is no access token", st);
	if (type != NULL && !ascii_same_nocase(type, "bearer"))
		return oauth_unfit(a, "the token is no bearer token", st);
	buf_add_str(out, token);
	if (json_number_of(&a->members, "expires_in", &seconds))
		oauth_cache_keep(&cache, token, seconds);
	return 0;
}

/* A new refresh token may make the old one invalid (RFC 6749, 6). */
static void take_rotated(struct grant *g, const struct oauth_answer *a)
{
	const char *token = oauth_word(a, "refresh_token", TOKEN_MAX);
	struct status trouble;
	if (token == NULL || strcmp(token, refresh_token(g)) == 0)
		return;
	if (keep_refresh_token(g, token, &trouble) != 0)
		tap_note(g->reach->tap, "the new refresh token is lost: %s", trouble.text);
}

static void fill_question(struct oauth_question *q, const struct grant *g)
{
	*q = (struct oauth_question){
		.reach = g->reach,
		.client = &g->client,
		.endpoint = g->client.token_endpoint,
		.secret = refresh_token(g),
	};
	oauth_question_begin(q);
	http_form_add(&q->form, "grant_type", "refresh_token");
	http_form_add(&q->form, "refresh_token", q->secret);
	if (g->client.scope_again && g->client.scope != NULL)
		http_form_add(&q->form, "scope", g->client.scope);
}

/* *INVALID: the provider does not take this refresh token. */
static int exchange(struct grant *g, bool *invalid, struct buf *out, struct status *st)
{
	struct oauth_question q;
	struct oauth_answer a = { 0 };
	fill_question(&q, g);
	int result = oauth_ask(&q, &a, st);
	*invalid = result == 0 && a.error != NULL && strcmp(a.error, "invalid_grant") == 0;
	if (result == 0 && a.error != NULL)
		result = oauth_refused(&q, &a, st);
	oauth_question_release(&q);
	if (result == 0) {
		take_rotated(g, &a);
		result = take_access_token(g, &a, out, st);
	}
	oauth_answer_release(&a);
	return *invalid ? want_login(g, st) : result;
}

/* Another run may have been given a new refresh token meanwhile, and used up this one. */
static bool has_changed(struct grant *g)
{
	struct buf before = { 0 };
	struct status ignored;
	buf_add_str(&before, refresh_token(g));
	bool changed =
		read_file(g, &ignored) == 0 && strcmp(buf_str(&before), refresh_token(g)) != 0;
	buf_release_secret(&before);
	return changed;
}

static int get_token(struct grant *g, bool anew, struct buf *out, struct status *st)
{
	bool invalid;
	if (read_file(g, st) != 0)
		return -1;
	if (refresh_token(g)[0] == '\0')
		return no_refresh_token(g, st);
	struct oauth_cache cache = { g->reach->account, &g->client, refresh_token(g) };
	if (!anew && oauth_cache_find(&cache, out)) {
		tap_note(g->reach->tap, "using the access token of an earlier run");
		return 0;
	}
	if (exchange(g, &invalid, out, st) == 0)
		return 0;
	if (!invalid || !has_changed(g))
		return -1;
	return exchange(g, &invalid, out, st);
}

int oauth_token(const struct reach *r, bool anew, struct buf *out, struct status *st)
{
	struct grant g;
	int result = grant_begin(&g, r, st);
	if (result == 0)
		result = get_token(&g, anew, out, st);
	grant_release(&g);
	return result;
}

static int keep_login(struct grant *g, const struct oauth_answer *a, struct status *st)
{
	const char *token = oauth_word(a, "refresh_token", TOKEN_MAX);
	struct buf access = { 0 };
	if (token == NULL) {
		status_set(st, STATUS_NOT_ALLOWED, "the provider gave no refresh token");
		return status_hint(st, "it may want offline_access in oauth-scope");
	}
	if (keep_refresh_token(g, token, st) != 0)
		return -1;
	int result = take_access_token(g, a, &access, st);
	buf_release_secret(&access);
	return result;
}

int oauth_keep_login(const struct reach *r, const struct oauth_answer *a, struct status *st)
{
	struct grant g;
	int result = grant_begin(&g, r, st);
	if (result == 0)
		result = keep_login(&g, a, st);
	grant_release(&g);
	return result;
}
