/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/endpoint.h"

#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define TEN          "0123456789"
#define FIFTY        TEN TEN TEN TEN TEN
#define LABEL        "a" FIFTY TEN "bc"                            /* 63 octets */
#define NAME_249     LABEL "." LABEL "." LABEL "." FIFTY "abcdefg" /* 192 and 57 */
#define PATH_100                                                                               \
	"/" FIFTY "/" TEN TEN TEN TEN "/"                                                      \
	"abcdefg"

/* clang-format off */
static const struct {
	const char *text;
	struct endpoint expected;
} good[] = {
	{ "mail.example.com", { ENDPOINT_HOST, "mail.example.com", "", 0, false } },
	{ "mail.example.com:587", { ENDPOINT_HOST, "mail.example.com", "", 587, false } },
	{ "Mail.Example.COM.", { ENDPOINT_HOST, "Mail.Example.COM", "", 0, false } },
	{ "mail.example.com.:25", { ENDPOINT_HOST, "mail.example.com", "", 25, false } },
	{ "localhost", { ENDPOINT_HOST, "localhost", "", 0, false } },
	{ "localhost:1", { ENDPOINT_HOST, "localhost", "", 1, false } },
	{ "localhost:65535", { ENDPOINT_HOST, "localhost", "", 65535, false } },
	{ "my_relay-1:25", { ENDPOINT_HOST, "my_relay-1", "", 25, false } },
	{ "3com.example", { ENDPOINT_HOST, "3com.example", "", 0, false } },
	{ "b\xc3\xbc" "cher.example",
	  { ENDPOINT_HOST, "b\xc3\xbc" "cher.example", "", 0, false } },
	{ LABEL, { ENDPOINT_HOST, LABEL, "", 0, false } },
	{ NAME_249 ".com", { ENDPOINT_HOST, NAME_249 ".com", "", 0, false } },
	{ NAME_249 ".com.", { ENDPOINT_HOST, NAME_249 ".com", "", 0, false } },
	{ "unix", { ENDPOINT_HOST, "unix", "", 0, false } },
	{ "mxa", { ENDPOINT_HOST, "mxa", "", 0, false } },
	{ "mx.example.com", { ENDPOINT_HOST, "mx.example.com", "", 0, false } },
	{ "192.0.2.1", { ENDPOINT_HOST, "192.0.2.1", "", 0, true } },
	{ "192.0.2.1:2525", { ENDPOINT_HOST, "192.0.2.1", "", 2525, true } },
	{ "[2001:db8::1]", { ENDPOINT_HOST, "2001:db8::1", "", 0, true } },
	{ "[2001:db8::1]:25", { ENDPOINT_HOST, "2001:db8::1", "", 25, true } },
	{ "[fe80::1%eth0]:25", { ENDPOINT_HOST, "fe80::1%eth0", "", 25, true } },
	{ "2001:db8::1", { ENDPOINT_HOST, "2001:db8::1", "", 0, true } },
	{ "2001:db8::1:25", { ENDPOINT_HOST, "2001:db8::1:25", "", 0, true } },
	{ "::1", { ENDPOINT_HOST, "::1", "", 0, true } },
	{ "::ffff:192.0.2.1", { ENDPOINT_HOST, "::ffff:192.0.2.1", "", 0, true } },
	{ "fe80::1%eth0", { ENDPOINT_HOST, "fe80::1%eth0", "", 0, true } },
	{ "fe80::1%3", { ENDPOINT_HOST, "fe80::1%3", "", 0, true } },
	{ "unix:/run/dovecot/lmtp", { ENDPOINT_UNIX, "", "/run/dovecot/lmtp", 0, false } },
	{ "unix:/run/a b", { ENDPOINT_UNIX, "", "/run/a b", 0, false } },
	{ "unix:" PATH_100 "/bcdefg", { ENDPOINT_UNIX, "", PATH_100 "/bcdefg", 0, false } },
	{ "srv:example.com", { ENDPOINT_SRV, "example.com", "", 0, false } },
	{ "srv:example.com.", { ENDPOINT_SRV, "example.com", "", 0, false } },
	{ "mx", { ENDPOINT_MX, "", "", 0, false } },
	{ "MX", { ENDPOINT_MX, "", "", 0, false } },
	{ "mx:example.com", { ENDPOINT_MX, "example.com", "", 0, false } },
	{ "maildir:/var/tmp/mail", { ENDPOINT_MAILDIR, "", "/var/tmp/mail", 0, false } },
	{ "maildir:~/Mail", { ENDPOINT_MAILDIR, "", "~/Mail", 0, false } },
	{ "Maildir:/x", { ENDPOINT_MAILDIR, "", "/x", 0, false } },
};

static const struct {
	const char *text;
	const char *says;
} bad[] = {
	{ "", "missing" },
	{ " ", "no host name" },
	{ ":25", "missing" },
	{ ".", "no host name" },
	{ "..", "no host name" },
	{ "mail..example.com", "no host name" },
	{ ".example.com", "no host name" },
	{ "example.com..", "no host name" },
	{ "-mail.example.com", "no host name" },
	{ "mail-.example.com", "no host name" },
	{ "mail example.com", "no host name" },
	{ " mail.example.com", "no host name" },
	{ "mail.example.com ", "no host name" },
	{ "mail\n.example.com", "no host name" },
	{ "mail\x7f.example.com", "no host name" },
	{ "mail/x", "no host name" },
	{ "a@b", "no host name" },
	{ "a%b", "no host name" },
	{ "b\xfc" "cher.example", "invalid UTF-8" },
	{ "b\xc2\x85" "cher.example", "invalid UTF-8" },
	{ LABEL "d", "no host name" },
	{ NAME_249 ".comm", "too long" },
	{ "192.0.2.256", "neither" },
	{ "192.0.2", "neither" },
	{ "587", "neither" },
	{ "mail.example.com:", "no port" },
	{ "mail.example.com:0", "no port" },
	{ "mail.example.com:65536", "no port" },
	{ "mail.example.com:100000", "no port" },
	{ "mail.example.com:18446744073709551641", "no port" },
	{ "mail.example.com:025", "no port" },
	{ "mail.example.com:+25", "no port" },
	{ "mail.example.com:-25", "no port" },
	{ "mail.example.com: 25", "no port" },
	{ "mail.example.com:25 ", "no port" },
	{ "mail.example.com:2 5", "no port" },
	{ "mail.example.com:smtp", "no port" },
	{ "smtp://mail.example.com", "write name or name:port" },
	{ "smtps://mail.example.com:465", "write name or name:port" },
	{ "mail.example.com:25:26", "[address]:port" },
	{ "2001:db8:::1", "[address]:port" },
	{ "fe80::1%", "[address]:port" },
	{ "fe80::1%a b", "[address]:port" },
	{ "fe80::1%abcdefghijklmnop", "[address]:port" },
	{ "fe80::1%\xc3\xa4", "[address]:port" },
	{ "[", "brackets" },
	{ "[]", "brackets" },
	{ "[]:25", "brackets" },
	{ "[2001:db8::1", "brackets" },
	{ "[mail.example.com]", "brackets" },
	{ "[192.0.2.1]", "brackets" },
	{ "[IPv6:2001:db8::1]", "brackets" },
	{ "[2001:db8::1]25", "behind the bracket" },
	{ "[2001:db8::1] ", "behind the bracket" },
	{ "[2001:db8::1]:", "no port" },
	{ "[2001:db8::1]:0", "no port" },
	{ "mx:", "missing" },
	{ "mx:25", "neither" },
	{ "mx:example.com:25", "no host name" },
	{ "mx:192.0.2.1", "neither" },
	{ "srv:", "missing" },
	{ "srv:.", "no host name" },
	{ "srv:example.com:25", "no host name" },
	{ "srv:[::1]", "no host name" },
	{ "unix:", "absolute" },
	{ "unix:run/lmtp", "absolute" },
	{ "unix:~/lmtp", "absolute" },
	{ "unix:/run\n", "control character" },
	{ "unix:" PATH_100 "/bcdefgh", "too long" },
	{ "maildir:", "absolute" },
	{ "maildir:Mail", "absolute" },
	{ "maildir:~", "absolute" },
	{ "maildir:~bob/Mail", "absolute" },
	{ "maildir:/x\x1b", "control character" },
};
/* clang-format on */

static void endpoints_are_taken_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct endpoint e;
		struct status st = { 0 };
		memset(&e, 0xff, sizeof e);
		if (endpoint_parse(good[i].text, &e, &st) != 0)
			fail_msg("'%s': %s", good[i].text, st.text);
		assert_int_equal(e.kind, good[i].expected.kind);
		assert_string_equal(e.name, good[i].expected.name);
		assert_string_equal(e.path, good[i].expected.path);
		assert_int_equal(e.port, good[i].expected.port);
		assert_int_equal(e.literal, good[i].expected.literal);
		assert_int_equal(st.kind, STATUS_OK);
	}
}

static void all_else_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct endpoint e = { .kind = ENDPOINT_SRV, .name = "before" };
		struct status st = { 0 };
		if (endpoint_parse(bad[i].text, &e, &st) != -1)
			fail_msg("'%s': accepted", bad[i].text);
		assert_int_equal(st.kind, STATUS_BAD_CONFIG);
		if (strstr(st.text, bad[i].says) == NULL)
			fail_msg("'%s': says %s", bad[i].text, st.text);
		assert_int_equal(e.kind, ENDPOINT_SRV);
		assert_string_equal(e.name, "before");
	}
}

/* What has room is kept whole, and one byte more is refused. */
static void nothing_is_cut(void **state)
{
	struct buf text = { 0 };
	struct endpoint e;
	struct status st = { 0 };
	(void)state;
	buf_add_str(&text, "maildir:/");
	while (text.len < strlen("maildir:") + sizeof e.path - 1)
		buf_add_char(&text, 'x');
	assert_int_equal(endpoint_parse(buf_str(&text), &e, &st), 0);
	assert_int_equal(strlen(e.path), sizeof e.path - 1);
	buf_add_char(&text, 'x');
	assert_int_equal(endpoint_parse(buf_str(&text), &e, &st), -1);
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(endpoints_are_taken_apart),
		cmocka_unit_test(all_else_is_refused),
		cmocka_unit_test(nothing_is_cut),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
