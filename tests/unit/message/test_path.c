/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/path.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define TEN     "0123456789"
#define SIXTY   TEN TEN TEN TEN TEN TEN
#define LABEL63 SIXTY "abc"
/* 25 three-byte characters: 75 octets, but far less than 63 as an A-label */
#define FIVE_U "\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad\xe4\xb8\xad"

#define LOCAL  "before the @"
#define HOST   "its domain is no valid host name"
#define IP     "its domain is no valid IP address literal"
#define ANGLE  "it holds < or >"
#define CTRL   "it holds a control character"
#define UTF8   "it is no valid UTF-8"
#define NODOM  "it has no domain"
#define NOBODY "nothing stands before the @"

/* clang-format off */
static const struct {
	const char *name;
	const char *path;
	const char *problem; /* NULL: good */
} checks[] = {
	{ "plain", "a@b.example", NULL },
	{ "all of atext", "!#$%&'*+-/=?^_`{|}~.Az09@b", NULL },
	{ "leading dash", "-f@b", NULL },
	{ "dots anywhere", ".a..b.@docomo.example", NULL },
	{ "quoted", "\"a b\"@x", NULL },
	{ "escapes", "\"a\\\"\\\\b\"@x", NULL },
	{ "empty quotes", "\"\"@x", NULL },
	{ "@ in quotes", "\"a@b\"@x", NULL },
	{ "specials in quotes", "\"(),:;[]\"@x", NULL },
	{ "UTF-8", "\xce\xb4@\xce\xb4.gr", NULL },
	{ "A-label", "a@xn--p1ai", NULL },
	{ "underscore", "a@_x.b_c", NULL },
	{ "digits", "a@1.2.3x", NULL },
	{ "IPv4", "a@[192.0.2.1]", NULL },
	{ "IPv6", "a@[IPv6:2001:db8::1]", NULL },
	{ "IPv6 in small letters", "a@[ipv6:::ffff:192.0.2.1]", NULL },
	{ "local part of 64", SIXTY "abcd@x", NULL },
	{ "label of 63", "a@" LABEL63, NULL },
	{ "long U-label", "a@" FIVE_U FIVE_U FIVE_U FIVE_U FIVE_U ".cn", NULL },
	{ "path of 254", SIXTY "@" LABEL63 "." LABEL63 "." LABEL63 ".a", NULL },

	{ "empty", "", "it is empty" },
	{ "bare", "root", NODOM },
	{ "no domain", "a@", NODOM },
	{ "no domain behind quotes", "\"a@b\"", NODOM },
	{ "no local part", "@b", NOBODY },
	{ "local part of 65", SIXTY "abcde@x", "longer than 64 octets" },
	{ "label of 64", "a@" LABEL63 "d", HOST },
	{ "path of 255", SIXTY "1@" LABEL63 "." LABEL63 "." LABEL63 ".a", "longer than 254" },
	{ "domain of 256", "a@" LABEL63 "." LABEL63 "." LABEL63 "." LABEL63 ".",
	  "longer than 255" },
	{ "CR", "a@b\r", CTRL },
	{ "LF", "a\n@b", CTRL },
	{ "CRLF in quotes", "\"a\r\n b\"@b", CTRL },
	{ "tab in quotes", "\"a\tb\"@b", CTRL },
	{ "DEL", "a\x7f@b", CTRL },
	{ "parameter", "a@b> NOTIFY=NEVER", ANGLE },
	{ "angles", "<a@b>", ANGLE },
	{ "parameter in quotes", "\"a> ORCPT=x\"@b", ANGLE },
	{ "escaped angle", "\"\\<\"@b", ANGLE },
	{ "latin1", "J\xfcrgen@b", UTF8 },
	{ "overlong", "\xc0\xaf@b", UTF8 },
	{ "C1 control", "\xc2\x85@b", UTF8 },
	{ "latin1 domain", "a@\xfc.example", UTF8 },
	{ "blank", "a b@c", LOCAL },
	{ "comma", "a,b@c", LOCAL },
	{ "route", "@a,@b:c@d", NOBODY },
	{ "comment", "a(x)@b", LOCAL },
	{ "dots alone", "..@b", LOCAL },
	{ "two quoted words", "\"a\"\"b\"@c", LOCAL },
	{ "word behind quotes", "\"a\".b@c", LOCAL },
	{ "quote in a word", "a\"b\"@c", LOCAL },
	{ "quote not closed", "\"a@b", LOCAL },
	{ "escaped end", "\"a\\\"@b", LOCAL },
	{ "escaped nothing", "\"a\\", LOCAL },
	{ "two @", "a@b@c", HOST },
	{ "blank in the domain", "a@b c", HOST },
	{ "blank at the end", "a@b ", HOST },
	{ "comment in the domain", "a@b(x)", HOST },
	{ "final dot", "a@b.", HOST },
	{ "first dot", "a@.b", HOST },
	{ "empty label", "a@b..c", HOST },
	{ "label begins with a dash", "a@-b.c", HOST },
	{ "label ends with a dash", "a@b-.c", HOST },
	{ "percent", "a@b%c", HOST },
	{ "IPv4 with three numbers", "a@[192.0.2]", IP },
	{ "IPv4 out of range", "a@[192.0.2.256]", IP },
	{ "IPv4 with a blank", "a@[192.0.2.1 ]", IP },
	{ "IPv6 without its tag", "a@[2001:db8::1]", IP },
	{ "IPv4 with the tag", "a@[IPv6:192.0.2.1]", IP },
	{ "IPv6 with a zone", "a@[IPv6:fe80::1%eth0]", IP },
	{ "other literal", "a@[x:y]", IP },
	{ "empty literal", "a@[]", IP },
	{ "literal not closed", "a@[", IP },
	{ "text behind a literal", "a@[192.0.2.1]b", IP },
	{ "very long literal", "a@[IPv6:" SIXTY "]", IP },
};
/* clang-format on */

static void checks_paths(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof checks / sizeof *checks; i++) {
		struct status st = { 0 };
		int result = address_check(checks[i].path, &st);
		if (result != (checks[i].problem == NULL ? 0 : -1))
			fail_msg("%s: %d %s", checks[i].name, result, st.text);
		if (result == 0)
			continue;
		assert_int_equal(st.kind, STATUS_BAD_MESSAGE);
		if (strstr(st.text, checks[i].problem) == NULL)
			fail_msg("%s: %s", checks[i].name, st.text);
	}
}

static void quotes_the_address(void **state)
{
	(void)state;
	struct status st;
	assert_int_equal(address_check("a\r@b", &st), -1);
	assert_string_equal(st.text,
			    "cannot use the address 'a?@b': it holds a control character");
}

static void tells_ascii(void **state)
{
	(void)state;
	assert_true(address_is_ascii(""));
	assert_true(address_is_ascii("a@b\x7f"));
	assert_false(address_is_ascii("\xc3\xbc@b"));
	assert_false(address_is_ascii("a@b\xc3\xbc"));
}

/* clang-format off */
static const struct {
	const char *a;
	const char *b;
	bool same;
} pairs[] = {
	{ "", "", true },
	{ "a@b", "a@b", true },
	{ "a@b.Example", "a@B.eXAMPLE", true },
	{ "A@b", "a@b", false },
	{ "a@b", "c@b", false },
	{ "a@b", "a@c", false },
	{ "a@b", "a@bb", false },
	{ "a@b", "a", false },
	{ "a", "a@b", false },
	{ "a", "a", true },
	{ "a", "A", false },
	{ "aa@b", "a@b", false },
	{ "\"x@Y\"@b", "\"x@Y\"@B", true },
	{ "\"x@Y\"@b", "\"x@y\"@b", false },
	{ "a@\xc3\x84", "a@\xc3\xa4", false },
};
/* clang-format on */

static void tells_the_same(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof pairs / sizeof *pairs; i++) {
		if (address_same(pairs[i].a, pairs[i].b) != pairs[i].same ||
		    address_same(pairs[i].b, pairs[i].a) != pairs[i].same)
			fail_msg("%s and %s", pairs[i].a, pairs[i].b);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(checks_paths),
		cmocka_unit_test(quotes_the_address),
		cmocka_unit_test(tells_ascii),
		cmocka_unit_test(tells_the_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
