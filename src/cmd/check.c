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

/* One server, or a host that leads to none, and what came of it. */
struct found {
	const char *server;           /* for people */
	const struct status *failure; /* NULL: all is well */
	const struct hop *hop;        /* NULL where it did not come to a server */
};

struct check {
	const struct context *context;
	const struct account *account;
	bool as_json;
	int code; /* that of the first server with a failure */
	/* With JSON, which is one object and comes at the end: */
	struct buf servers;  /* an object for each */
	struct buf deciding; /* the object of the first that is ready, else of the last */
	struct json each;
	struct json whole;
	bool any_ready;
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

static void json_found(struct json *j, const struct found *f)
{
	const struct status *failure = f->failure;
	json_string(j, "server", f->server);
	json_bool(j, "ready", failure == NULL);
	if (failure != NULL) {
		json_string(j, "error", failure->text);
		json_string(j, "hint", failure->hint[0] != '\0' ? failure->hint : NULL);
		json_number(j, "exit", status_exit(failure->kind));
	} else if (f->hop != NULL && f->hop->is_open) {
		json_ready(j, f->hop);
	}
}

static void keep_json(struct check *k, const struct found *f)
{
	json_object(&k->each, NULL);
	json_found(&k->each, f);
	json_object_end(&k->each);
	if (k->any_ready)
		return;
	k->any_ready = f->failure == NULL;
	buf_reset(&k->deciding);
	k->whole = (struct json){ .out = &k->deciding };
	json_object(&k->whole, NULL);
	json_string(&k->whole, "account", k->account->name);
	json_found(&k->whole, f);
}

static int show_json(struct check *k)
{
	json_array(&k->whole, "servers");
	buf_add_slice(&k->deciding, buf_slice(&k->servers));
	json_array_end(&k->whole);
	json_object_end(&k->whole);
	buf_add_char(&k->deciding, '\n');
	buf_release(&k->servers);
	return say_output(&k->deciding);
}

static void note_code(struct check *k, int code)
{
	if (k->code == EX_OK)
		k->code = code;
}

/* Show what was found out, or keep it until all is known. */
static void show(struct check *k, const struct found *f)
{
	struct buf out = { 0 };
	if (k->as_json)
		keep_json(k, f);
	else if (f->failure != NULL)
		say_status(f->failure);
	else if (f->hop != NULL && f->hop->is_open)
		show_text(f->hop, &out);
	else
		buf_addf(&out,
			 "account:     %s\nhost:        %s\nresult:      no server to ask\n",
			 k->account->name, f->server);
	int written = say_output(&out);
	note_code(k, f->failure != NULL ? status_exit(f->failure->kind) : written);
}

/* One server of HOST, which is as the configuration has it: connect, protect, log in, leave. */
static void check_server(struct check *k, const struct server *server, const char *host)
{
	const struct tap *tap = &k->context->transcript.tap;
	bool is_folder = server->endpoint.kind == ENDPOINT_MAILDIR;
	struct hop h;
	struct status st;
	int result = hop_prepare(&h, k->account, server, buf_str(&k->context->home), tap, &st);
	h.settings.tls_settings.tickets = NULL; /* a resumed session would hide what is wrong */
	if (result == 0 && !is_folder)
		result = hop_open(&h, clock_in(CHECK_SECONDS), tap, &st);
	const struct found f = { is_folder ? host : buf_str(&h.peer), result == 0 ? NULL : &st,
				 &h };
	show(k, &f);
	hop_close(&h, true);
	hop_release(&h);
}

static void check_route(struct check *k, const struct endpoint *host, const char *text)
{
	struct route r = { .account = k->account, .tap = &k->context->transcript.tap };
	struct status st;
	if (route_find(&r, host, NULL, &st) != 0)
		show(k, &(struct found){ text, &st, NULL });
	for (size_t i = 0; i < r.count; i++)
		check_server(k, &r.at[i], text);
	route_release(&r);
}

/* One value of `host`. */
static void check_host(struct check *k, const char *text)
{
	struct endpoint host;
	struct status st;
	int result = endpoint_parse(text, &host, &st);
	if (result == 0 && !route_is_by_domain(&host))
		check_route(k, &host, text);
	else
		show(k, &(struct found){ text, result == 0 ? NULL : &st, NULL });
}

static int check_account(const struct context *c, const struct account *a, bool as_json)
{
	struct check k = { .context = c, .account = a, .as_json = as_json };
	k.each = (struct json){ .out = &k.servers };
	if (a->host.count == 0) {
		struct status st;
		status_set(&st, STATUS_BAD_CONFIG, "account '%s' has no host", a->name);
		return say_status(&st);
	}
	for (size_t i = 0; i < a->host.count; i++)
		check_host(&k, a->host.at[i]);
	if (as_json)
		note_code(&k, show_json(&k));
	return k.code;
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
