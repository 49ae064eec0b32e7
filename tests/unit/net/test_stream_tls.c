/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The session behind a handshake. */
#include "net/stream_tls.h"

#include "base/clock.h"
#include "certs.h"
#include "net/tls.h"
#include "tls_peer.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static struct cert self;

static int make_certificate(void **state)
{
	(void)state;
	self = cert_make(&(struct wish){ .cn = "mail" }, NULL);
	return 0;
}

static int release_certificate(void **state)
{
	(void)state;
	cert_release(&self);
	return 0;
}

/* A session with PEER is set up. */
static struct stream *meet(struct tls_peer *peer)
{
	static const struct tls_settings settings = { .name = "mail.example.org",
						      .min_version = 12 };
	struct status st = { 0 };
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

static void assert_line(struct stream *s, const char *expected)
{
	struct slice line;
	struct status st = { 0 };
	if (stream_getline(s, 100000, &line, &st) != 0)
		fail_msg("%s instead of '%s'", st.text, expected);
	assert_true(slice_is(line, expected));
}

static void assert_lost(struct stream *s, const char *text)
{
	struct slice line;
	struct status st = { 0 };
	for (int again = 0; again < 2; again++) {
		assert_int_equal(stream_getline(s, 100, &line, &st), -1);
		assert_string_equal(st.text, text);
		assert_int_equal(st.kind, STATUS_TEMPORARY);
		assert_int_equal(st.sys, ECONNRESET);
	}
}

static void say(struct stream *s, const char *text)
{
	struct status st = { 0 };
	stream_put(s, text, strlen(text));
	if (stream_flush(s, &st) != 0)
		fail_msg("%s", st.text);
}

static const char tls12[] = "NORMAL:-VERS-ALL:+VERS-TLS1.2";

static void test_a_dialogue(void **state)
{
	(void)state;
	static const struct {
		const char *priority;
		size_t read_max;
		bool delays;
	} wires[] = {
		{ NULL, 0, false },  { NULL, 1, false },  { NULL, 3, true },
		{ tls12, 0, false }, { tls12, 1, false }, { tls12, 5, true },
	};
	for (size_t i = 0; i < sizeof wires / sizeof *wires; i++) {
		struct tls_peer peer;
		tls_peer_init(&peer, &self, 1);
		peer.priority = wires[i].priority;
		peer.read_max = wires[i].read_max;
		peer.delays = wires[i].delays;
		struct stream *s = meet(&peer);
		assert_false(stream_has_buffered(s));
		tls_peer_say(&peer, "250-a\r\n250");
		tls_peer_say(&peer, " b\r\n");
		assert_line(s, "250-a");
		assert_line(s, "250 b");
		assert_false(stream_has_input(s));
		say(s, "MAIL\r\nRCPT\r\n");
		tls_peer_turn(&peer);
		assert_string_equal(buf_str(&peer.got), "MAIL\r\nRCPT\r\n");
		part(s, &peer);
	}
}

static void test_few_writes(void **state)
{
	(void)state;
	struct tls_peer peer;
	tls_peer_init(&peer, &self, 1);
	struct stream *s = meet(&peer);
	assert_in_range(peer.client_writes, 2, 3); /* hello, (change cipher spec,) finished */
	size_t before = peer.client_writes;
	say(s, "MAIL\r\nRCPT\r\nDATA\r\n");
	assert_int_equal(peer.client_writes, before + 1);
	part(s, &peer);
}

static char *much(size_t len)
{
	char *text = malloc(len + 1);
	assert_non_null(text);
	for (size_t i = 0; i < len; i++)
		text[i] = (char)('a' + i % 23);
	text[len] = '\0';
	return text;
}

static void test_much_in_both_directions(void **state)
{
	(void)state;
	const size_t len = 200 * 1000;
	char *text = much(len);
	for (int delays = 0; delays < 2; delays++) {
		struct tls_peer peer;
		struct status st = { 0 };
		struct slice bytes;
		tls_peer_init(&peer, &self, 1);
		peer.delays = delays != 0;
		struct stream *s = meet(&peer);
		assert_int_equal(stream_add(s, text, len, &st), 0);
		tls_peer_turn(&peer);
		assert_int_equal(peer.got.len, len);
		assert_memory_equal(peer.got.data, text, len);
		for (size_t at = 0; at < len; at += 10000) {
			char piece[10001];
			memcpy(piece, text + at, 10000);
			piece[10000] = '\0';
			tls_peer_say(&peer, piece);
		}
		for (size_t at = 0; at < len; at += bytes.len) {
			assert_int_equal(stream_get(s, &bytes, &st), 0);
			assert_in_range(bytes.len, 1, len - at);
			assert_memory_equal(bytes.data, text + at, bytes.len);
		}
		part(s, &peer);
	}
	free(text);
}

/* Full records: what is sent over the payload stays small. */
static void test_large_records(void **state)
{
	(void)state;
	const size_t len = 1024 * 1024;
	char *text = much(len);
	struct tls_peer peer;
	struct status st = { 0 };
	tls_peer_init(&peer, &self, 1);
	struct stream *s = meet(&peer);
	size_t before = peer.client_writes;
	assert_int_equal(stream_add(s, text, len, &st), 0);
	assert_int_equal(peer.client_writes - before, len / (16 * 1024));
	free(text);
	part(s, &peer);
}

/* With data behind them that is read ahead: poll would not tell of it. */
static void test_key_updates_and_tickets(void **state)
{
	(void)state;
	struct tls_peer peer;
	tls_peer_init(&peer, &self, 1);
	struct stream *s = meet(&peer);
	gnutls_session_ticket_send(peer.session, 2, 0);
	tls_peer_say(&peer, "one\n");
	assert_int_equal(gnutls_session_key_update(peer.session, GNUTLS_KU_PEER), 0);
	gnutls_session_ticket_send(peer.session, 1, 0);
	tls_peer_say(&peer, "two\n");
	assert_line(s, "one");
	assert_line(s, "two");
	say(s, "three\n");
	say(s, "four\n");
	tls_peer_turn(&peer);
	assert_string_equal(buf_str(&peer.got), "three\nfour\n");
	part(s, &peer);
}

static void test_goodbye(void **state)
{
	(void)state;
	struct tls_peer peer;
	tls_peer_init(&peer, &self, 1);
	struct stream *s = meet(&peer);
	tls_peer_say(&peer, "221 bye\r\n");
	gnutls_bye(peer.session, GNUTLS_SHUT_WR);
	assert_line(s, "221 bye");
	assert_lost(s, "the server closed the connection");
	stream_free(s);
	tls_peer_turn(&peer);
	assert_true(peer.ended);
	tls_peer_release(&peer);
}

static void test_a_cut_connection(void **state)
{
	(void)state;
	static const char *const priorities[] = { NULL, tls12 };
	for (size_t i = 0; i < sizeof priorities / sizeof *priorities; i++) {
		struct tls_peer peer;
		tls_peer_init(&peer, &self, 1);
		peer.priority = priorities[i];
		struct stream *s = meet(&peer);
		tls_peer_say(&peer, "250 ok\r\n250 not whol");
		tls_peer_cut(&peer);
		assert_line(s, "250 ok");
		assert_lost(s, "the TLS connection was cut");
		part(s, &peer);
	}
}

static void test_an_alert(void **state)
{
	(void)state;
	struct tls_peer peer;
	tls_peer_init(&peer, &self, 1);
	struct stream *s = meet(&peer);
	tls_peer_say(&peer, "250 ok\r\n");
	gnutls_alert_send(peer.session, GNUTLS_AL_FATAL, GNUTLS_A_INTERNAL_ERROR);
	assert_line(s, "250 ok");
	assert_lost(s, "the server ended TLS with the alert 'Internal error'");
	part(s, &peer);
}

static void test_forged_bytes(void **state)
{
	(void)state;
	struct tls_peer peer;
	struct slice line;
	struct status st = { 0 };
	tls_peer_init(&peer, &self, 1);
	struct stream *s = meet(&peer);
	tls_peer_say(&peer, "250 ok\r\n");
	peer.to_client.data[peer.to_client.len - 1] ^= 1;
	assert_int_equal(stream_getline(s, 100, &line, &st), -1);
	assert_int_equal(st.kind, STATUS_TEMPORARY);
	assert_int_equal(st.sys, ECONNRESET);
	assert_memory_equal(st.text, "TLS failed: ", 12);
	part(s, &peer);
}

/* S097, over TLS */
static void test_the_last_words_are_heard(void **state)
{
	(void)state;
	struct tls_peer peer;
	struct status st = { 0 };
	tls_peer_init(&peer, &self, 1);
	struct stream *s = meet(&peer);
	tls_peer_say(&peer, "554 too large\r\n");
	tls_peer_cut(&peer);
	peer.fails_with = EPIPE;
	stream_put(s, "body", 4);
	assert_int_equal(stream_flush(s, &st), -1);
	assert_int_equal(st.kind, STATUS_TEMPORARY);
	assert_int_equal(st.sys, ECONNRESET);
	assert_line(s, "554 too large");
	assert_lost(s, "the TLS connection was cut");
	part(s, &peer);
}

/* S045 */
static void test_renegotiation(void **state)
{
	(void)state;
	struct tls_peer peer;
	tls_peer_init(&peer, &self, 1);
	peer.priority = tls12;
	struct stream *s = meet(&peer);
	tls_peer_say(&peer, "250 ok\r\n");
	assert_int_equal(gnutls_rehandshake(peer.session), 0);
	assert_int_equal(gnutls_handshake(peer.session), GNUTLS_E_AGAIN);
	assert_line(s, "250 ok");
	assert_lost(s, "the server wants to renegotiate TLS, which is refused");
	part(s, &peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_dialogue),
		cmocka_unit_test(test_few_writes),
		cmocka_unit_test(test_much_in_both_directions),
		cmocka_unit_test(test_large_records),
		cmocka_unit_test(test_key_updates_and_tickets),
		cmocka_unit_test(test_goodbye),
		cmocka_unit_test(test_a_cut_connection),
		cmocka_unit_test(test_an_alert),
		cmocka_unit_test(test_forged_bytes),
		cmocka_unit_test(test_the_last_words_are_heard),
		cmocka_unit_test(test_renegotiation),
	};
	return cmocka_run_group_tests(tests, make_certificate, release_certificate);
}
