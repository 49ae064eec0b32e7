/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which certificates are taken, and what is said about those that are not (S036-S042, S051). */
#include "net/tls.h"

#include "base/clock.h"
#include "certs.h"
#include "tls_peer.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

/* Who signs: all made once. */
static struct {
	char dir[64];
	char *store;    /* a file with root and others */
	char *no_store; /* a file with others only */
	struct cert root, other, inter, weak_inter, old_inter, stranger, cross, false_ca;
} world = { .dir = "/tmp/test_tls.XXXXXX" };

static const struct wish root_wish = { .cn = "Test Root", .is_ca = true };
#define PLAIN                                                                                  \
	{                                                                                      \
		.cn = "mail", .dns = { "mail.example.org" }                                    \
	}
static const struct wish plain = PLAIN;

static int make_world(void **state)
{
	(void)state;
	struct buf pem = { 0 };
	assert_non_null(mkdtemp(world.dir));
	world.root = cert_make(&root_wish, NULL);
	world.other = cert_make(&(struct wish){ .cn = "Other Root", .is_ca = true }, NULL);
	world.stranger = cert_make(&(struct wish){ .cn = "Stranger", .is_ca = true }, NULL);
	world.inter = cert_make(&(struct wish){ .cn = "Inter", .is_ca = true }, &world.root);
	world.weak_inter = cert_make(&(struct wish){ .cn = "Weak Inter",
						     .is_ca = true,
						     .digest = GNUTLS_DIG_SHA1 },
				     &world.root);
	world.old_inter = cert_make(
		&(struct wish){ .cn = "Old Inter", .is_ca = true, .from = -30, .to = -20 },
		&world.root);
	world.false_ca = cert_make(&(struct wish){ .cn = "False" }, &world.root);
	world.cross = cert_cross(&root_wish, &world.root, &world.stranger);
	cert_pem(&world.other, &pem);
	world.no_store = write_file(world.dir, "no-store.pem", &pem);
	cert_pem(&world.root, &pem);
	world.store = write_file(world.dir, "store.pem", &pem);
	buf_release(&pem);
	return 0;
}

static int release_world(void **state)
{
	(void)state;
	struct buf path = { 0 };
	DIR *dir = opendir(world.dir);
	for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir)) {
		buf_reset(&path);
		buf_addf(&path, "%s/%s", world.dir, e->d_name);
		unlink(buf_str(&path));
	}
	closedir(dir);
	rmdir(world.dir);
	buf_release(&path);
	struct cert *all[] = { &world.root,       &world.other,     &world.inter,
			       &world.weak_inter, &world.old_inter, &world.stranger,
			       &world.cross,      &world.false_ca };
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		cert_release(all[i]);
	free(world.store);
	free(world.no_store);
	return 0;
}

static struct tls_settings settings_for(const char *name)
{
	return (struct tls_settings){
		.name = name, .ca = world.store, .verify = true, .min_version = 12
	};
}

/* Meet a server that has CHAIN; its handshake only ends if the client was content. */
static int meet(const struct cert *chain, unsigned count, const struct tls_settings *settings,
		struct tls_facts *facts, struct status *st)
{
	struct tls_peer peer;
	tls_peer_init(&peer, chain, count);
	struct stream *s = tls_peer_stream(&peer);
	stream_set_deadline(s, clock_in(10));
	int result = tls_start(&s, settings, facts, st);
	tls_peer_turn(&peer);
	assert_int_equal(peer.done, result == 0);
	if (result != 0)
		assert_int_equal(peer.error, GNUTLS_E_FATAL_ALERT_RECEIVED);
	assert_int_equal(peer.got.len, 0);
	stream_free(s);
	tls_peer_release(&peer);
	return result;
}

static void days_from_now(int days, char text[16])
{
	time_t when = time(NULL) + days * 24L * 60 * 60;
	struct tm parts;
	strftime(text, 16, "%Y-%m-%d", gmtime_r(&when, &parts));
}

/* `refused` NULL: it is taken. `day`: the sentence ends with the date so many days from today,
 * if not 0. */
static const struct {
	const char *what;
	struct wish wish;
	const struct cert *issuer; /* NULL: itself */
	const struct cert *above;  /* sent behind the issuer */
	bool without_issuer;       /* the issuer is not sent */
	const char *name;          /* NULL: mail.example.org */
	const char *refused;
	int day;
	const char *hint;
} cases[] = {
	{ "good, by an intermediate", PLAIN, &world.inter, NULL, false, NULL, NULL, 0, NULL },
	{ "good, by the root", PLAIN, &world.root, NULL, true, NULL, NULL, 0, NULL },
	{ "good, with the root sent", PLAIN, &world.inter, &world.root, false, NULL, NULL, 0,
	  NULL },
	{ "good, the root sent cross-signed", PLAIN, &world.inter, &world.cross, false, NULL,
	  NULL, 0, NULL },
	{ "final dot", PLAIN, &world.inter, NULL, false, "mail.example.org.", NULL, 0, NULL },
	{ "wildcard",
	  { .cn = "w", .dns = { "*.example.org" } },
	  &world.inter,
	  NULL,
	  false,
	  NULL,
	  NULL,
	  0,
	  NULL },
	{ "address",
	  { .cn = "a", .ip = "192.0.2.7" },
	  &world.inter,
	  NULL,
	  false,
	  "192.0.2.7",
	  NULL,
	  0,
	  NULL },
	{ "expired",
	  { .cn = "e", .dns = { "mail.example.org" }, .from = -9, .to = -3 },
	  &world.inter,
	  NULL,
	  false,
	  NULL,
	  "expired on",
	  -3,
	  "clock" },
	{ "not yet valid",
	  { .cn = "n", .dns = { "mail.example.org" }, .from = 3, .to = 9 },
	  &world.inter,
	  NULL,
	  false,
	  NULL,
	  "is not valid before",
	  3,
	  "check the clock of this machine" },
	{ "expired intermediate", PLAIN, &world.old_inter, NULL, false, NULL,
	  "is signed by 'CN=Old Inter', whose own expired on", -20, "clock" },
	{ "other name",
	  { .cn = "o",
	    .dns = { "a.example", "b.example", "c.example", "d.example", "e.example",
		     "f.example", "g.example" } },
	  &world.inter,
	  NULL,
	  false,
	  NULL,
	  "is for a.example, b.example, c.example, d.example, e.example and 2 more",
	  0,
	  "set host to one of these names, or tls-name" },
	{ "common name only",
	  { .cn = "mail.example.org" },
	  &world.inter,
	  NULL,
	  false,
	  NULL,
	  "names no server (subjectAltName; a common name does not count)",
	  0,
	  "" },
	{ "part of a label",
	  { .cn = "p", .dns = { "m*.example.org", "*ail.example.org" } },
	  &world.inter,
	  NULL,
	  false,
	  NULL,
	  "is for m*.example.org, *ail.example.org",
	  0,
	  NULL },
	{ "other address",
	  { .cn = "a", .ip = "192.0.2.7" },
	  &world.inter,
	  NULL,
	  false,
	  "192.0.2.8",
	  "is for 192.0.2.7",
	  0,
	  NULL },
	{ "address as a DNS name",
	  { .cn = "a", .dns = { "192.0.2.7" } },
	  &world.inter,
	  NULL,
	  false,
	  "192.0.2.7",
	  "is for 192.0.2.7",
	  0,
	  NULL },
	{ "self-signed", PLAIN, NULL, NULL, true, NULL, "is self-signed", 0,
	  "set tls-fingerprint = sha256:" },
	{ "unknown root", PLAIN, &world.stranger, NULL, false, NULL,
	  "is signed by 'CN=Stranger', which is not in ", 0, "or tls-fingerprint = sha256:" },
	{ "intermediate not sent", PLAIN, &world.inter, NULL, true, NULL,
	  "is signed by 'CN=Inter', which is not in ", 0, NULL },
	{ "for clients",
	  { .cn = "c", .dns = { "mail.example.org" }, .purpose = GNUTLS_KP_TLS_WWW_CLIENT },
	  &world.inter,
	  NULL,
	  false,
	  NULL,
	  "is not meant for servers",
	  0,
	  NULL },
	{ "weak key",
	  { .cn = "k", .dns = { "mail.example.org" }, .rsa_bits = 1024 },
	  &world.inter,
	  NULL,
	  false,
	  NULL,
	  "or one above it has a weak key or signature algorithm",
	  0,
	  "tls-fingerprint" },
	{ "SHA-1",
	  { .cn = "s", .dns = { "mail.example.org" }, .digest = GNUTLS_DIG_SHA1 },
	  &world.inter,
	  NULL,
	  false,
	  NULL,
	  "weak key or signature algorithm",
	  0,
	  NULL },
	{ "SHA-1 above", PLAIN, &world.weak_inter, NULL, false, NULL,
	  "weak key or signature algorithm", 0, NULL },
	{ "signed by no authority", PLAIN, &world.false_ca, NULL, false, NULL,
	  "is signed by one that is no", 0, NULL },
	{ "no stapled response",
	  { .cn = "t", .dns = { "mail.example.org" }, .must_staple = true },
	  &world.inter,
	  NULL,
	  false,
	  NULL,
	  "asks for a stapled OCSP response, and the server sent none",
	  0,
	  NULL },
};

static void assert_part(const char *what, const char *whole, const char *part)
{
	if (strstr(whole, part) == NULL)
		fail_msg("%s: '%s' is not in '%s'", what, part, whole);
}

static void check_case(size_t i, struct cert chain[], unsigned count)
{
	struct tls_settings settings =
		settings_for(cases[i].name != NULL ? cases[i].name : "mail.example.org");
	struct tls_facts facts;
	struct status st = { 0 };
	char date[16], text[128];
	int result = meet(chain, count, &settings, &facts, &st);
	if (cases[i].refused == NULL) {
		if (result != 0)
			fail_msg("%s: %s", cases[i].what, st.text);
		return;
	}
	if (result == 0)
		fail_msg("%s: taken", cases[i].what);
	days_from_now(cases[i].day, date);
	snprintf(text, sizeof text, "the certificate of '%s' ", settings.name);
	assert_part(cases[i].what, st.text, text);
	snprintf(text, sizeof text, "%s%s%s", cases[i].refused, cases[i].day != 0 ? " " : "",
		 cases[i].day != 0 ? date : "");
	assert_part(cases[i].what, st.text, text);
	assert_int_equal(st.kind, STATUS_NOT_SECURE);
	if (cases[i].hint != NULL)
		assert_part(cases[i].what, st.hint, cases[i].hint);
}

static void test_which_certificates_are_taken(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		const struct cert *issuer = cases[i].issuer;
		struct cert chain[3] = { cert_make(&cases[i].wish, issuer) };
		unsigned count = 1;
		if (!cases[i].without_issuer)
			chain[count++] = *issuer;
		if (cases[i].above != NULL)
			chain[count++] = *cases[i].above;
		check_case(i, chain, count);
		cert_release(&chain[0]);
	}
}

static void test_facts(void **state)
{
	(void)state;
	struct cert chain[2] = { cert_make(&plain, &world.inter), world.inter };
	struct tls_settings settings = settings_for("mail.example.org");
	struct tls_facts facts;
	struct status st = { 0 };
	assert_int_equal(meet(chain, 2, &settings, &facts, &st), 0);
	assert_string_equal(facts.version, "TLS1.3");
	assert_string_equal(facts.cipher, "AES-256-GCM");
	assert_string_equal(facts.subject, "CN=mail");
	assert_string_equal(facts.issuer, "CN=Inter");
	assert_in_range(facts.days_left, 89, 90);
	assert_memory_equal(facts.verified, "file /tmp/", 10);
	assert_int_equal(st.kind, STATUS_OK);
	assert_int_equal(meet(chain, 2, &settings, NULL, &st), 0);
	cert_release(&chain[0]);
}

static void test_an_empty_or_missing_store(void **state)
{
	(void)state;
	struct cert leaf = cert_make(&plain, &world.root);
	struct tls_settings settings = settings_for("mail.example.org");
	struct status st = { 0 };
	settings.ca = world.no_store;
	assert_int_equal(meet(&leaf, 1, &settings, NULL, &st), -1);
	assert_part("no store", st.text, "'CN=Test Root', which is not in ");
	assert_part("no store", st.text, world.no_store);
	settings.ca = "/dev/null";
	assert_int_equal(meet(&leaf, 1, &settings, NULL, &st), -1);
	assert_int_equal(st.kind, STATUS_BAD_CONFIG);
	assert_string_equal(st.text, "tls-ca '/dev/null' holds no certificate");
	settings.ca = "/proc/none";
	assert_int_equal(meet(&leaf, 1, &settings, NULL, &st), -1);
	assert_int_equal(st.kind, STATUS_BAD_CONFIG);
	cert_release(&leaf);
}

static void test_a_trusted_self_signed_certificate(void **state)
{
	(void)state;
	struct cert leaf = cert_make(&plain, NULL);
	struct tls_settings settings = settings_for("mail.example.org");
	struct status st = { 0 };
	struct buf pem = { 0 };
	cert_pem(&leaf, &pem);
	char *path = write_file(world.dir, "leaf.pem", &pem);
	settings.ca = path;
	if (meet(&leaf, 1, &settings, NULL, &st) != 0)
		fail_msg("%s", st.text);
	free(path);
	buf_release(&pem);
	cert_release(&leaf);
}

static void test_revoked(void **state)
{
	(void)state;
	struct cert chain[2] = { cert_make(&plain, &world.inter), world.inter };
	struct cert good[2] = { cert_make(&plain, &world.inter), world.inter };
	struct tls_settings settings = settings_for("mail.example.org");
	struct status st = { 0 };
	struct buf pem = { 0 };
	cert_crl_pem(&world.inter, &chain[0], &pem);
	char *path = write_file(world.dir, "crl.pem", &pem);
	settings.crl = path;
	assert_int_equal(tls_check_settings(&settings, &st), 0);
	assert_int_equal(meet(chain, 2, &settings, NULL, &st), -1);
	assert_string_equal(st.text, "the certificate of 'mail.example.org' has been revoked");
	assert_int_equal(meet(good, 2, &settings, NULL, &st), 0);
	settings.crl = world.store;
	assert_int_equal(meet(good, 2, &settings, NULL, &st), -1);
	assert_int_equal(st.kind, STATUS_BAD_CONFIG);
	free(path);
	buf_release(&pem);
	cert_release(&chain[0]);
	cert_release(&good[0]);
}

static void test_pins(void **state)
{
	(void)state;
	/* Nothing else is right with it. */
	struct cert leaf = cert_make(&(struct wish){ .cn = "x", .from = -9, .to = -2 }, NULL);
	struct tls_settings settings = settings_for("mail.example.org");
	struct tls_facts facts;
	struct status st = { 0 };
	struct buf of_cert = { 0 }, of_key = { 0 };
	struct strings pins = { 0 };
	cert_pin(&leaf, false, &of_cert);
	cert_pin(&leaf, true, &of_key);
	settings.pins = &pins;
	settings.ca = "/proc/none";
	strings_add(&pins, "sha256:"
			   "0000000000000000000000000000000000000000000000000000000000000000");
	assert_int_equal(meet(&leaf, 1, &settings, &facts, &st), -1);
	assert_int_equal(st.kind, STATUS_NOT_SECURE);
	assert_part("pin", st.text, "has none of the fingerprints in tls-fingerprint");
	assert_part("pin", st.hint, buf_str(&of_cert));
	strings_add(&pins, buf_str(&of_cert));
	assert_int_equal(meet(&leaf, 1, &settings, &facts, &st), 0);
	assert_string_equal(facts.verified, "fingerprint");
	strings_release(&pins);
	strings_add(&pins, buf_str(&of_key));
	assert_int_equal(meet(&leaf, 1, &settings, &facts, &st), 0);
	strings_release(&pins);
	buf_release(&of_cert);
	buf_release(&of_key);
	cert_release(&leaf);
}

static void test_no_verification(void **state)
{
	(void)state;
	struct cert leaf = cert_make(&(struct wish){ .cn = "x", .from = -9, .to = -2 }, NULL);
	struct tls_settings settings = settings_for("mail.example.org");
	struct tls_facts facts;
	struct status st = { 0 };
	settings.verify = false;
	settings.ca = "/proc/none";
	assert_int_equal(meet(&leaf, 1, &settings, &facts, &st), 0);
	assert_string_equal(facts.verified, "not at all");
	assert_string_equal(facts.subject, "CN=x");
	assert_true(facts.days_left < 0);
	cert_release(&leaf);
}

/* The peer's names are the peer's words. */
static void test_hostile_names(void **state)
{
	(void)state;
	struct cert ca =
		cert_make(&(struct wish){ .cn = "\x1b[2Jroot\r\n", .is_ca = true }, NULL);
	struct cert leaf = cert_make(&(struct wish){ .cn = "a\x1b[31m\nb" }, &ca);
	struct tls_settings settings = settings_for("mail.example.org");
	struct tls_facts facts;
	struct status st = { 0 };
	assert_int_equal(meet(&leaf, 1, &settings, &facts, &st), -1);
	assert_part("issuer", st.text, "root");
	const char *texts[] = { st.text, st.hint, facts.subject, facts.issuer };
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		for (const char *c = texts[i]; *c != '\0'; c++)
			assert_true(*c >= ' ' && *c != 0x7f);
	}
	cert_release(&leaf);
	cert_release(&ca);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_which_certificates_are_taken),
		cmocka_unit_test(test_facts),
		cmocka_unit_test(test_an_empty_or_missing_store),
		cmocka_unit_test(test_a_trusted_self_signed_certificate),
		cmocka_unit_test(test_revoked),
		cmocka_unit_test(test_pins),
		cmocka_unit_test(test_no_verification),
		cmocka_unit_test(test_hostile_names),
	};
	return cmocka_run_group_tests(tests, make_world, release_world);
}
