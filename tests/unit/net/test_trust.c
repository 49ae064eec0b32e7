/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finding the authorities that matter: pem, der and trust. */
#include "net/trust.h"

#include "certs.h"
#include "net/der.h"
#include "net/pem.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define BEGIN "-----BEGIN CERTIFICATE-----\n"
#define END   "-----END CERTIFICATE-----\n"

static const struct {
	const char *text;
	const char *bodies; /* each in brackets */
} texts[] = {
	{ "", "" },
	{ "no certificate -- at all -----", "" },
	{ BEGIN "QUJD\n" END, "[\nQUJD\n]" },
	{ "# name\n" BEGIN "QUJD\nRA==\n" END "\n# x\n" BEGIN "R\n" END "tail",
	  "[\nQUJD\nRA==\n][\nR\n]" },
	{ "-----BEGIN X509 CERTIFICATE-----\nQQ==\n-----END X509 CERTIFICATE-----\n",
	  "[\nQQ==\n]" },
	{ "-----BEGIN PRIVATE KEY-----\nQQ==\n-----END PRIVATE KEY-----\n" BEGIN "x\n" END,
	  "[\nx\n]" },
	{ "-----BEGIN TRUSTED CERTIFICATE-----\nQQ==\n-----END TRUSTED CERTIFICATE-----\n",
	  "" },
	{ "--" BEGIN "x\n" END, "[\nx\n]" },
	{ BEGIN "not ended\n" BEGIN "ended\n" END, "[\nended\n]" },
	{ BEGIN "not ended", "" },
	{ BEGIN "not ended-", "" },
	{ BEGIN END, "[\n]" },
	{ "-----BEGIN CERTIFICATE----", "" },
};

static void test_finding_certificates(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct slice rest = slice_of(texts[i].text), body;
		struct buf found = { 0 };
		while (pem_next(&rest, &body)) {
			buf_add_char(&found, '[');
			buf_add_slice(&found, body);
			buf_add_char(&found, ']');
		}
		assert_string_equal(buf_str(&found), texts[i].bodies);
		buf_release(&found);
	}
}

static void test_decoding(void **state)
{
	(void)state;
	static const struct {
		const char *body;
		const char *bytes;
	} cases[] = {
		{ "", "" },
		{ "QQ==", "A" },
		{ "QUI=", "AB" },
		{ "QUJD", "ABC" },
		{ "QUJDREVGR0hJSg==", "ABCDEFGHIJ" },
		{ "QU\nJD\r\nRE V\tGR\n\n0h\nJSg\n==\n", "ABCDEFGHIJ" },
		{ "+/+/\xff", "\xfb\xff\xbf" },
		{ "QUJD!REVG", "ABC" },
		{ "QUJDQ", "ABC" },
		{ "=QUJD", "" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		size_t len = strlen(cases[i].bytes);
		for (size_t room = 0; room < 20; room++) {
			unsigned char out[21];
			memset(out, 0xee, sizeof out);
			struct slice body = slice_of(cases[i].body);
			size_t got = pem_decode(&body, out, room);
			assert_int_equal(got, len < room ? len : room);
			assert_memory_equal(out, cases[i].bytes, got);
			assert_int_equal(out[room], 0xee);
		}
		/* In pieces of whole fours it goes on where it stopped. */
		struct slice body = slice_of(cases[i].body);
		for (size_t at = 0; at < len; at += 3) {
			unsigned char out[3];
			size_t got = pem_decode(&body, out, 3);
			assert_int_equal(got, len - at < 3 ? len - at : 3);
			assert_memory_equal(out, cases[i].bytes + at, got);
		}
	}
}

/* The names in DER are those that GnuTLS sees, and no byte behind them is read. */
static void check_names(const gnutls_datum_t *der)
{
	gnutls_x509_crt_t crt;
	gnutls_datum_t issuer, subject;
	struct der_names names;
	assert_int_equal(gnutls_x509_crt_init(&crt), 0);
	assert_int_equal(gnutls_x509_crt_import(crt, der, GNUTLS_X509_FMT_DER), 0);
	assert_int_equal(gnutls_x509_crt_get_raw_dn(crt, &subject), 0);
	assert_int_equal(gnutls_x509_crt_get_raw_issuer_dn(crt, &issuer), 0);
	assert_true(der_names(slice_n((char *)der->data, der->size), &names));
	assert_int_equal(names.subject.len, subject.size);
	assert_memory_equal(names.subject.data, subject.data, subject.size);
	assert_int_equal(names.issuer.len, issuer.size);
	assert_memory_equal(names.issuer.data, issuer.data, issuer.size);
	size_t end = (size_t)(names.subject.data + names.subject.len - (char *)der->data);
	for (size_t len = 0; len <= end; len++) {
		/* A copy of exactly that size, so that a sanitizer sees who reads on. */
		char *part = malloc(len + 1);
		memcpy(part, der->data, len);
		part = realloc(part, len != 0 ? len : 1);
		assert_int_equal(der_names(slice_n(part, len), &names), len == end);
		free(part);
	}
	gnutls_free(issuer.data);
	gnutls_free(subject.data);
	gnutls_x509_crt_deinit(crt);
}

static void test_names_in_a_certificate(void **state)
{
	(void)state;
	char long_name[200];
	memset(long_name, 'n', sizeof long_name);
	long_name[64] = '\0';
	const struct wish wishes[] = {
		{ .cn = "x" },
		{ .cn = "root", .is_ca = true },
		{ .cn = long_name, .rsa_bits = 2048 },
	};
	struct cert ca = cert_make(&(struct wish){ .cn = "An Authority", .is_ca = true }, NULL);
	for (size_t i = 0; i < sizeof wishes / sizeof *wishes; i++) {
		struct cert c = cert_make(&wishes[i], i % 2 == 0 ? &ca : NULL);
		gnutls_datum_t der = cert_der(&c);
		check_names(&der);
		gnutls_free(der.data);
		cert_release(&c);
	}
	cert_release(&ca);
}

static void test_what_is_no_certificate(void **state)
{
	(void)state;
	static const struct {
		const char *bytes;
		size_t len;
	} cases[] = {
		{ "", 0 },
		{ "\x30", 1 },
		{ "\x30\x80\x30\x80", 4 },                      /* indefinite */
		{ "\x30\x84\0\0\0\1\x30", 7 },                  /* too long a length */
		{ "\x30\x82\xff", 3 },                          /* half a length */
		{ "\x31\5\x30\3\2\1\1", 7 },                    /* a set */
		{ "\x30\5\x30\3\4\1\1", 7 },                    /* no serial number */
		{ "\x30\x7f\x30\x7f\xa0\x7f\2\1\2\2\1\1", 12 }, /* a version beyond the end */
	};
	struct der_names names;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_false(der_names(slice_n(cases[i].bytes, cases[i].len), &names));
}

/* A small world of authorities, among them two of the same name, and a cross-signed one. */
static struct {
	char dir[64];
	char *bundle;
	struct cert a, b, b_too, old, inter, sub, cross, stranger, leaf;
} world = { .dir = "/tmp/test_trust.XXXXXX" };

static const struct wish b_wish = { .cn = "B", .is_ca = true };

static void add(struct buf *pem, const struct cert *c)
{
	buf_add_str(pem, "\n# comment - with a dash\n");
	cert_pem(c, pem);
}

static int make_world(void **state)
{
	(void)state;
	struct buf pem = { 0 };
	struct status st;
	assert_int_equal(gnutls_load(&st), 0);
	assert_non_null(mkdtemp(world.dir));
	world.a = cert_make(&(struct wish){ .cn = "A", .is_ca = true }, NULL);
	world.b = cert_make(&b_wish, NULL);
	world.b_too = cert_make(&b_wish, NULL);
	world.old =
		cert_make(&(struct wish){ .cn = "Old", .is_ca = true, .from = -9, .to = -2 },
			  NULL);
	world.stranger = cert_make(&(struct wish){ .cn = "Stranger", .is_ca = true }, NULL);
	world.inter = cert_make(&(struct wish){ .cn = "Inter", .is_ca = true }, &world.b);
	world.sub = cert_make(&(struct wish){ .cn = "Sub", .is_ca = true }, &world.inter);
	world.leaf = cert_make(&(struct wish){ .cn = "stored leaf" }, &world.stranger);
	world.cross = cert_cross(&b_wish, &world.b, &world.stranger);
	const struct cert *in_store[] = { &world.a,   &world.b_too, &world.b,
					  &world.old, &world.sub,   &world.leaf };
	for (size_t i = 0; i < sizeof in_store / sizeof *in_store; i++)
		add(&pem, in_store[i]);
	buf_add_str(&pem, BEGIN "AAAA\n" END BEGIN "!\n" END BEGIN END);
	world.bundle = write_file(world.dir, "bundle.pem", &pem);
	buf_release(&pem);
	return 0;
}

static void remove_all(const char *path)
{
	DIR *dir = opendir(path);
	for (const struct dirent *e = readdir(dir); e != NULL; e = readdir(dir))
		unlinkat(dirfd(dir), e->d_name, 0);
	closedir(dir);
	rmdir(path);
}

static int release_world(void **state)
{
	(void)state;
	struct cert *all[] = { &world.a,     &world.b,        &world.b_too,
			       &world.old,   &world.inter,    &world.sub,
			       &world.cross, &world.stranger, &world.leaf };
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		cert_release(all[i]);
	free(world.bundle);
	remove_all(world.dir);
	return 0;
}

static unsigned count_cas(gnutls_x509_trust_list_t list)
{
	gnutls_x509_trust_list_iter_t iter = NULL;
	gnutls_x509_crt_t crt;
	unsigned count = 0;
	while (gnutls_x509_trust_list_iter_get_ca(list, &iter, &crt) == 0) {
		gnutls_x509_crt_deinit(crt);
		count++;
	}
	return count;
}

static unsigned verdict(gnutls_x509_trust_list_t list, const struct cert *chain, unsigned count)
{
	gnutls_x509_crt_t crts[8];
	unsigned flags = 0;
	for (unsigned i = 0; i < count; i++)
		crts[i] = chain[i].crt;
	assert_int_equal(gnutls_x509_trust_list_verify_crt2(list, crts, count, NULL, 0, 0,
							    &flags, NULL),
			 0);
	return flags;
}

static unsigned load(const char *ca, const struct cert *chain, unsigned count, unsigned *flags)
{
	struct trust_store store;
	struct status st = { 0 };
	gnutls_datum_t der[8];
	gnutls_x509_trust_list_t list;
	for (unsigned i = 0; i < count; i++)
		der[i] = cert_der(&chain[i]);
	gnutls_x509_trust_list_init(&list, 0);
	assert_int_equal(trust_find(ca, &store, &st), 0);
	if (trust_load(&store, der, count, list, &st) != 0)
		fail_msg("%s", st.text);
	unsigned found = count_cas(list);
	*flags = verdict(list, chain, count);
	gnutls_x509_trust_list_deinit(list, 1);
	for (unsigned i = 0; i < count; i++)
		gnutls_free(der[i].data);
	return found;
}

/* What GnuTLS says when it has them all. */
static unsigned full_verdict(const struct cert *chain, unsigned count)
{
	const struct cert *in_store[] = { &world.a,   &world.b_too, &world.b,
					  &world.old, &world.sub,   &world.leaf };
	gnutls_x509_trust_list_t list;
	gnutls_x509_trust_list_init(&list, 0);
	for (size_t i = 0; i < sizeof in_store / sizeof *in_store; i++)
		assert_int_equal(gnutls_x509_trust_list_add_cas(list, &in_store[i]->crt, 1, 0),
				 1);
	unsigned flags = verdict(list, chain, count);
	gnutls_x509_trust_list_deinit(list, 0);
	return flags;
}

static void test_the_decision_is_that_of_the_whole_store(void **state)
{
	(void)state;
	static const struct {
		const char *what;
		const struct cert *issuer;
		const struct cert *sent[3];
		unsigned found;
		bool good;
	} cases[] = {
		{ "by a root", &world.a, { NULL }, 1, true },
		{ "by a root, which is sent", &world.a, { &world.a }, 1, true },
		{ "by one of two of a name", &world.b, { NULL }, 2, true },
		{ "by the other", &world.b_too, { NULL }, 2, true },
		{ "by an intermediate", &world.inter, { &world.inter }, 2, true },
		{ "with the root", &world.inter, { &world.inter, &world.b }, 2, true },
		{ "with the root cross-signed",
		  &world.inter,
		  { &world.inter, &world.cross },
		  2,
		  true },
		{ "in disorder", &world.inter, { &world.b, &world.inter }, 2, true },
		{ "without the intermediate", &world.inter, { NULL }, 0, false },
		{ "by a trusted intermediate", &world.sub, { NULL }, 1, true },
		{ "which is sent", &world.sub, { &world.sub, &world.inter }, 3, true },
		{ "by a stranger", &world.stranger, { &world.stranger }, 0, false },
		{ "by an expired root", &world.old, { NULL }, 1, false },
		{ "by itself", NULL, { NULL }, 0, false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		unsigned count = 1, flags;
		struct cert chain[4] = { cert_make(&(struct wish){ .cn = "leaf" },
						   cases[i].issuer) };
		for (; count < 4 && cases[i].sent[count - 1] != NULL; count++)
			chain[count] = *cases[i].sent[count - 1];
		unsigned found = load(world.bundle, chain, count, &flags);
		if (found != cases[i].found)
			fail_msg("%s: %u found", cases[i].what, found);
		if (flags != full_verdict(chain, count) || (flags == 0) != cases[i].good)
			fail_msg("%s: 0x%x, not 0x%x", cases[i].what, flags,
				 full_verdict(chain, count));
		cert_release(&chain[0]);
	}
}

/* An end certificate may be in the store itself, whoever signed it. */
static void test_a_trusted_end_certificate(void **state)
{
	(void)state;
	unsigned flags;
	assert_int_equal(load(world.bundle, &world.leaf, 1, &flags), 1);
	assert_int_equal(flags, full_verdict(&world.leaf, 1));
	assert_int_equal(flags, 0);
}

static void test_a_hashed_directory(void **state)
{
	(void)state;
	struct buf pem = { 0 }, path = { 0 };
	struct cert leaf = cert_make(&(struct wish){ .cn = "leaf" }, &world.b);
	buf_addf(&path, "%s.d", world.dir);
	assert_int_equal(mkdir(buf_str(&path), 0700), 0);
	static const char *const ignored[] = { "b.pem",       "abcdef01",   "abcdef01.",
					       "abcdef01.r0", "ABCDEF01.0", "bcdef01.0" };
	cert_pem(&world.b, &pem);
	for (size_t i = 0; i < sizeof ignored / sizeof *ignored; i++)
		free(write_file(buf_str(&path), ignored[i], &pem));

	struct trust_store store;
	struct status st = { 0 };
	assert_int_equal(trust_find(buf_str(&path), &store, &st), 0);
	assert_true(store.is_directory);
	assert_int_equal(trust_load(&store, NULL, 0, NULL, &st), -1);
	assert_int_equal(st.kind, STATUS_BAD_CONFIG);
	assert_non_null(strstr(st.text, "holds no certificate"));
	assert_non_null(strstr(st.hint, "openssl rehash"));

	unsigned flags;
	free(write_file(buf_str(&path), "abcdef01.12", &pem));
	assert_int_equal(load(buf_str(&path), &leaf, 1, &flags), 1);
	assert_int_equal(flags, 0);
	cert_release(&leaf);
	remove_all(buf_str(&path));
	buf_release(&pem);
	buf_release(&path);
}

static void test_stores_that_cannot_be_used(void **state)
{
	(void)state;
	struct trust_store store;
	struct status st = { 0 };
	assert_int_equal(trust_find("/proc/none", &store, &st), -1);
	assert_int_equal(st.kind, STATUS_BAD_CONFIG);
	assert_string_equal(st.text,
			    "cannot open tls-ca '/proc/none': No such file or directory");
	assert_int_equal(trust_find("/dev/null", &store, &st), 0);
	assert_int_equal(trust_load(&store, NULL, 0, NULL, &st), -1);
	assert_int_equal(st.kind, STATUS_BAD_CONFIG);
	assert_string_equal(st.text, "tls-ca '/dev/null' holds no certificate");
	store.path = "/proc/none";
	assert_int_equal(trust_load(&store, NULL, 0, NULL, &st), -1);
	assert_int_equal(st.kind, STATUS_BAD_CONFIG);
	store.is_directory = true;
	assert_int_equal(trust_load(&store, NULL, 0, NULL, &st), -1);
	assert_int_equal(st.kind, STATUS_BAD_CONFIG);
}

/* Each authority of the system's bundle, if there is one, is found by its own name. */
static void test_the_system(void **state)
{
	(void)state;
	struct trust_store store;
	struct status st = { 0 };
	gnutls_x509_crt_t *crts = NULL;
	gnutls_datum_t file;
	unsigned count = 0;
	if (trust_find("system", &store, &st) != 0) {
		assert_int_equal(st.kind, STATUS_NOT_SECURE);
		skip();
	}
	assert_true(store.is_system);
	assert_int_equal(trust_load(&store, NULL, 0, NULL, &st), 0);
	assert_int_equal(gnutls_load_file(store.path, &file), 0);
	assert_int_equal(gnutls_x509_crt_list_import2(&crts, &count, &file, GNUTLS_X509_FMT_PEM,
						      0),
			 0);
	for (unsigned i = 0; i < count; i++) {
		struct cert one = { .crt = crts[i] };
		gnutls_datum_t der = cert_der(&one);
		gnutls_x509_trust_list_t list;
		gnutls_x509_trust_list_init(&list, 0);
		assert_int_equal(trust_load(&store, &der, 1, list, &st), 0);
		assert_in_range(count_cas(list), 1, 3);
		gnutls_x509_trust_list_deinit(list, 1);
		gnutls_free(der.data);
		gnutls_x509_crt_deinit(crts[i]);
	}
	gnutls_free(crts);
	gnutls_free(file.data);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_finding_certificates),
		cmocka_unit_test(test_decoding),
		cmocka_unit_test(test_names_in_a_certificate),
		cmocka_unit_test(test_what_is_no_certificate),
		cmocka_unit_test(test_the_decision_is_that_of_the_whole_store),
		cmocka_unit_test(test_a_trusted_end_certificate),
		cmocka_unit_test(test_a_hashed_directory),
		cmocka_unit_test(test_stores_that_cannot_be_used),
		cmocka_unit_test(test_the_system),
	};
	return cmocka_run_group_tests(tests, make_world, release_world);
}
