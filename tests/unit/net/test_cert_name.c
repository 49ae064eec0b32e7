/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/cert_name.h"

#include "certs.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *name;
	struct wish wish;
	bool matches;
} cases[] = {
	{ "a.example", { .dns = { "a.example" } }, true },
	{ "A.Example", { .dns = { "a.eXAMPLE" } }, true },
	{ "a.example.", { .dns = { "a.example" } }, true },
	{ "a.example", { .dns = { "b.example", "c.example", "a.example" } }, true },
	{ "xn--bcher-kva.example", { .dns = { "xn--bcher-kva.example" } }, true },
	{ "localhost", { .dns = { "localhost" } }, true },
	{ "a.example", { .dns = { "*.a.example" } }, false },
	{ "a.example", { .dns = { "a.example.org" } }, false },
	{ "a.example", { .dns = { "aa.example" } }, false },
	{ "a.example", { .ip = "192.0.2.1" }, false },
	{ "a.example", { .cn = "a.example" }, false },
	{ "a.example", { .cn = "a.example", .dns = { "b.example" } }, false },
	{ "", { .dns = { "a.example" } }, false },
	{ ".", { .dns = { "a.example" } }, false },

	{ "a.b.example", { .dns = { "*.b.example" } }, true },
	{ "a.B.example", { .dns = { "*.b.EXAMPLE" } }, true },
	{ "b.example", { .dns = { "*.b.example" } }, false },
	{ ".b.example", { .dns = { "*.b.example" } }, false },
	{ "x.a.b.example", { .dns = { "*.b.example" } }, false },
	{ "a.example", { .dns = { "*.example" } }, false },
	{ "example", { .dns = { "*" } }, false },
	{ "a.example", { .dns = { "*" } }, false },
	{ "a.b.example", { .dns = { "a*.b.example" } }, false },
	{ "a.b.example", { .dns = { "*a.b.example" } }, false },
	{ "a.b.example", { .dns = { "a.*.example" } }, false },
	{ "a.b.example", { .dns = { "*.*.example" } }, false },

	{ "192.0.2.1", { .ip = "192.0.2.1" }, true },
	{ "192.0.2.1", { .ip = "192.0.2.2" }, false },
	{ "192.0.2.1", { .dns = { "192.0.2.1" } }, false },
	{ "192.0.2.1", { .dns = { "*.0.2.1" } }, false },
	{ "2001:db8::1", { .ip = "2001:db8:0::0:1" }, true },
	{ "2001:db8::1", { .ip = "2001:db8::2" }, false },
	{ "fe80::1%eth0", { .ip = "fe80::1" }, true },
	{ "::ffff:192.0.2.1", { .ip = "192.0.2.1" }, false },
};

static void test_who_matches(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct wish wish = cases[i].wish;
		if (wish.cn == NULL)
			wish.cn = "x";
		struct cert c = cert_make(&wish, NULL);
		if (cert_name_matches(c.crt, cases[i].name) != cases[i].matches)
			fail_msg("'%s', %s", cases[i].name,
				 wish.dns[0] != NULL ? wish.dns[0] : "");
		cert_release(&c);
	}
}

/* A certificate with DER as its subjectAltName, whatever that is. */
static struct cert with_names(const char *der, size_t len)
{
	struct cert c = cert_make(&(struct wish){ .cn = "x" }, NULL);
	gnutls_x509_crt_set_extension_by_oid(c.crt, "2.5.29.17", der, len, 0);
	gnutls_x509_crt_sign2(c.crt, c.crt, c.key, GNUTLS_DIG_SHA256, 0);
	gnutls_datum_t again = cert_der(&c);
	gnutls_x509_crt_deinit(c.crt);
	gnutls_x509_crt_init(&c.crt);
	assert_int_equal(gnutls_x509_crt_import(c.crt, &again, GNUTLS_X509_FMT_DER), 0);
	gnutls_free(again.data);
	return c;
}

/* A NUL does not end a name: that fooled many a client in 2009. */
static void test_bytes_that_no_name_has(void **state)
{
	(void)state;
	struct cert c = with_names("\x30\x0d\x82\x0b"
				   "a.org\0.evil",
				   15);
	struct buf names = { 0 };
	assert_false(cert_name_matches(c.crt, "a.org"));
	assert_int_equal(cert_name_list(c.crt, 5, &names), 1);
	assert_string_equal(buf_str(&names), "a.org?.evil");
	cert_release(&c);

	c = with_names("\x30\x08\x82\x06"
		       "\x1b[2J\r\n",
		       10);
	buf_reset(&names);
	cert_name_list(c.crt, 5, &names);
	assert_string_equal(buf_str(&names), "?[2J??");
	cert_release(&c);
	buf_release(&names);
}

/* Behind a mail address, and behind a name longer than any. */
static void test_other_kinds_are_passed_over(void **state)
{
	(void)state;
	struct buf der = { 0 }, names = { 0 };
	buf_add(&der,
		"\x30\x82\x02\x6f\x81\x04"
		"a@b.\x82\x82\x02\x58",
		14);
	for (int i = 0; i < 600; i++)
		buf_add_char(&der, 'x');
	buf_add(&der,
		"\x82\x09"
		"a.example\x87\x02zz",
		15);
	buf_add(&der, "", 0);
	der.data[3] = (char)(der.len - 4);
	der.data[2] = (char)((der.len - 4) >> 8);
	struct cert c = with_names(der.data, der.len);
	assert_true(cert_name_matches(c.crt, "a.example"));
	assert_int_equal(cert_name_list(c.crt, 5, &names), 1);
	assert_string_equal(buf_str(&names), "a.example");
	cert_release(&c);
	buf_release(&der);
	buf_release(&names);
}

static void test_how_names_are_listed(void **state)
{
	(void)state;
	static const struct {
		struct wish wish;
		size_t limit, count;
		const char *text;
	} lists[] = {
		{ { .cn = "x" }, 5, 0, "" },
		{ { .cn = "x", .dns = { "a.b" } }, 5, 1, "a.b" },
		{ { .cn = "x", .dns = { "a.b", "*.c" }, .ip = "2001:db8::1" },
		  3,
		  3,
		  "a.b, *.c, 2001:db8::1" },
		{ { .cn = "x", .dns = { "a.b", "c.d", "e.f" }, .ip = "192.0.2.1" },
		  2,
		  4,
		  "a.b, c.d and 2 more" },
	};
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
		struct buf text = { 0 };
		struct cert c = cert_make(&lists[i].wish, NULL);
		assert_int_equal(cert_name_list(c.crt, lists[i].limit, &text), lists[i].count);
		assert_string_equal(buf_str(&text), lists[i].text);
		cert_release(&c);
		buf_release(&text);
	}
}

static void test_what_is_an_address(void **state)
{
	(void)state;
	unsigned char bytes[16];
	assert_int_equal(cert_name_address("192.0.2.1", bytes), 4);
	assert_memory_equal(bytes, "\xc0\0\2\1", 4);
	assert_int_equal(cert_name_address("::1", bytes), 16);
	assert_int_equal(cert_name_address("fe80::1%a-long-interface-name-0123456789", bytes),
			 16);
	assert_int_equal(cert_name_address("192.0.2", bytes), 0);
	assert_int_equal(cert_name_address("a.example", bytes), 0);
	assert_int_equal(cert_name_address("", bytes), 0);
	assert_int_equal(cert_name_address("0000000000000000000000000000000000000000000000:1",
					   bytes),
			 0);
}

static int load(void **state)
{
	(void)state;
	struct status st;
	return gnutls_load(&st);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_matches),
		cmocka_unit_test(test_bytes_that_no_name_has),
		cmocka_unit_test(test_other_kinds_are_passed_over),
		cmocka_unit_test(test_how_names_are_listed),
		cmocka_unit_test(test_what_is_an_address),
	};
	return cmocka_run_group_tests(tests, load, NULL);
}
