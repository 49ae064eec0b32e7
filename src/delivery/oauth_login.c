/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/oauth_login.h"

#include "base/clock.h"
#include "delivery/oauth.h"
#include "delivery/oauth_ask.h"
#include "net/http.h"
#include "net/url.h"
#include "net/wait.h"

#include <string.h>

#define DEVICE_GRANT "urn:ietf:params:oauth:grant-type:device_code"

enum {
	PAGE_MAX = 1000,
	CODE_MAX = 64,
	DEVICE_MAX = 4 * 1024,
	SECOND = 1000,      /* milliseconds */
	USUAL_INTERVAL = 5, /* RFC 8628, 3.2 */
	SLOWER_BY = 5,      /* RFC 8628, 3.5 */
	INTERVAL_MAX = 60,
	SECONDS_MAX = 60 * 60,
};

static int begin(struct oauth_login *l, struct status *st)
{
	const struct account *a = l->account;
	if (a->oauth == OAUTH_NONE) {
		status_set(st, STATUS_BAD_CONFIG, "account '%s' does not use OAuth", a->name);
		return status_hint(st, "add oauth = google, microsoft or custom");
	}
	oauth_client(a, &l->client);
	if (a->oauth_token_file == NULL && a->state == NULL)
		return status_set(st, STATUS_BAD_CONFIG,
				  "there is no folder for the refresh token: set "
				  "oauth-token-file");
	if (l->client.device_endpoint != NULL)
		return 0;
	status_set(st, STATUS_BAD_CONFIG, "account '%s' has no 'oauth-device-endpoint'",
		   a->name);
	return status_hint(st, "without one, oauth-refresh-token has to hold the token");
}

static struct reach reach_of(const struct oauth_login *l)
{
	int64_t patience = clock_in(6 * l->account->connect_timeout);
	return (struct reach){ l->account, l->tap, clock_earlier(patience, l->until) };
}

/* The address NAME in A, or OTHER, as Google calls it; only one that hides what is typed there
 * from the network. */
static const char *find_page(const struct oauth_answer *a, const char *name, const char *other)
{
	struct url ignored;
	struct status st;
	const char *page = oauth_word(a, name, PAGE_MAX);
	if (page == NULL)
		page = oauth_word(a, other, PAGE_MAX);
	return page != NULL && url_parse(page, &ignored, &st) == 0 ? page : NULL;
}

/* What may be anything but is shown. */
static bool add_code(const struct oauth_answer *a, struct buf *out)
{
	const char *code = json_text_of(&a->members, "user_code");
	if (code == NULL || *code == '\0' || strlen(code) > CODE_MAX)
		return false;
	text_printable(out, slice_of(code), CODE_MAX);
	return true;
}

static int64_t limited(const struct oauth_answer *a, const char *name, int64_t usual,
		       int64_t max)
{
	int64_t number;
	if (!json_number_of(&a->members, name, &number))
		number = usual;
	if (number < 1)
		return 1;
	return number < max ? number : max;
}

static int take_answer(struct oauth_login *l, const struct oauth_answer *a, struct status *st)
{
	const char *page = find_page(a, "verification_uri", "verification_url");
	const char *full =
		find_page(a, "verification_uri_complete", "verification_url_complete");
	const char *device = oauth_word(a, "device_code", DEVICE_MAX);
	if (page == NULL || device == NULL || !add_code(a, &l->code))
		return oauth_unfit(a, "there is no code, or no page to enter it", st);
	buf_add_str(&l->page, page);
	buf_add_str(&l->full_page, full != NULL ? full : "");
	buf_add_str(&l->device, device);
	l->interval = limited(a, "interval", USUAL_INTERVAL, INTERVAL_MAX);
	l->seconds = limited(a, "expires_in", SECONDS_MAX, SECONDS_MAX);
	l->until = clock_in(l->seconds);
	return 0;
}

/* As of 2026: Google lets devices ask for very little, and mail is not among it. */
static int refused(const struct oauth_question *q, const struct oauth_answer *a,
		   struct status *st)
{
	oauth_refused(q, a, st);
	if (q->reach->account->oauth == OAUTH_GOOGLE && strcmp(a->error, "invalid_scope") == 0)
		status_hint(st, "Google lets no device ask for mail: get a refresh token in a "
				"browser, see TOKENS in postrider.ini(5)");
	return -1;
}

int oauth_login_begin(struct oauth_login *l, const struct account *a, const struct tap *tap,
		      struct status *st)
{
	*l = (struct oauth_login){ .account = a, .tap = tap, .until = INT64_MAX };
	if (begin(l, st) != 0)
		return -1;
	struct reach reach = reach_of(l);
	struct oauth_question q = {
		&reach, &l->client, l->client.device_endpoint, NULL, { 0 }
	};
	struct oauth_answer answer = { 0 };
	oauth_question_begin(&q);
	if (l->client.scope != NULL)
		http_form_add(&q.form, "scope", l->client.scope);
	int result = oauth_ask(&q, &answer, st);
	if (result == 0)
		result = answer.error != NULL ? refused(&q, &answer, st)
					      : take_answer(l, &answer, st);
	oauth_question_release(&q);
	oauth_answer_release(&answer);
	return result;
}

/* Is it only that the user is not there yet? Then how long to wait is settled, too. */
static bool is_pending(struct oauth_login *l, const struct oauth_answer *a)
{
	if (strcmp(a->error, "slow_down") == 0)
		l->interval += SLOWER_BY;
	else if (strcmp(a->error, "authorization_pending") != 0)
		return false;
	return true;
}

/* *PENDING: it is not decided yet. */
static int ask_once(struct oauth_login *l, bool *pending, struct status *st)
{
	struct reach reach = reach_of(l);
	struct oauth_question q = {
		&reach, &l->client, l->client.token_endpoint, buf_str(&l->device), { 0 }
	};
	struct oauth_answer a = { 0 };
	oauth_question_begin(&q);
	http_form_add(&q.form, "grant_type", DEVICE_GRANT);
	http_form_add(&q.form, "device_code", q.secret);
	int result = oauth_ask(&q, &a, st);
	*pending = result == 0 && a.error != NULL && is_pending(l, &a);
	if (result == 0 && a.error == NULL)
		result = oauth_keep_login(&reach, &a, st);
	else if (result == 0 && !*pending)
		result = oauth_refused(&q, &a, st);
	oauth_question_release(&q);
	oauth_answer_release(&a);
	return result;
}

int oauth_login_wait(struct oauth_login *l, struct status *st)
{
	bool pending = true;
	while (clock_now() + l->interval * SECOND < l->until) {
		wait_ready(NULL, 0, clock_in(l->interval));
		int result = ask_once(l, &pending, st);
		if (result == 0 && !pending)
			return 0;
		if (result != 0 && st->kind != STATUS_TEMPORARY)
			return -1;
		if (result != 0) {
			tap_note(l->tap, "%s; asking again", st->text);
			l->interval *= 2;
		}
	}
	status_set(st, STATUS_NOT_ALLOWED, "the code was not entered in time");
	return status_hint(st, "run it again");
}

void oauth_login_release(struct oauth_login *l)
{
	buf_release(&l->page);
	buf_release(&l->code);
	buf_release(&l->full_page);
	buf_release_secret(&l->device);
}
