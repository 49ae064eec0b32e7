/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Logins through TLS, whose server computes its own side of the channel binding. */
#include "smtp/login.h"

#include "base/base64.h"
#include "base/clock.h"
#include "base/digest.h"
#include "smtp/session.h"

#include "net/tls_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define SALT "s=c2FsdA==,i=4096"

/* A server that knows tim's password, and one mechanism. */
struct server {
	const char *offers;
	bool is_elsewhere; /* its TLS ends at somebody in between */
	struct buf bare;   /* client-first without its header */
	struct buf header;
	struct buf first; /* server-first */
	unsigned rounds;
};

static void say(struct tls_peer *p, const char *code, const struct buf *text)
{
	struct buf line = { 0 };
	buf_addf(&line, "%s ", code);
	base64_encode(&line, buf_slice(text));
	buf_add_str(&line, "\r\n");
	tls_peer_say(p, buf_str(&line));
	buf_release(&line);
}

/* The bytes of the channel, as GnuTLS's server has them. */
static void add_channel(const struct tls_peer *p, const struct server *srv, struct buf *out)
{
	gnutls_datum_t bytes;
	bool exports = gnutls_protocol_get_version(p->session) == GNUTLS_TLS1_3;
	gnutls_channel_binding_t kind =
		exports ? GNUTLS_CB_TLS_EXPORTER : GNUTLS_CB_TLS_SERVER_END_POINT;
	if (buf_str(&srv->header)[0] != 'p')
		return;
	assert_string_equal(buf_str(&srv->header),
			    exports ? "p=tls-exporter,," : "p=tls-server-end-point,,");
	assert_int_equal(gnutls_session_channel_binding(p->session, kind, &bytes), 0);
	buf_add(out, bytes.data, bytes.size);
	gnutls_free(bytes.data);
	if (srv->is_elsewhere)
		out->data[out->len - 1] ^= 1;
}

static void on_client_first(struct tls_peer *p, struct slice message)
{
	struct server *srv = p->context;
	struct slice rest = message, flag, identity, name;
	slice_next(&rest, ',', &flag);
	slice_next(&rest, ',', &identity);
	buf_add_slice(&srv->header, slice_n(message.data, (size_t)(rest.data - message.data)));
	buf_add_slice(&srv->bare, rest);
	slice_next(&rest, ',', &name);
	buf_add_slice(&srv->first, rest); /* r=NONCE */
	buf_add_str(&srv->first, "+ours," SALT);
	say(p, "334", &srv->first);
}

/* "c=CHANNEL,r=NONCE,p=PROOF": both are checked. */
static void on_client_final(struct tls_peer *p, struct slice message)
{
	struct server *srv = p->context;
	struct status st;
	struct digest salted, key, stored, proof, server_key, signature;
	struct buf channel = { 0 }, wanted = { 0 }, said = { 0 }, final = { 0 };
	struct digest_stretch how = { DIGEST_SHA256, slice_of("salt"), 4096 };
	buf_add_slice(&channel, buf_slice(&srv->header));
	add_channel(p, srv, &channel);
	buf_add_str(&wanted, "c=");
	base64_encode(&wanted, buf_slice(&channel));
	buf_add_slice(&wanted, slice_of(","));
	buf_add_slice(&wanted,
		      slice_cut(buf_slice(&srv->first), 0, srv->first.len - strlen("," SALT)));
	buf_addf(&said, "%s,%s,%s", buf_str(&srv->bare), buf_str(&srv->first),
		 buf_str(&wanted));

	digest_pbkdf2(&how, slice_of("wonderland"), &salted, &st);
	digest_hmac(DIGEST_SHA256, digest_slice(&salted), slice_of("Client Key"), &key, &st);
	digest_hash(DIGEST_SHA256, digest_slice(&key), &stored, &st);
	digest_hmac(DIGEST_SHA256, digest_slice(&stored), buf_slice(&said), &proof, &st);
	for (size_t i = 0; i < proof.len; i++)
		proof.bytes[i] ^= key.bytes[i];
	buf_add_str(&wanted, ",p=");
	base64_encode(&wanted, digest_slice(&proof));
	digest_hmac(DIGEST_SHA256, digest_slice(&salted), slice_of("Server Key"), &server_key,
		    &st);
	digest_hmac(DIGEST_SHA256, digest_slice(&server_key), buf_slice(&said), &signature,
		    &st);
	buf_add_str(&final, "v=");
	base64_encode(&final, digest_slice(&signature));
	if (slice_is(message, buf_str(&wanted)))
		say(p, "334", &final);
	else
		tls_peer_say(p, "535 5.7.8 no\r\n");
	buf_release(&channel);
	buf_release(&wanted);
	buf_release(&said);
	buf_release(&final);
}

static void on_auth(struct tls_peer *p, struct slice line)
{
	struct server *srv = p->context;
	struct buf message = { 0 };
	size_t blank = line.len;
	while (blank > 0 && line.data[blank - 1] != ' ')
		blank--;
	assert_int_equal(base64_decode(&message, slice_cut(line, blank, line.len)), 0);
	if (srv->rounds == 0)
		on_client_first(p, buf_slice(&message));
	else if (srv->rounds == 1)
		on_client_final(p, buf_slice(&message));
	else
		tls_peer_say(p, "235 in\r\n");
	srv->rounds++;
	buf_release(&message);
}

static void speak(struct tls_peer *p)
{
	const struct server *srv = p->context;
	struct buf offer = { 0 };
	if (p->got.len == 0) {
		tls_peer_say(p, "220 ready\r\n");
		return;
	}
	struct slice line = slice_trim(buf_slice(&p->got));
	if (slice_starts_nocase(line, "EHLO")) {
		buf_addf(&offer, "250-there\r\n250 AUTH %s\r\n", srv->offers);
		tls_peer_say(p, buf_str(&offer));
	} else if (!slice_starts_nocase(line, "QUIT")) {
		on_auth(p, line);
	}
	buf_release(&offer);
	buf_reset(&p->got);
}

static const char tls12[] = "NORMAL:-VERS-ALL:+VERS-TLS1.2";
static const char tls13[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3";

static const struct {
	const char *name, *priority, *auth, *offers;
	bool is_elsewhere;
	const char *header;
	const char *mechanism; /* that let us in, or NULL */
} cases[] = {
	{ "bound to TLS 1.3", tls13, "auto", "SCRAM-SHA-256 SCRAM-SHA-256-PLUS PLAIN", false,
	  "p=tls-exporter,,", "SCRAM-SHA-256-PLUS" },
	{ "bound to TLS 1.2", tls12, "auto", "SCRAM-SHA-256 SCRAM-SHA-256-PLUS PLAIN", false,
	  "p=tls-server-end-point,,", "SCRAM-SHA-256-PLUS" },
	{ "bound by name", tls13, "scram-sha-256-plus", "SCRAM-SHA-256-PLUS", false,
	  "p=tls-exporter,,", "SCRAM-SHA-256-PLUS" },
	{ "somebody in between", tls13, "auto", "SCRAM-SHA-256-PLUS", true, "p=tls-exporter,,",
	  NULL },
	{ "somebody in between, TLS 1.2", tls12, "auto", "SCRAM-SHA-256-PLUS", true,
	  "p=tls-server-end-point,,", NULL },
	{ "no offer of a binding", tls13, "auto", "PLAIN SCRAM-SHA-256", false, "y,,",
	  "SCRAM-SHA-256" },
	{ "no wish for a binding", tls13, "scram-sha-256", "SCRAM-SHA-256 SCRAM-SHA-256-PLUS",
	  false, "n,,", "SCRAM-SHA-256" },
};

static void run(size_t i, const struct cert *cert)
{
	struct server srv = { .offers = cases[i].offers,
			      .is_elsewhere = cases[i].is_elsewhere };
	struct tls_peer peer;
	struct session session;
	struct status st = { 0 };
	struct session_settings settings = {
		.peer = "mail.example.org:465",
		.hello = "me.example",
		.tls = SESSION_IMPLICIT,
		.tls_settings = { .name = "mail.example.org", .min_version = 12 },
		.auth = cases[i].auth,
		.user = "tim",
		.password = "wonderland",
		.timeout = 10,
		.deadline = clock_in(10),
	};
	tls_peer_init(&peer, cert, 1);
	peer.priority = cases[i].priority;
	peer.speaks = speak;
	peer.context = &srv;
	int result = session_open(&session, tls_peer_stream(&peer), &settings, NULL, &st);
	assert_string_equal(buf_str(&srv.header), cases[i].header);
	if (cases[i].mechanism != NULL) {
		if (result != 0)
			fail_msg("%s: %s", cases[i].name, st.text);
		assert_string_equal(session.mechanism, cases[i].mechanism);
	} else {
		assert_int_equal(result, -1);
		assert_int_equal(st.kind, STATUS_NOT_ALLOWED);
		assert_non_null(strstr(st.hint, "channel binding"));
	}
	session_release(&session);
	tls_peer_release(&peer);
	buf_release(&srv.bare);
	buf_release(&srv.header);
	buf_release(&srv.first);
}

static void scram_is_bound_to_the_channel(void **state)
{
	(void)state;
	struct cert self = cert_make(&(struct wish){ .cn = "mail" }, NULL);
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		print_message("          %s\n", cases[i].name);
		run(i, &self);
	}
	cert_release(&self);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scram_is_bound_to_the_channel),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
