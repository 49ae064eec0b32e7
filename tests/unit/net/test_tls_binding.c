/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls_binding.h"

#include "base/clock.h"
#include "net/tls.h"
#include "tls_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char tls12[] = "NORMAL:-VERS-ALL:+VERS-TLS1.2";
static const char tls13[] = "NORMAL:-VERS-ALL:+VERS-TLS1.3";

static struct stream *meet(struct tls_peer *peer, const struct cert *cert, const char *priority)
{
	static const struct tls_settings settings = { .name = "mail.example.org",
						      .min_version = 12 };
	struct status st = { 0 };
	tls_peer_init(peer, cert, 1);
	peer->priority = priority;
	struct stream *s = tls_peer_stream(peer);
	stream_set_deadline(s, clock_in(10));
	if (tls_start(&s, &settings, NULL, &st) != 0)
		fail_msg("%s", st.text);
	tls_peer_turn(peer);
	assert_true(peer->done);
	return s;
}

static void part(struct stream *s, struct tls_peer *peer)
{
	stream_free(s);
	tls_peer_release(peer);
}

/* Both ends export the same, and no other session does. */
static void tls_1_3_exports(void **state)
{
	(void)state;
	struct cert self = cert_make(&(struct wish){ .cn = "mail" }, NULL);
	struct buf seen[2] = { { 0 }, { 0 } };
	for (size_t i = 0; i < 2; i++) {
		struct tls_peer peer;
		struct stream *s = meet(&peer, &self, tls13);
		unsigned char theirs[32];
		assert_string_equal(tls_binding(s, &seen[i]), "tls-exporter");
		/* RFC 9266, 2 */
		assert_int_equal(gnutls_prf_rfc5705(peer.session, 24,
						    "EXPORTER-Channel-Binding", 0, "",
						    sizeof theirs, (char *)theirs),
				 0);
		assert_int_equal(seen[i].len, sizeof theirs);
		assert_memory_equal(seen[i].data, theirs, sizeof theirs);
		part(s, &peer);
	}
	assert_memory_not_equal(seen[0].data, seen[1].data, 32);
	buf_release(&seen[0]);
	buf_release(&seen[1]);
	cert_release(&self);
}

/* The hash of the certificate, by that of its signature; for what is weak, SHA-256 (RFC
 * 5929, 4.1). */
static void tls_1_2_has_the_end_point(void **state)
{
	(void)state;
	static const struct {
		int signature;
		gnutls_digest_algorithm_t hash;
		size_t len;
	} cases[] = {
		{ GNUTLS_DIG_SHA256, GNUTLS_DIG_SHA256, 32 },
		{ GNUTLS_DIG_SHA384, GNUTLS_DIG_SHA384, 48 },
		{ GNUTLS_DIG_SHA512, GNUTLS_DIG_SHA512, 64 },
		{ GNUTLS_DIG_SHA1, GNUTLS_DIG_SHA256, 32 },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct cert self =
			cert_make(&(struct wish){ .cn = "mail", .digest = cases[i].signature },
				  NULL);
		struct tls_peer peer;
		struct stream *s = meet(&peer, &self, tls12);
		struct buf ours = { 0 };
		unsigned char hash[64];
		gnutls_datum_t der = cert_der(&self);
		gnutls_hash_fast(cases[i].hash, der.data, der.size, hash);
		gnutls_free(der.data);
		assert_string_equal(tls_binding(s, &ours), "tls-server-end-point");
		assert_int_equal(ours.len, cases[i].len);
		assert_memory_equal(ours.data, hash, cases[i].len);
		buf_release(&ours);
		part(s, &peer);
		cert_release(&self);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tls_1_3_exports),
		cmocka_unit_test(tls_1_2_has_the_end_point),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
