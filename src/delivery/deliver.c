/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/deliver.h"

#include "base/clock.h"
#include "base/mem.h"
#include "delivery/by_domain.h"
#include "delivery/capture.h"
#include "delivery/hop.h"
#include "delivery/route.h"
#include "smtp/fit.h"
#include "smtp/transaction.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	SESSION_SECONDS = 30 * 60, /* for all that a session does besides moving the content */
	SLOWEST = 16 * 1024,       /* octets a second that content has to move at */
};

/* One thing tried, of those that a delivery consists of. */
struct attempt {
	struct delivery what; /* whole or in part: by one account, for some of the recipients */
	bool last_word; /* these servers are the recipients' own, so nobody knows better */
	struct delivery_report *report;
	size_t open;                /* recipients when the present server's turn began */
	const struct server *tried; /* over a session that stood already; or NULL */
};

static void decide_undecided(struct envelope *e, const struct status *st)
{
	for (size_t i = 0; i < e->count; i++) {
		if (!e->at[i].decided)
			recipient_decide(&e->at[i], st);
	}
}

/*
 * Does what was noted on R say more than ST would? An answer beats "cannot connect", and what a
 * later try may mend beats what it may not: a backup server without an address does not make a
 * busy one fail for good.
 */
static bool says_more(const struct recipient *r, const struct status *st)
{
	bool answered = r->stage >= STAGE_MAIL && st->stage < STAGE_MAIL;
	return r->kind != STATUS_OK &&
	       (answered || (status_again(r->kind) && !status_again(st->kind)));
}

/* ST kept those that are undecided from being sent. Maybe the next server can. */
static void note_failure(const struct attempt *a, struct status *st)
{
	struct envelope *e = a->what.envelope;
	if (st->kind == STATUS_NO_HOST && !a->last_word)
		memcpy(st->enhanced, (unsigned short[]){ 4, 4, 4 }, sizeof st->enhanced);
	tap_note(a->what.tap, "%s: %s", a->report->host, st->text);
	for (size_t i = 0; i < e->count; i++) {
		if (!e->at[i].decided && !says_more(&e->at[i], st))
			recipient_note(&e->at[i], st);
	}
}

/* A clear "not now" counts at this server alone, and nothing was taken; so another may be
 * asked. */
static void reopen(struct envelope *e)
{
	for (size_t i = 0; i < e->count; i++) {
		if (e->at[i].kind == STATUS_TEMPORARY)
			e->at[i].decided = false;
	}
}

/* Nobody is left who could make those deliverable that failed for good. */
static void give_up(struct envelope *e)
{
	for (size_t i = 0; i < e->count; i++) {
		if (e->at[i].kind != STATUS_OK && !status_again(e->at[i].kind))
			e->at[i].decided = true;
	}
}

/* What was noted last is how it ends. */
static void settle(struct envelope *e, const struct account *a)
{
	struct status untried;
	status_set(&untried, STATUS_BAD_CONFIG, "account '%s' has no host", a->name);
	for (size_t i = 0; i < e->count; i++) {
		if (!e->at[i].decided && e->at[i].kind == STATUS_OK)
			recipient_note(&e->at[i], &untried);
		e->at[i].decided = true;
	}
}

static void begin_report(struct attempt *a, const char *host)
{
	struct delivery_report *r = a->report;
	*r = (struct delivery_report){ .account = a->what.account->name };
	text_fit(r->host, sizeof r->host, host);
}

static void report_session(struct attempt *a, const struct session *s)
{
	struct delivery_report *r = a->report;
	text_fit(r->tls, sizeof r->tls, s->is_protected ? s->tls.version : "");
	text_fit(r->mechanism, sizeof r->mechanism, s->mechanism);
	r->sends_reports = s->caps.dsn;
}

static void tell_decided(const struct attempt *a)
{
	const struct delivery *d = &a->what;
	if (d->decided != NULL)
		d->decided(d->context, d->envelope);
}

/* All that one connection can do with the message in the form that this server takes. */
static int send_fitted(const struct attempt *a, struct session *s, bool *quit,
		       struct status *st)
{
	struct envelope *e = a->what.envelope;
	struct fitted f;
	int result = fit_message(&f, a->what.message, e, s, st);
	if (result != 0 && !status_again(st->kind)) {
		decide_undecided(e, st);
		result = 0;
	}
	while (result == 0 && !*quit && !session_is_full(s) && envelope_undecided(e) != 0) {
		result = transaction_run(s, e, &f.message, quit, st);
		tell_decided(a);
	}
	fit_release(&f);
	return result;
}

/* Waiting in the queue is counted when a message has its turn, so it has to have its turn. */
static bool has_times(const struct envelope *e)
{
	return e->wishes.hold_for != 0 || e->wishes.deliver_by != 0;
}

/* The next message, if it can go over S as it is, to all its recipients (struct company). What
 * is wrong with it otherwise shows in its turn, which may be with another server. */
static bool find_next(void *context, const struct session *s, struct envelope **e,
		      struct message *m)
{
	const struct delivery *d = context;
	const struct message *next;
	struct fitted f;
	struct status unfit;
	if (!d->next(d->context, e, &next) || has_times(*e) || envelope_undecided(*e) == 0)
		return false;
	bool fits = fit_message(&f, next, *e, s, &unfit) == 0;
	bool as_it_is = fits && f.message.converted == NULL && f.rewritten.size == 0;
	*m = f.message;
	fit_release(&f);
	return as_it_is;
}

/* The session is closed afterwards, unless it is kept for other messages. */
static int use_connection(const struct attempt *a, struct hop *h, struct status *st)
{
	bool quit = false;
	struct session *s = &h->session;
	struct delivery what = a->what;
	const struct company company = { find_next, &what };
	bool has_room = s->mails + (s->ahead == NULL) < CARRIER_MESSAGES;
	s->stays = what.carrier->stays && has_room;
	s->company = s->stays && what.next != NULL && !a->last_word ? &company : NULL;
	fit_recipients(a->what.envelope, s);
	int result = send_fitted(a, s, &quit, st);
	s->company = NULL;
	if (result != 0 || quit || !s->stays || session_is_full(s))
		hop_close(h, !quit && (result == 0 || st->stage == STAGE_NONE));
	return result;
}

/* A session that was kept may have ended meanwhile; then nothing is known of the server yet. */
static bool was_stale(const struct attempt *a, bool kept, const struct status *st)
{
	bool closed = st->kind == STATUS_TEMPORARY && (st->code == 0 || st->code == 421);
	return kept && st->stage <= STAGE_RCPT && (closed || st->kind == STATUS_BROKEN_PEER) &&
	       envelope_undecided(a->what.envelope) == a->open;
}

/* Connect as often as it takes: a server that had no room for some recipients gets them again.
 */
static int use_server(struct attempt *a, struct hop *h, struct status *st)
{
	int64_t seconds = SESSION_SECONDS + (int64_t)(a->what.message->content.size / SLOWEST);
	bool kept = h->is_open;
	int result = 0;
	a->open = envelope_undecided(a->what.envelope);
	while (result == 0 && envelope_undecided(a->what.envelope) != 0) {
		h->settings.deadline = clock_in(seconds);
		if (!h->is_open && hop_open(h, h->settings.deadline, a->what.tap, st) != 0)
			return -1;
		report_session(a, &h->session);
		result = use_connection(a, h, st);
		if (result != 0 && was_stale(a, kept, st))
			result = 0;
		kept = false;
	}
	return result;
}

static void try_server(struct attempt *a, const struct server *server)
{
	const struct delivery *d = &a->what;
	struct hop *h = &d->carrier->hop;
	struct status st;
	int result = carrier_get(d->carrier, d->account, server, d->home, d->tap, &st);
	begin_report(a, buf_str(&h->peer));
	d->carrier->is_relay = !a->last_word;
	if (result == 0 && server->endpoint.kind == ENDPOINT_MAILDIR) {
		result = capture(server->endpoint.path, d->home, d->envelope, d->message,
				 d->tap, &st);
		tell_decided(a);
	} else if (result == 0) {
		result = use_server(a, h, &st);
	}
	if (!h->is_open)
		carrier_drop(d->carrier);
	if (result != 0)
		note_failure(a, &st);
	reopen(d->envelope);
}

/* All the servers of HOST; DOMAIN as in route_find. */
static void try_route(struct attempt *a, const struct endpoint *host, const char *domain)
{
	struct route r = { .account = a->what.account, .tap = a->what.tap };
	struct status st;
	if (route_find(&r, host, domain, &st) != 0)
		note_failure(a, &st);
	for (size_t i = 0; i < r.count && envelope_undecided(a->what.envelope) != 0; i++) {
		if (a->tried == NULL || !carrier_same_server(a->tried, &r.at[i]))
			try_server(a, &r.at[i]);
	}
	route_release(&r);
}

/* Each domain's recipients go to its own servers, whatever happens to those of others. */
static void try_each_domain(const struct attempt *whole, const struct endpoint *host)
{
	struct by_domain walk = { .whole = whole->what.envelope };
	while (by_domain_next(&walk)) {
		struct attempt a = *whole;
		a.what.envelope = &walk.part;
		a.last_word = true;
		begin_report(&a, walk.domain);
		try_route(&a, host, walk.domain);
		give_up(&walk.part);
	}
	by_domain_release(&walk);
}

static void try_host(struct attempt *a, const char *text)
{
	struct endpoint host;
	struct status st;
	begin_report(a, text);
	if (endpoint_parse(text, &host, &st) != 0)
		note_failure(a, &st);
	else if (route_is_by_domain(&host))
		try_each_domain(a, &host);
	else
		try_route(a, &host, NULL);
}

static void try_account(const struct delivery *d, const struct account *account,
			struct delivery_report *report)
{
	struct attempt a = { .what = *d, .report = report };
	struct server present;
	a.what.account = account;
	if (account != d->account)
		a.what.next = NULL; /* which has its own account to begin with */
	if (carrier_has_relay(d->carrier, account)) {
		present = d->carrier->server;
		try_server(&a, &present);
		a.tried = &present;
	}
	for (size_t i = 0; i < account->host.count && envelope_undecided(d->envelope) != 0; i++)
		try_host(&a, account->host.at[i]);
}

static bool is_planned(const struct account *const *plan, size_t count, const struct account *a)
{
	for (size_t i = 0; i < count; i++) {
		if (plan[i] == a)
			return true;
	}
	return false;
}

/*
 * The account, then its fallbacks, then theirs: each once, whatever circles they make. The list
 * grows while it is walked; the caller frees it.
 */
static const struct account **make_plan(const struct delivery *d, size_t *count)
{
	/* NOLINTNEXTLINE(bugprone-sizeof-expression): it is a list of pointers */
	const struct account **plan = mem_zero(d->config->count + 1, sizeof *plan);
	*count = 0;
	plan[(*count)++] = d->account;
	for (size_t i = 0; i < *count; i++) {
		const struct strings *names = &plan[i]->fallback;
		for (size_t n = 0; n < names->count; n++) {
			const struct account *a = config_find(d->config, names->at[n]);
			if (a != NULL && !is_planned(plan, *count, a))
				plan[(*count)++] = a;
		}
	}
	return plan;
}

static void deliver_by_plan(const struct delivery *d, struct delivery_report *report)
{
	size_t count;
	const struct account **plan = make_plan(d, &count);
	*report = (struct delivery_report){ .account = d->account->name };
	for (size_t i = 0; i < count && envelope_undecided(d->envelope) != 0; i++) {
		if (i != 0)
			tap_note(d->tap, "falling back on the account '%s'", plan[i]->name);
		try_account(d, plan[i], report);
	}
	settle(d->envelope, d->account);
	free(plan);
}

void deliver(const struct delivery *d, struct delivery_report *report)
{
	struct carrier once = { 0 };
	struct delivery alone = *d;
	if (d->carrier == NULL)
		alone.carrier = &once;
	deliver_by_plan(&alone, report);
	carrier_drop(&once);
}
