/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/url.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct {
	const char *text;
	const char *host; /* NULL: refused, with `authority` in the sentence */
	const char *authority;
	const char *target;
	unsigned port;
} cases[] = {
	{ "https://a.test", "a.test", "a.test", "/", 443 },
	{ "https://a.test/", "a.test", "a.test", "/", 443 },
	{ "HTTPS://a.test/x/y", "a.test", "a.test", "/x/y", 443 },
	{ "https://a.test:443/x", "a.test", "a.test", "/x", 443 },
	{ "https://a.test:8443/x?y=z&w", "a.test", "a.test:8443", "/x?y=z&w", 8443 },
	{ "https://a.test?y=/z", "a.test", "a.test", "/?y=/z", 443 },
	{ "https://a.test/x:y@z", "a.test", "a.test", "/x:y@z", 443 },
	{ "https://192.0.2.1/", "192.0.2.1", "192.0.2.1", "/", 443 },
	{ "https://[2001:db8::1]/", "2001:db8::1", "[2001:db8::1]", "/", 443 },
	{ "https://[::1]:8443", "::1", "[::1]:8443", "/", 8443 },
	{ "http://a.test/", NULL, "does not begin with https://", NULL, 0 },
	{ "a.test", NULL, "does not begin with https://", NULL, 0 },
	{ "", NULL, "does not begin with https://", NULL, 0 },
	{ "https:/a.test", NULL, "does not begin with https://", NULL, 0 },
	{ "https://", NULL, "missing", NULL, 0 },
	{ "https:///x", NULL, "missing", NULL, 0 },
	{ "https://?x", NULL, "missing", NULL, 0 },
	{ "https://u@a.test/", NULL, "login", NULL, 0 },
	{ "https://u:p@a.test/", NULL, "login", NULL, 0 },
	{ "https://a.test/#x", NULL, "fragment", NULL, 0 },
	{ "https://a.test/x y", NULL, "blank", NULL, 0 },
	{ "https://a.test/x\r\nHost: b", NULL, "blank", NULL, 0 },
	{ "https://b\xc3\xbc"
	  "cher.test/",
	  NULL, "other than ASCII", NULL, 0 },
	{ "https://a.test:0/", NULL, "port", NULL, 0 },
	{ "https://a.test:65536/", NULL, "port", NULL, 0 },
	{ "https://a.test:/", NULL, "port", NULL, 0 },
	{ "https://::1/", NULL, "no host", NULL, 0 },
	{ "https://[::1", NULL, "brackets", NULL, 0 },
	{ "https://mx/", NULL, "no host", NULL, 0 },
	{ "https://mx:a.test/", NULL, "no host", NULL, 0 },
	{ "https://srv:a.test/", NULL, "no host", NULL, 0 },
	{ "https://a..test/", NULL, "no host name", NULL, 0 },
	{ "https://a.test\\@b.test/", NULL, "login", NULL, 0 },
	{ "https://a.test\\b/", NULL, "no host name", NULL, 0 },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct url u = { .port = 7 };
		struct status st = { 0 };
		bool good = url_parse(cases[i].text, &u, &st) == 0;
		if (good != (cases[i].host != NULL))
			fail_msg("'%s': %s", cases[i].text, st.text);
		if (good) {
			assert_string_equal(u.host, cases[i].host);
			assert_string_equal(u.authority, cases[i].authority);
			assert_string_equal(u.target, cases[i].target);
			assert_int_equal(u.port, cases[i].port);
			continue;
		}
		assert_int_equal(u.port, 7);
		assert_int_equal(st.kind, STATUS_BAD_CONFIG);
		if (strstr(st.text, cases[i].authority) == NULL)
			fail_msg("'%s': %s", cases[i].text, st.text);
	}
}

/* As long as it may be, and one more: nothing is cut. */
static void test_lengths(void **state)
{
	(void)state;
	for (size_t len = 1020; len <= 1026; len++) {
		struct buf text = { 0 };
		struct url u;
		struct status st;
		buf_add_str(&text, "https://a.test/");
		for (size_t i = 1; i < len; i++)
			buf_add_char(&text, 'x');
		bool good = url_parse(buf_str(&text), &u, &st) == 0;
		assert_int_equal(good, len + 2 <= sizeof u.target);
		if (good)
			assert_int_equal(strlen(u.target), len);
		buf_release(&text);
	}
	for (size_t len = 200; len < 400; len++) {
		struct buf text = { 0 };
		struct url u;
		struct status st;
		buf_add_str(&text, "https://");
		for (size_t i = 0; i < len; i++)
			buf_add_char(&text, i % 60 == 59 ? '.' : 'x');
		if (url_parse(buf_str(&text), &u, &st) == 0)
			assert_int_equal(strlen(u.host), len - (len % 60 == 0));
		else
			assert_true(len > 253);
		buf_release(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_lengths),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
