/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/route.h"

#include "base/mem.h"
#include "config/options.h"
#include "message/idn.h"
#include "net/mx.h"
#include "net/sockaddr.h"
#include "net/srv.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	PORT_MX = 25,
	PORT_LMTP = 24,
	PORT_SUBMISSION = 587,
	PORT_SUBMISSIONS = 465,
};

static bool tls_is_set(const struct account *a)
{
	return option_is_set(a, option_find("tls"));
}

static uint16_t default_port(const struct account *a)
{
	if (a->protocol == PROTOCOL_LMTP)
		return PORT_LMTP;
	return a->tls == TLS_IMPLICIT ? PORT_SUBMISSIONS : PORT_SUBMISSION;
}

static uint16_t port_or(const struct account *a, uint16_t otherwise)
{
	return a->port != 0 ? (uint16_t)a->port : otherwise;
}

static struct server *add(struct route *r, const struct endpoint *e)
{
	const struct account *a = r->account;
	r->at = mem_grow(r->at, r->count, &r->room, sizeof *r->at);
	struct server *s = &r->at[r->count++];
	*s = (struct server){ .endpoint = *e, .may_log_in = true };
	text_fit(s->tls_name, sizeof s->tls_name, a->tls_name != NULL ? a->tls_name : e->name);
	return s;
}

/* What stays on this machine has nobody between; there TLS is only spoken where it was asked
 * for. */
static int by_name(struct route *r, const struct endpoint *e, struct status *st)
{
	const struct account *a = r->account;
	struct server *s = add(r, e);
	(void)st;
	if (s->endpoint.port == 0)
		s->endpoint.port = port_or(a, default_port(a));
	bool local = e->kind == ENDPOINT_UNIX && !tls_is_set(a);
	s->tls = local ? TLS_NONE : account_tls(a, s->endpoint.port);
	return 0;
}

/*
 * A name from DNS is whole. One without a dot would be searched for in the domains of
 * resolv.conf, which a final dot forbids (RFC 1535).
 */
static struct endpoint found_host(const char *name, uint16_t port)
{
	struct endpoint e = { .kind = ENDPOINT_HOST, .port = port };
	snprintf(e.name, sizeof e.name, "%s%s", name, strchr(name, '.') != NULL ? "" : ".");
	return e;
}

static bool fits(const struct account *a, const struct srv_server *s)
{
	return !tls_is_set(a) || s->implicit_tls == (a->tls == TLS_IMPLICIT);
}

static void add_srv(struct route *r, const struct srv_server *found, const char *domain)
{
	struct endpoint e = found_host(found->name, found->port);
	struct server *s = add(r, &e);
	s->tls = found->implicit_tls ? TLS_IMPLICIT : (enum tls_mode)r->account->tls;
	if (r->account->tls_name != NULL)
		return;
	if (found->inside)
		text_fit(s->other_name, sizeof s->other_name, domain);
	else
		text_fit(s->tls_name, sizeof s->tls_name, domain);
}

static int by_srv(struct route *r, const struct endpoint *e, struct status *st)
{
	struct dns d;
	struct srv srv;
	if (route_dns(r->account, r->tap, &d, st) != 0 || srv_find(&d, e->name, &srv, st) != 0)
		return -1;
	for (size_t i = 0; i < srv.count; i++) {
		if (fits(r->account, &srv.at[i]))
			add_srv(r, &srv.at[i], e->name);
	}
	if (r->count != 0)
		return 0;
	status_set(st, STATUS_NO_HOST,
		   "no submission server of the domain '%s' goes with the tls that is set",
		   e->name);
	st->stage = STAGE_LOOKUP;
	return -1;
}

static void add_mx(struct route *r, const struct endpoint *e)
{
	const struct account *a = r->account;
	struct server *s = add(r, e);
	s->endpoint.port = port_or(a, PORT_MX);
	s->tls = account_tls(a, s->endpoint.port);
	if (s->tls == TLS_STARTTLS && !tls_is_set(a))
		s->tls = TLS_OPPORTUNISTIC;
	s->may_log_in = false;
}

/* "[192.0.2.1]" or "[IPv6:2001:db8::1]" (RFC 5321, 4.1.3) */
static int add_literal(struct route *r, const char *literal, struct status *st)
{
	struct endpoint e = { .kind = ENDPOINT_HOST, .literal = true };
	struct sockaddr_ip ignored;
	struct slice s = slice_cut(slice_of(literal), 1, strlen(literal) - 1);
	if (slice_starts_nocase(s, "IPv6:"))
		s = slice_cut(s, strlen("IPv6:"), s.len);
	snprintf(e.name, sizeof e.name, "%.*s", (int)s.len, s.data);
	if (!sockaddr_parse(e.name, 0, &ignored))
		return status_set(st, STATUS_BAD_MESSAGE, "'%s' is no address of a server",
				  literal);
	add_mx(r, &e);
	return 0;
}

static int by_mx(struct route *r, const struct endpoint *e, struct status *st)
{
	struct dns d;
	struct mx mx;
	if (e->name[0] == '[')
		return add_literal(r, e->name, st);
	if (route_dns(r->account, r->tap, &d, st) != 0 || mx_find(&d, e->name, &mx, st) != 0)
		return -1;
	for (size_t i = 0; i < mx.count; i++) {
		struct endpoint one = found_host(mx.at[i].name, 0);
		add_mx(r, &one);
	}
	return 0;
}

/* The names that were found, or the one that was given. */
static void tell(const struct route *r, const char *domain)
{
	struct buf names = { 0 };
	for (size_t i = 0; i < r->count; i++) {
		buf_add_str(&names, i != 0 ? ", " : "");
		server_name(&r->at[i], &names);
	}
	tap_note(r->tap, "the servers of %s: %s", domain, buf_str(&names));
	if (r->account->user != NULL && !r->at[0].may_log_in)
		tap_note(r->tap, "nobody logs in to servers that the DNS alone names");
	buf_release(&names);
}

static int make_ascii(char name[SERVER_NAME_MAX], struct status *st)
{
	struct buf ascii = { 0 };
	int result = idn_to_ascii(name, &ascii, st);
	if (result == 0 && ascii.len >= SERVER_NAME_MAX)
		result =
			status_set(st, STATUS_BAD_MESSAGE, "the domain '%s' is too long", name);
	if (result == 0)
		memcpy(name, buf_str(&ascii), ascii.len + 1);
	buf_release(&ascii);
	return result;
}

/* The key tls-name may be in UTF-8, too. */
static int make_names_ascii(struct route *r, struct status *st)
{
	for (size_t i = 0; i < r->count; i++) {
		if (make_ascii(r->at[i].tls_name, st) != 0) {
			st->kind = STATUS_BAD_CONFIG;
			return -1;
		}
	}
	return 0;
}

bool route_is_by_domain(const struct endpoint *host)
{
	return host->kind == ENDPOINT_MX && host->name[0] == '\0';
}

int route_find(struct route *r, const struct endpoint *host, const char *domain,
	       struct status *st)
{
	static int (*const ways[])(struct route *, const struct endpoint *, struct status *) = {
		[ENDPOINT_HOST] = by_name,    [ENDPOINT_UNIX] = by_name,
		[ENDPOINT_MAILDIR] = by_name, [ENDPOINT_SRV] = by_srv,
		[ENDPOINT_MX] = by_mx,
	};
	struct endpoint e = *host;
	if (route_is_by_domain(host))
		text_fit(e.name, sizeof e.name, domain);
	if (make_ascii(e.name, st) != 0) {
		if (!route_is_by_domain(host))
			st->kind = STATUS_BAD_CONFIG;
		return -1;
	}
	if (ways[e.kind](r, &e, st) != 0 || make_names_ascii(r, st) != 0)
		return -1;
	if (e.kind == ENDPOINT_SRV || e.kind == ENDPOINT_MX)
		tell(r, e.name);
	return 0;
}

void route_release(struct route *r)
{
	free(r->at);
	*r = (struct route){ 0 };
}

int route_dns(const struct account *a, const struct tap *tap, struct dns *d, struct status *st)
{
	if (dns_init(d, a->resolver, st) != 0)
		return -1;
	d->tap = tap;
	return 0;
}

void server_name(const struct server *s, struct buf *out)
{
	const struct endpoint *e = &s->endpoint;
	bool six = strchr(e->name, ':') != NULL;
	if (e->kind != ENDPOINT_HOST)
		buf_add_str(out, e->path);
	else
		buf_addf(out, six ? "[%s]:%u" : "%s:%u", e->name, e->port);
}
