/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/pin.h"

#include "certs.h"

#include <ctype.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define HEX32 "0123456789abcdef0123456789ABCDEF"

static void test_what_is_a_pin(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool good;
	} cases[] = {
		{ "sha256:" HEX32 HEX32, true },
		{ "SHA256:" HEX32 HEX32, true },
		{ "spki:" HEX32 HEX32, true },
		{ " spki:01:23:4567" HEX32 "89abcdef0123456789abcdef ", true },
		{ HEX32 HEX32, false },
		{ "sha1:" HEX32 HEX32, false },
		{ "sha256" HEX32 HEX32, false },
		{ "sha256:" HEX32 "0123456789abcdef0123456789abcde", false },
		{ "sha256:" HEX32 HEX32 "0", false },
		{ "sha256:" HEX32 "0123456789abcdef0123456789abcdeg", false },
		{ "sha256:" HEX32 "0123456789abcdef 123456789abcdef", false },
		{ "sha256:", false },
		{ "sha256", false },
		{ "", false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct strings pins = { 0 };
		struct status st = { 0 };
		strings_add(&pins, "spki:" HEX32 HEX32);
		strings_add(&pins, cases[i].text);
		if ((pins_check(&pins, &st) == 0) != cases[i].good)
			fail_msg("'%s': %s", cases[i].text, st.text);
		assert_int_equal(st.kind, cases[i].good ? STATUS_OK : STATUS_BAD_CONFIG);
		strings_release(&pins);
	}
}

static void test_matches(void **state)
{
	(void)state;
	struct cert one = cert_make(&(struct wish){ .cn = "one" }, NULL);
	struct cert renewed = cert_cross(&(struct wish){ .cn = "one" }, &one, NULL);
	struct cert other = cert_make(&(struct wish){ .cn = "one" }, NULL);
	struct strings of_cert = { 0 }, of_key = { 0 }, several = { 0 }, bad = { 0 };
	struct buf text = { 0 }, shown = { 0 };
	cert_pin(&one, false, &text);
	pin_of(one.crt, &shown);
	assert_string_equal(buf_str(&shown), buf_str(&text));
	for (size_t i = 0; i < text.len; i++)
		text.data[i] = (char)toupper((unsigned char)text.data[i]);
	strings_add(&of_cert, buf_str(&text));
	strings_add(&bad, buf_str(&text) + 1);
	buf_reset(&text);
	cert_pin(&one, true, &text);
	strings_add(&of_key, buf_str(&text));
	strings_add(&several, "spki:" HEX32 HEX32);
	strings_add(&several, buf_str(&text));

	assert_true(pins_match(&of_cert, one.crt));
	assert_true(pins_match(&of_key, one.crt));
	assert_true(pins_match(&several, one.crt));
	assert_false(pins_match(&bad, one.crt));
	assert_false(pins_match(&of_cert, renewed.crt));
	assert_true(pins_match(&of_key, renewed.crt));
	assert_false(pins_match(&of_cert, other.crt));
	assert_false(pins_match(&of_key, other.crt));

	strings_release(&of_cert);
	strings_release(&of_key);
	strings_release(&several);
	strings_release(&bad);
	buf_release(&text);
	buf_release(&shown);
	cert_release(&one);
	cert_release(&renewed);
	cert_release(&other);
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
		cmocka_unit_test(test_what_is_a_pin),
		cmocka_unit_test(test_matches),
	};
	return cmocka_run_group_tests(tests, load, NULL);
}
