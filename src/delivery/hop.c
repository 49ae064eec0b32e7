/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/hop.h"

#include "base/identity.h"
#include "delivery/reach.h"
#include "net/connect.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void choose_tls(struct hop *h)
{
	static const enum session_tls modes[] = {
		[TLS_STARTTLS] = SESSION_STARTTLS,
		[TLS_IMPLICIT] = SESSION_IMPLICIT,
		[TLS_OPPORTUNISTIC] = SESSION_OPPORTUNISTIC,
		[TLS_NONE] = SESSION_PLAIN,
	};
	const struct account *a = h->account;
	const struct server *server = h->server;
	bool pinned = a->tls_fingerprint.count != 0;
	h->settings.tls = modes[server->tls];
	h->settings.tls_settings = (struct tls_settings){
		.name = server->tls_name,
		.other_name = server->other_name[0] != '\0' ? server->other_name : NULL,
		.ca = a->tls_ca,
		.crl = a->tls_crl,
		.upgraded = h->settings.tls != SESSION_IMPLICIT,
		.verify = pinned || (a->tls_verify && h->settings.tls != SESSION_OPPORTUNISTIC),
		.pins = &a->tls_fingerprint,
		.min_version = a->tls_min,
		.priority = a->tls_priority,
		.certificate = a->tls_certificate,
		.key = a->tls_key,
		.tickets = a->cache,
		.peer = h->settings.peer,
	};
}

static bool logs_in(const struct hop *h)
{
	const struct account *a = h->account;
	if (!h->server->may_log_in || ascii_same_nocase(a->auth, "none"))
		return false;
	return a->user != NULL || ascii_same_nocase(a->auth, "external");
}

static void use_credential(struct hop *h)
{
	const char *secret = buf_str(&h->credential.secret);
	bool is_token = h->credential.proof == SASL_TOKEN;
	h->settings.token = is_token ? secret : NULL;
	h->settings.password = is_token ? NULL : secret;
}

static int fetch_credential(struct hop *h, const char *home, const struct tap *tap,
			    struct status *st)
{
	const struct account *a = h->account;
	if (!logs_in(h))
		return 0;
	h->settings.auth = a->auth;
	h->settings.user = a->user != NULL ? a->user : "";
	if (credential_fetch(&h->credential, a, h->server->endpoint.name, home, tap, st) != 0)
		return -1;
	use_credential(h);
	return 0;
}

int hop_prepare(struct hop *h, const struct account *a, const struct server *server,
		const char *home, const struct tap *tap, struct status *st)
{
	const struct endpoint *e = &server->endpoint;
	*h = (struct hop){ .account = a, .server = server };
	server_name(server, &h->peer);
	if (e->kind == ENDPOINT_MAILDIR)
		return 0;
	h->settings.peer = buf_str(&h->peer);
	h->settings.host = e->kind == ENDPOINT_HOST ? e->name : NULL;
	h->settings.port = e->port;
	h->settings.lmtp = a->protocol == PROTOCOL_LMTP;
	h->settings.timeout = a->timeout;
	choose_tls(h);
	return fetch_credential(h, home, tap, st);
}

void hop_release(struct hop *h)
{
	hop_close(h, false);
	credential_release(&h->credential);
	buf_release(&h->hello);
	buf_release(&h->peer);
}

/* A name with a dot is what servers want; without one the address is the honest answer (RFC
 * 5321, 4.1.4). */
static void choose_hello(struct hop *h, int fd)
{
	const char *own = h->account->hello;
	buf_reset(&h->hello);
	if (own != NULL) {
		connect_literal(own, &h->hello);
	} else {
		identity_host(&h->hello);
		if (strchr(buf_str(&h->hello), '.') == NULL) {
			buf_reset(&h->hello);
			connect_local_literal(fd, &h->hello);
		}
	}
	h->settings.hello = buf_str(&h->hello);
}

/* Why most people do not get through at first. What is wrong with a proxy, that one says. */
static void advise(const struct account *a, struct status *st)
{
	static const struct {
		int errnum;
		const char *hint;
	} hints[] = {
		{ ECONNREFUSED,
		  "nothing listens there: check host and port, or start the server" },
		{ ENOENT, "nothing listens there: check host, or start the server" },
		{ ETIMEDOUT, "check host; or a firewall is in the way: port 25 is often closed "
			     "where 587 and 465 are not" },
		{ ENETUNREACH,
		  "this machine has no way there: check its network, and the key ip" },
	};
	for (size_t i = 0; i < sizeof hints / sizeof hints[0]; i++) {
		if (st->stage == STAGE_CONNECT && st->sys == hints[i].errnum &&
		    a->proxy == NULL)
			status_hint(st, "%s", hints[i].hint);
	}
}

static int connect_to(const struct hop *h, const struct tap *tap, struct stream **stream,
		      struct status *st)
{
	const struct endpoint *e = &h->server->endpoint;
	struct reach r = { h->account, tap, h->settings.deadline };
	int result = e->kind == ENDPOINT_UNIX ? reach_socket(&r, e->path, stream, st)
					      : reach_host(&r, e->name, e->port, stream, st);
	if (result == 0)
		return 0;
	advise(h->account, st);
	text_fit(st->peer, sizeof st->peer, h->settings.peer);
	return -1;
}

static int open_once(struct hop *h, const struct tap *tap, struct status *st)
{
	struct stream *stream;
	if (connect_to(h, tap, &stream, st) != 0)
		return -1;
	choose_hello(h, stream->ops->fd(stream));
	h->is_open = true;
	if (session_open(&h->session, stream, &h->settings, tap, st) == 0)
		return 0;
	hop_close(h, st->sys == 0 && st->kind != STATUS_BROKEN_PEER &&
			     st->stage != STAGE_STARTTLS);
	return -1;
}

/* A server that chokes on a ticket gets a whole handshake. The ticket is used up. */
static int open_anew(struct hop *h, const struct tap *tap, struct status *st)
{
	if (open_once(h, tap, st) == 0)
		return 0;
	bool choked =
		st->stage == STAGE_STARTTLS && st->sys != ETIMEDOUT && h->session.tls.resumed;
	if (!choked)
		return -1;
	tap_note(tap, "%s; once more, without resuming a session", st->text);
	h->settings.tls_settings.tickets = NULL;
	return open_once(h, tap, st);
}

static int open_as_allowed(struct hop *h, const struct tap *tap, struct status *st)
{
	if (open_anew(h, tap, st) == 0)
		return 0;
	bool clear_will_do = h->settings.tls == SESSION_OPPORTUNISTIC &&
			     st->stage == STAGE_STARTTLS && h->settings.auth == NULL &&
			     h->account->tls_fingerprint.count == 0;
	if (!clear_will_do)
		return -1;
	tap_note(tap, "%s; going on without TLS, as tls = opportunistic allows", st->text);
	h->settings.tls = SESSION_PLAIN;
	return open_once(h, tap, st);
}

int hop_open(struct hop *h, int64_t deadline, const struct tap *tap, struct status *st)
{
	h->settings.deadline = deadline;
	if (open_as_allowed(h, tap, st) == 0)
		return 0;
	if (!credential_renew(&h->credential, h->account, tap, st))
		return -1;
	use_credential(h);
	return open_as_allowed(h, tap, st);
}

void hop_close(struct hop *h, bool polite)
{
	if (!h->is_open)
		return;
	if (polite)
		session_quit(&h->session);
	else
		session_release(&h->session);
	h->is_open = false;
}
