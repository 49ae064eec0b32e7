/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/oauth_ask.h"

#include "net/http.h"
#include "net/tls.h"
#include "smtp/redact.h"

#include <stdio.h>
#include <string.h>

enum {
	OLDEST_TLS = 12,
	TOO_MANY_REQUESTS = 429,
	SERVER_ERROR = 500,
};

void oauth_question_begin(struct oauth_question *q)
{
	http_form_add(&q->form, "client_id", q->client->id);
	if (q->client->secret != NULL)
		http_form_add(&q->form, "client_secret", q->client->secret);
}

void oauth_question_release(struct oauth_question *q)
{
	buf_release_secret(&q->form);
}

/* Who failed, and when; a provider that is not there now may be there later. */
static int blame(const struct url *u, struct status *st)
{
	st->stage = STAGE_AUTH;
	if (st->kind == STATUS_NO_HOST)
		st->kind = STATUS_TEMPORARY;
	text_fit(st->peer, sizeof st->peer, u->authority);
	return -1;
}

/* On failure *STREAM is to be freed, too. */
static int protect(const struct account *a, const struct url *u, struct stream **stream,
		   struct status *st)
{
	const struct tls_settings settings = {
		.name = u->host,
		.ca = a->tls_ca,
		.verify = true,
		.min_version = a->tls_min > OLDEST_TLS ? a->tls_min : OLDEST_TLS,
		.priority = a->tls_priority,
	};
	if (tls_start(stream, &settings, NULL, st) == 0)
		return 0;
	if (st->kind == STATUS_NOT_SECURE)
		status_hint(st,
			    "tokens are asked for only where tls-ca vouches for the server");
	return -1;
}

static int post(const struct oauth_question *q, const struct url *u, struct http_response *r,
		struct status *st)
{
	const struct reach *reach = q->reach;
	struct stream *stream;
	tap_note(reach->tap, "asking %s for a token", u->authority);
	if (reach_host(reach, u->host, u->port, &stream, st) != 0)
		return -1;
	stream_set_deadline(stream, reach->deadline);
	int result = protect(reach->account, u, &stream, st);
	if (result == 0)
		result = http_post(stream, u, buf_slice(&q->form), r, st);
	stream_free(stream);
	return result;
}

static bool is_unwell(unsigned code)
{
	return code >= SERVER_ERROR || code == TOO_MANY_REQUESTS;
}

/* Make of R what the provider means. */
static int understand(const struct http_response *r, struct oauth_answer *a, struct status *st)
{
	struct status why;
	bool is_json = json_read(buf_slice(&r->body), &a->members, &why) == 0;
	a->code = r->code;
	a->error = is_json ? json_text_of(&a->members, "error") : NULL;
	if (a->error != NULL)
		return 0;
	if (r->code == 200)
		return is_json ? 0
			       : status_set(st, STATUS_BROKEN_PEER,
					    "the answer is not understood: %s", why.text);
	if (is_unwell(r->code))
		return status_set(st, STATUS_TEMPORARY, "no token now: HTTP code %u", r->code);
	status_set(st, STATUS_BROKEN_PEER, "no token: HTTP code %u without a reason", r->code);
	return status_hint(st, "check the URL of the provider's endpoint");
}

int oauth_ask(const struct oauth_question *q, struct oauth_answer *a, struct status *st)
{
	struct http_response r = { 0 };
	struct url u;
	if (url_parse(q->endpoint, &u, st) != 0)
		return -1;
	text_fit(a->peer, sizeof a->peer, u.authority);
	int result = post(q, &u, &r, st);
	if (result == 0)
		result = understand(&r, a, st);
	http_response_release(&r);
	return result == 0 ? 0 : blame(&u, st);
}

void oauth_answer_release(struct oauth_answer *a)
{
	json_members_release(&a->members);
}

/* What is worth saying about an error's code; what is not here is STATUS_NOT_ALLOWED. */
static const struct error {
	const char *code;
	enum status_kind kind;
	const char *hint;
} errors[] = {
	{ "invalid_client", STATUS_NOT_ALLOWED,
	  "check oauth-client-id and oauth-client-secret" },
	{ "unauthorized_client", STATUS_NOT_ALLOWED,
	  "check oauth-client-id, and what the provider lets this client do" },
	{ "invalid_scope", STATUS_NOT_ALLOWED, "check oauth-scope" },
	{ "access_denied", STATUS_NOT_ALLOWED, "the login was declined in the browser" },
	{ "expired_token", STATUS_NOT_ALLOWED,
	  "the code was not entered in time: run it again" },
	{ "temporarily_unavailable", STATUS_TEMPORARY, "" },
	{ "server_error", STATUS_TEMPORARY, "" },
	{ "slow_down", STATUS_TEMPORARY, "" },
};

static const struct error *find_error(const char *code)
{
	static const struct error unknown = { "", STATUS_NOT_ALLOWED, "" };
	for (size_t i = 0; i < sizeof errors / sizeof *errors; i++) {
		if (strcmp(errors[i].code, code) == 0)
			return &errors[i];
	}
	return &unknown;
}

static void add_words(const struct oauth_question *q, const struct oauth_answer *a,
		      struct buf *out)
{
	struct strings secrets = { 0 };
	const char *words = json_text_of(&a->members, "error_description");
	buf_add_str(out, a->error);
	if (words != NULL)
		buf_addf(out, ": %s", words);
	if (q->client->secret != NULL)
		strings_add(&secrets, q->client->secret);
	if (q->secret != NULL)
		strings_add(&secrets, q->secret);
	redact(out, 0, &secrets);
	strings_release_secret(&secrets);
}

int oauth_refused(const struct oauth_question *q, const struct oauth_answer *a,
		  struct status *st)
{
	const struct error *e = find_error(a->error);
	struct buf words = { 0 };
	add_words(q, a, &words);
	status_set(st, is_unwell(a->code) ? STATUS_TEMPORARY : e->kind, "no token: %s",
		   buf_str(&words));
	buf_release_secret(&words);
	if (e->hint[0] != '\0')
		status_hint(st, "%s", e->hint);
	st->stage = STAGE_AUTH;
	memcpy(st->peer, a->peer, sizeof st->peer);
	return -1;
}

int oauth_unfit(const struct oauth_answer *a, const char *what, struct status *st)
{
	status_set(st, STATUS_BROKEN_PEER, "the answer is not understood: %s", what);
	st->stage = STAGE_AUTH;
	memcpy(st->peer, a->peer, sizeof st->peer);
	return -1;
}

const char *oauth_word(const struct oauth_answer *a, const char *name, size_t max)
{
	const char *word = json_text_of(&a->members, name);
	if (word == NULL || *word == '\0' || strlen(word) > max)
		return NULL;
	for (const char *c = word; *c != '\0'; c++) {
		if (*c <= ' ' || *c >= 0x7f)
			return NULL;
	}
	return word;
}
