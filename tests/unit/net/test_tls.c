/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The handshake; which certificates are taken is test_tls_verify's affair. */
#include "net/tls.h"

#include "base/clock.h"
#include "certs.h"
#include "stream_mem.h"
#include "tls_peer.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { SOON = 40 };

static struct cert self;
static char dir[] = "/tmp/test_tls.XXXXXX";
static char *own_file, *key_file, *both_file;

static int make_world(void **state)
{
	(void)state;
	struct buf pem = { 0 }, key = { 0 };
	assert_non_null(mkdtemp(dir));
	self = cert_make(&(struct wish){ .cn = "mail",
					 .dns = { "mail.example.org" },
					 .ip = "192.0.2.1" },
			 NULL);
	cert_pem(&self, &pem);
	cert_key_pem(&self, &key);
	own_file = write_file(dir, "cert.pem", &pem);
	key_file = write_file(dir, "key.pem", &key);
	buf_add_slice(&pem, buf_slice(&key));
	both_file = write_file(dir, "both.pem", &pem);
	buf_release(&pem);
	buf_release(&key);
	return 0;
}

static int release_world(void **state)
{
	(void)state;
	char *all[] = { own_file, key_file, both_file };
	for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
		unlink(all[i]);
		free(all[i]);
	}
	rmdir(dir);
	cert_release(&self);
	return 0;
}

static struct tls_settings plain_settings(void)
{
	return (struct tls_settings){
		.name = "mail.example.org", .ca = own_file, .verify = true, .min_version = 12
	};
}

/* A session with a server as PEER is set up; tell whatever goes wrong. */
static struct stream *meet(struct tls_peer *peer, const struct tls_settings *settings)
{
	struct status st = { 0 };
	struct stream *s = tls_peer_stream(peer);
	stream_set_deadline(s, clock_in(10));
	if (tls_start(&s, settings, NULL, &st) != 0)
		fail_msg("%s", st.text);
	assert_int_equal(st.kind, STATUS_OK);
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

/* S031: somebody spoke before the protection stood. */
static void test_early_plaintext(void **state)
{
	(void)state;
	struct script p = { 0 };
	struct status st = { 0 };
	struct tls_settings settings = plain_settings();
	script_says(&p, "220 go\r\n250 injected\r\n");
	struct stream *s = stream_mem_new(&p), *before = s;
	stream_set_deadline(s, clock_now() + SOON);
	assert_line(s, "220 go");
	assert_int_equal(tls_start(&s, &settings, NULL, &st), -1);
	assert_int_equal(st.kind, STATUS_BROKEN_PEER);
	assert_ptr_equal(s, before);
	assert_int_equal(p.sent.len, 0);
	stream_free(s);
	script_release(&p);
}

/* A ServerHello for TLS 1.0. */
static const char old_hello[] = "\x16\3\1\0\x2a\2\0\0\x26\3\1"
				"0123456789abcdef0123456789abcdef\0\0\x2f\0";

static const struct {
	const char *what;
	const char *bytes;
	size_t len; /* 0: as long as the string */
	void (*then)(struct script *p);
	enum status_kind kind;
	int sys;
	const char *text;
	const char *hint; /* begins so */
	bool upgraded;    /* after STARTTLS */
} answers[] = {
	{ "S048: plain SMTP", "220 mail.example.org ESMTP\r\n", 0, script_stalls,
	  STATUS_NOT_SECURE, 0, "the server speaks plain SMTP here",
	  "tls = implicit is for port 465", false },
	{ "S031: plaintext behind the upgrade", "250 injected\r\n", 0, script_stalls,
	  STATUS_BROKEN_PEER, 0, "the server went on in plain text after it agreed to TLS", "",
	  true },
	{ "a refusal", "554 no\r\n", 0, script_ends, STATUS_NOT_SECURE, 0,
	  "the server speaks plain SMTP here", "", false },
	{ "S034: another protocol", "HTTP/1.1 400 Bad Request\r\n", 0, script_stalls,
	  STATUS_NOT_SECURE, 0, "what the server sent is no TLS", "", false },
	{ "zeros", "\0\0\0\0\0\0\0\0\0\0\0\0", 12, script_stalls, STATUS_NOT_SECURE, 0,
	  "what the server sent is no TLS", "", false },
	{ "one byte", "x", 0, script_ends, STATUS_NOT_SECURE, 0,
	  "what the server sent is no TLS", "", false },
	{ "S041: an old version", old_hello, sizeof old_hello - 1, script_stalls,
	  STATUS_NOT_SECURE, 0, "the server offers no TLS version that tls-min = 1.2 allows",
	  "", false },
	{ "version alert", "\x15\3\1\0\2\2\x46", 7, script_ends, STATUS_NOT_SECURE, 0,
	  "the server offers no TLS version that tls-min = 1.2 allows", "", false },
	{ "another alert", "\x15\3\3\0\2\2\x28", 7, script_ends, STATUS_NOT_SECURE, 0,
	  "the server refused TLS with the alert 'Handshake failed'", "", false },
	{ "warnings without end", NULL, 0, script_stalls, STATUS_NOT_SECURE, 0, NULL, "",
	  false },
	{ "closed", "", 0, script_ends, STATUS_TEMPORARY, ECONNRESET,
	  "the server closed the connection during the TLS handshake", "", false },
	{ "closed in a record", "\x16\3\3\0\x7a\2", 6, script_ends, STATUS_TEMPORARY,
	  ECONNRESET, "the server closed the connection during the TLS handshake", "", false },
	{ "S035: silence", "", 0, script_stalls, STATUS_TEMPORARY, ETIMEDOUT,
	  "timed out during the TLS handshake", "", false },
	{ "silence in a record", "\x16\3\3\0\x7a\2", 6, script_stalls, STATUS_TEMPORARY,
	  ETIMEDOUT, "timed out during the TLS handshake", "", false },
};

static void answer(size_t i, size_t read_max)
{
	struct script p = { .read_max = read_max };
	struct status st = { 0 };
	struct tls_settings settings = plain_settings();
	settings.upgraded = answers[i].upgraded;
	if (answers[i].bytes != NULL)
		script_says_n(&p, answers[i].bytes,
			      answers[i].len != 0 ? answers[i].len : strlen(answers[i].bytes));
	for (int n = 0; n < 1000 && answers[i].bytes == NULL; n++)
		script_says_n(&p, "\x15\3\3\0\2\1\x70", 7); /* unrecognised name */
	answers[i].then(&p);
	struct stream *s = stream_mem_new(&p), *before = s;
	stream_set_deadline(s, clock_now() + SOON);
	if (tls_start(&s, &settings, NULL, &st) == 0)
		fail_msg("%s: taken", answers[i].what);
	if (answers[i].text != NULL)
		assert_string_equal(st.text, answers[i].text);
	if (st.kind != answers[i].kind || st.sys != answers[i].sys)
		fail_msg("%s: %d, %d: %s", answers[i].what, st.kind, st.sys, st.text);
	assert_memory_equal(st.hint, answers[i].hint, strlen(answers[i].hint));
	assert_ptr_equal(s, before);
	stream_free(s);
	script_release(&p);
}

static void test_what_is_no_good_answer(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
		answer(i, 0);
		answer(i, 1);
	}
}

static void assert_lost_in_handshake(struct script *p, const char *text)
{
	struct status st = { 0 };
	struct tls_settings settings = plain_settings();
	struct stream *s = stream_mem_new(p);
	assert_int_equal(tls_start(&s, &settings, NULL, &st), -1);
	assert_string_equal(st.text, text);
	assert_int_equal(st.kind, STATUS_TEMPORARY);
	assert_int_equal(st.sys, ECONNRESET);
	stream_free(s);
	script_release(p);
}

static void test_a_lost_connection(void **state)
{
	(void)state;
	static const char text[] =
		"connection lost during the TLS handshake: Connection reset by peer";
	struct script while_reading = { 0 },
		      while_writing = { .fails_at = 1, .fails_with = EPIPE };
	struct script with_words = { .words = "the command ended" };
	script_breaks(&while_reading, ECONNRESET);
	script_breaks(&with_words, ECONNRESET);
	assert_lost_in_handshake(&while_reading, text);
	assert_lost_in_handshake(&while_writing, text);
	assert_lost_in_handshake(&with_words, "the command ended");
}

/* S035: a byte now and then does not help. */
static void test_the_deadline_is_for_the_whole_handshake(void **state)
{
	(void)state;
	struct script p = { .nap_ms = 5 };
	struct status st = { 0 };
	struct tls_settings settings = plain_settings();
	script_says_n(&p, "\x16\3\3\x10\0\2", 6);
	for (int i = 0; i < 200; i++) {
		script_delays(&p);
		script_says(&p, "x");
	}
	struct stream *s = stream_mem_new(&p);
	int64_t before = clock_now();
	stream_set_deadline(s, before + SOON);
	assert_int_equal(tls_start(&s, &settings, NULL, &st), -1);
	assert_int_equal(st.sys, ETIMEDOUT);
	assert_true(clock_now() - before < 10 * SOON);
	stream_free(s);
	script_release(&p);
}

static void test_versions(void **state)
{
	(void)state;
	static const struct {
		const char *server;
		int min;
		const char *version; /* NULL: refused, with this in the sentence: */
		const char *text;
	} cases[] = {
		{ "NORMAL", 12, "TLS1.3", NULL },
		{ "NORMAL", 13, "TLS1.3", NULL },
		{ "NORMAL:-VERS-TLS1.3", 12, "TLS1.2", NULL },
		{ "NORMAL:-VERS-TLS1.3", 13, NULL, "tls-min = 1.3" },
		{ "NORMAL:-VERS-ALL:+VERS-TLS1.1", 12, NULL, "tls-min = 1.2" },
		{ "NORMAL:-VERS-ALL:+VERS-TLS1.1", 11, "TLS1.1", NULL },
		{ "NORMAL:-VERS-ALL:+VERS-TLS1.0", 11, NULL, "tls-min = 1.1" },
		{ "NORMAL:-VERS-ALL:+VERS-TLS1.0", 10, "TLS1.0", NULL },
		/* A server that does not like our first key share asks for another. */
		{ "NORMAL:-GROUP-ALL:+GROUP-SECP384R1", 12, "TLS1.3", NULL },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tls_peer peer;
		struct tls_facts facts;
		struct status st = { 0 };
		struct tls_settings settings = plain_settings();
		settings.min_version = cases[i].min;
		tls_peer_init(&peer, &self, 1);
		peer.priority = cases[i].server;
		struct stream *s = tls_peer_stream(&peer);
		stream_set_deadline(s, clock_in(10));
		int result = tls_start(&s, &settings, &facts, &st);
		if ((result == 0) != (cases[i].version != NULL))
			fail_msg("%s: %d %s", cases[i].server, result, st.text);
		if (result == 0)
			assert_string_equal(facts.version, cases[i].version);
		else
			assert_non_null(strstr(st.text, cases[i].text));
		part(s, &peer);
	}
}

/* S047 */
static void test_the_server_name(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		const char *sent;
	} cases[] = {
		{ "mail.example.org", "mail.example.org" },
		{ "mail.example.org.", "mail.example.org" },
		{ "192.0.2.1", "" },
		{ "2001:db8::1", "" },
		{ "fe80::1%eth0", "" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tls_peer peer;
		struct tls_settings settings = plain_settings();
		settings.name = cases[i].name;
		settings.verify = false;
		tls_peer_init(&peer, &self, 1);
		struct stream *s = meet(&peer, &settings);
		tls_peer_turn(&peer);
		assert_string_equal(peer.server_name, cases[i].sent);
		part(s, &peer);
	}
}

static void test_our_own_certificate(void **state)
{
	(void)state;
	/* It is sent also where the server lists other issuers: the user says so. */
	struct cert other = cert_make(&(struct wish){ .cn = "Other", .is_ca = true }, NULL);
	const struct {
		const char *certificate;
		const char *key;
		const char *priority;
		const struct cert *issuer;
	} cases[] = {
		{ own_file, key_file, NULL, NULL },
		{ both_file, NULL, NULL, NULL },
		{ own_file, key_file, NULL, &other },
		{ own_file, key_file, "NORMAL:-VERS-TLS1.3", &other },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct tls_peer peer;
		struct status st = { 0 };
		struct tls_settings settings = plain_settings();
		settings.certificate = cases[i].certificate;
		settings.key = cases[i].key;
		assert_int_equal(tls_check_settings(&settings, &st), 0);
		tls_peer_init(&peer, &self, 1);
		peer.priority = cases[i].priority;
		peer.wants_certificate = true;
		peer.wants_issuer = cases[i].issuer;
		struct stream *s = meet(&peer, &settings);
		assert_int_equal(peer.client_certificates, 1);
		part(s, &peer);
	}
	cert_release(&other);
}

static void test_own_priority(void **state)
{
	(void)state;
	struct tls_peer peer;
	struct tls_facts facts;
	struct status st = { 0 };
	struct tls_settings settings = plain_settings();
	settings.priority = "NORMAL:-VERS-TLS1.3:-CIPHER-ALL:+AES-128-GCM";
	tls_peer_init(&peer, &self, 1);
	struct stream *s = tls_peer_stream(&peer);
	assert_int_equal(tls_start(&s, &settings, &facts, &st), 0);
	assert_string_equal(facts.version, "TLS1.2");
	assert_string_equal(facts.cipher, "AES-128-GCM");
	part(s, &peer);
}

static void test_settings(void **state)
{
	(void)state;
	struct strings pins = { 0 };
	strings_add(&pins, "sha256:12");
	static const char *const text[] = {
		"'sha256:12' is no fingerprint",
		"cannot open tls-ca '/proc/none'",
		"tls-ca '%' holds no certificate",
		"cannot open tls-crl '/proc/none'",
		"tls-key '%' needs tls-certificate",
		"cannot use tls-certificate '/proc/none'",
		"cannot use tls-certificate '%' with the key in '%'",
		"cannot use tls-priority 'NONSENSE'",
		"cannot use tls-priority 'NORMAL:-VERS-ALL"
	};
	struct tls_settings bad[] = { plain_settings(), plain_settings(), plain_settings(),
				      plain_settings(), plain_settings(), plain_settings(),
				      plain_settings(), plain_settings(), plain_settings() };
	bad[0].pins = &pins;
	bad[1].ca = "/proc/none";
	bad[2].ca = key_file;
	bad[3].crl = "/proc/none";
	bad[4].key = key_file;
	bad[5].certificate = "/proc/none";
	bad[6].certificate = own_file;
	bad[7].priority = "NONSENSE";
	bad[8].priority = "NORMAL:-VERS-ALL:+VERS-TLS1.1";
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct status st = { 0 };
		if (tls_check_settings(&bad[i], &st) == 0)
			fail_msg("taken: %s", text[i]);
		assert_int_equal(st.kind, STATUS_BAD_CONFIG);
		size_t fixed = strcspn(text[i], "%");
		if (strncmp(st.text, text[i], fixed) != 0)
			fail_msg("'%s', not '%s'", st.text, text[i]);
	}
	struct tls_settings good = plain_settings();
	struct status st = { 0 };
	assert_int_equal(tls_check_settings(&good, &st), 0);
	good.verify = false;
	good.ca = "/proc/none";
	assert_int_equal(tls_check_settings(&good, &st), 0);
	strings_release(&pins);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_early_plaintext),
		cmocka_unit_test(test_what_is_no_good_answer),
		cmocka_unit_test(test_a_lost_connection),
		cmocka_unit_test(test_the_deadline_is_for_the_whole_handshake),
		cmocka_unit_test(test_versions),
		cmocka_unit_test(test_the_server_name),
		cmocka_unit_test(test_our_own_certificate),
		cmocka_unit_test(test_own_priority),
		cmocka_unit_test(test_settings),
	};
	return cmocka_run_group_tests(tests, make_world, release_world);
}
