/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/carrier.h"

#include "smtp/verdict.h"

#include <string.h>

static bool same_endpoint(const struct endpoint *a, const struct endpoint *b)
{
	return a->kind == b->kind && a->port == b->port && strcmp(a->name, b->name) == 0 &&
	       strcmp(a->path, b->path) == 0;
}

bool carrier_same_server(const struct server *a, const struct server *b)
{
	return same_endpoint(&a->endpoint, &b->endpoint) && a->tls == b->tls &&
	       strcmp(a->tls_name, b->tls_name) == 0;
}

bool carrier_has_room(const struct carrier *c)
{
	const struct session *s = &c->hop.session;
	return s->ahead != NULL || s->mails < CARRIER_MESSAGES;
}

static bool leads_to(const struct carrier *c, const struct account *a,
		     const struct server *server)
{
	return c->is_ready && c->hop.account == a && c->hop.is_open && carrier_has_room(c) &&
	       carrier_same_server(&c->server, server);
}

int carrier_get(struct carrier *c, const struct account *a, const struct server *server,
		const char *home, const struct tap *tap, struct status *st)
{
	if (leads_to(c, a, server))
		return 0;
	carrier_drop(c);
	c->server = *server;
	c->is_ready = true;
	return hop_prepare(&c->hop, a, &c->server, home, tap, st);
}

bool carrier_has_relay(const struct carrier *c, const struct account *a)
{
	return c->is_ready && c->is_relay && c->hop.is_open && c->hop.account == a &&
	       carrier_has_room(c);
}

void carrier_end_turn(struct carrier *c, const struct envelope *e)
{
	const struct transaction *ahead = c->is_ready ? c->hop.session.ahead : NULL;
	if (ahead != NULL && ahead->envelope == e)
		carrier_drop(c);
}

void carrier_drop(struct carrier *c)
{
	if (!c->is_ready)
		return;
	hop_close(&c->hop, true);
	hop_release(&c->hop);
	c->is_ready = false;
}
