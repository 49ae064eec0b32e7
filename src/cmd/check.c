/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "base/json.h"
#include "cmd/cmd.h"
#include "cmd/context.h"
#include "cmd/say.h"
#include "delivery/hop.h"

#include <inttypes.h>
#include <sysexits.h>

enum { CHECK_SECONDS = 10 * 60 };

/* What a check is about, and what came of it. */
struct found {
	const struct account *account;
	const char *server;           /* for people */
	const struct status *failure; /* NULL: all is well */
	bool as_json;
};

/* The keywords worth knowing, as a server spells them. */
static void list_offers(const struct capabilities *c, struct strings *out)
{
	const struct {
		bool offered;
		const char *word;
	} offers[] = {
		{ c->pipelining, "PIPELINING" },
		{ c->chunking, "CHUNKING" },
		{ c->eightbitmime, "8BITMIME" },
		{ c->smtputf8, "SMTPUTF8" },
		{ c->dsn, "DSN" },
		{ c->requiretls, "REQUIRETLS" },
	};
	for (size_t i = 0; i < sizeof offers / sizeof *offers; i++) {
		if (offers[i].offered)
			strings_add(out, offers[i].word);
	}
}

static void show_tls(const struct session *s, struct buf *out)
{
	const struct tls_facts *t = &s->tls;
	if (!s->is_protected) {
		buf_add_str(out, "tls:         none, everything is readable on the way\n");
		return;
	}
	buf_addf(out, "tls:         %s, %s\n", t->version, t->cipher);
	buf_addf(out, "certificate: '%s', issued by '%s', %ld days left\n", t->subject,
		 t->issuer, t->days_left);
	buf_addf(out, "verified:    %s\n", t->verified);
}

static void show_text(const struct hop *h, struct buf *out)
{
	const struct session *s = &h->session;
	struct strings offers = { 0 };
	buf_addf(out, "account:     %s\nserver:      %s\n", h->account->name,
		 buf_str(&h->peer));
	show_tls(s, out);
	if (s->mechanism != NULL)
		buf_addf(out, "login:       %s with %s\n", h->settings.user, s->mechanism);
	else
		buf_add_str(out, "login:       none\n");
	list_offers(&s->caps, &offers);
	buf_add_str(out, "offers:     ");
	for (size_t i = 0; i < offers.count; i++)
		buf_addf(out, " %s", offers.at[i]);
	if (s->caps.size_limit != 0)
		buf_addf(out, " SIZE=%" PRIu64, s->caps.size_limit);
	buf_add_str(out, "\nresult:      ready to send\n");
	strings_release(&offers);
}

static void json_tls(struct json *j, const struct session *s)
{
	if (!s->is_protected) {
		json_null(j, "tls");
		return;
	}
	json_object(j, "tls");
	json_string(j, "version", s->tls.version);
	json_string(j, "cipher", s->tls.cipher);
	json_string(j, "subject", s->tls.subject);
	json_string(j, "issuer", s->tls.issuer);
	json_number(j, "days_left", s->tls.days_left);
	json_string(j, "verified", s->tls.verified);
	json_object_end(j);
}

static void json_ready(struct json *j, const struct hop *h)
{
	const struct session *s = &h->session;
	struct strings offers = { 0 };
	json_tls(j, s);
	json_string(j, "auth", s->mechanism);
	json_number(j, "size_limit", (int64_t)s->caps.size_limit);
	list_offers(&s->caps, &offers);
	json_array(j, "offers");
	for (size_t i = 0; i < offers.count; i++)
		json_string(j, NULL, offers.at[i]);
	json_array_end(j);
	strings_release(&offers);
}

/* H is NULL where it did not come to a server. */
static void show_json(const struct found *f, const struct hop *h, struct buf *out)
{
	struct json writer = { .out = out }, *j = &writer;
	const struct status *failure = f->failure;
	json_object(j, NULL);
	json_string(j, "account", f->account->name);
	json_string(j, "server", f->server);
	json_bool(j, "ready", failure == NULL);
	if (failure == NULL) {
		if (h != NULL && h->is_open)
			json_ready(j, h);
	} else {
		json_string(j, "error", failure->text);
		json_string(j, "hint", failure->hint[0] != '\0' ? failure->hint : NULL);
		json_number(j, "exit", status_exit(failure->kind));
	}
	json_object_end(j);
	buf_add_char(out, '\n');
}

/* Print what was found out, and give the exit code. H as in show_json. */
static int show(const struct found *f, const struct hop *h)
{
	struct buf out = { 0 };
	if (f->as_json)
		show_json(f, h, &out);
	else if (f->failure != NULL)
		say_status(f->failure);
	else if (h != NULL && h->is_open)
		show_text(h, &out);
	else
		buf_addf(&out,
			 "account:     %s\nhost:        %s\nresult:      no server to ask\n",
			 f->account->name, f->server);
	int written = say_output(&out);
	return f->failure != NULL ? status_exit(f->failure->kind) : written;
}

/* One server: connect, protect, log in, leave. */
static int check_server(const struct context *c, const struct server *server, struct found f)
{
	struct hop h;
	struct status st;
	int result =
		hop_prepare(&h, f.account, server, buf_str(&c->home), &c->transcript.tap, &st);
	h.settings.tls_settings.tickets = NULL; /* a resumed session would hide what is wrong */
	if (result == 0 && server->endpoint.kind != ENDPOINT_MAILDIR)
		result = hop_open(&h, clock_in(CHECK_SECONDS), &c->transcript.tap, &st);
	f.server = buf_str(&h.peer);
	f.failure = result == 0 ? NULL : &st;
	int code = show(&f, &h);
	hop_close(&h, true);
	hop_release(&h);
	return code;
}

static int check_route(const struct context *c, const struct endpoint *host, struct found f)
{
	struct route r = { .account = f.account, .tap = &c->transcript.tap };
	struct status st;
	int code = EX_OK;
	if (route_find(&r, host, NULL, &st) != 0) {
		f.failure = &st;
		code = show(&f, NULL);
	}
	for (size_t i = 0; i < r.count; i++) {
		int one = check_server(c, &r.at[i], f);
		if (code == EX_OK)
			code = one;
	}
	route_release(&r);
	return code;
}

/* One value of `host`. Returns the exit code. */
static int check_host(const struct context *c, struct found f)
{
	struct endpoint host;
	struct status st;
	int result = endpoint_parse(f.server, &host, &st);
	if (result == 0 && !route_is_by_domain(&host))
		return check_route(c, &host, f);
	f.failure = result == 0 ? NULL : &st;
	return show(&f, NULL);
}

static int check_account(const struct context *c, const struct account *a, bool as_json)
{
	int code = EX_OK;
	if (a->host.count == 0) {
		struct status st;
		status_set(&st, STATUS_BAD_CONFIG, "account '%s' has no host", a->name);
		return say_status(&st);
	}
	for (size_t i = 0; i < a->host.count; i++) {
		int one = check_host(c, (struct found){ a, a->host.at[i], NULL, as_json });
		if (code == EX_OK)
			code = one;
	}
	return code;
}

int cmd_check(const struct request *r)
{
	struct context c;
	struct status st;
	const struct account *a = NULL;
	if (context_init(&c, r, &st) == 0)
		a = config_choose(&c.config, &(struct occasion){ .name = r->account }, &st);
	int code = a != NULL ? check_account(&c, a, r->json) : say_status(&st);
	context_release(&c);
	return code;
}
