/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/socks5.h"

#include "base/clock.h"
#include "stream_mem.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { SOON = 40 };

static const struct {
	const char *text;
	const char *name; /* NULL: refused, with `why` in the sentence */
	unsigned port;
	const char *why;
} values[] = {
	{ "socks5://127.0.0.1:9050", "127.0.0.1", 9050, "" },
	{ "socks5://proxy.test", "proxy.test", 1080, "" },
	{ "SOCKS5://[::1]:1", "::1", 1, "" },
	{ "socks5://[2001:db8::1]", "2001:db8::1", 1080, "" },
	{ "socks5://user:hush@proxy.test:1080", NULL, 0,
	  "a login at the proxy is not possible" },
	{ "socks5://hush@proxy.test", NULL, 0, "a login at the proxy is not possible" },
	{ "http://proxy.test", NULL, 0, "socks5://host:port" },
	{ "proxy.test:1080", NULL, 0, "socks5://host:port" },
	{ "socks5:proxy.test:1080", NULL, 0, "socks5://host:port" },
	{ "socks5://", NULL, 0, "missing" },
	{ "socks5://mx", NULL, 0, "neither a host name nor an IP address" },
	{ "socks5://unix:/run/tor", NULL, 0, "neither a host name nor an IP address" },
	{ "socks5://proxy.test:1080/", NULL, 0, "is no port" },
	{ "socks5://proxy.test/", NULL, 0, "is no host name" },
	{ "socks5://proxy.test:0", NULL, 0, "is no port" },
};

static void test_values(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(values); i++) {
		struct endpoint e = { 0 };
		struct status st = { 0 };
		bool good = socks5_parse(values[i].text, &e, &st) == 0;
		if (good != (values[i].name != NULL))
			fail_msg("'%s': %s", values[i].text, st.text);
		if (good) {
			assert_string_equal(e.name, values[i].name);
			assert_int_equal(e.port, values[i].port);
			continue;
		}
		assert_int_equal(st.kind, STATUS_BAD_CONFIG);
		if (strstr(st.text, values[i].why) == NULL)
			fail_msg("'%s': %s", values[i].text, st.text);
		assert_null(strstr(st.text, "hush"));
		assert_null(strstr(st.hint, "hush"));
	}
}

#define BYTES(text) text, sizeof(text) - 1

#define HELLO   "\5\1\0"
#define AGREED  "\5\0"
#define TO_NAME "\5\1\0\3\6x.test\2\113"
#define DONE_4  "\5\0\0\1\177\0\0\1\0\1"

struct half {
	const char *bytes;
	size_t len;
};

static const struct {
	const char *name;
	const char *target;
	struct half request; /* after the hello */
	struct half agreed, answer;
	enum status_kind kind; /* STATUS_OK: what the server says comes behind */
	const char *text;
} dialogues[] = {
	{ "a name",
	  "x.test",
	  { BYTES(TO_NAME) },
	  { BYTES(AGREED) },
	  { BYTES(DONE_4) },
	  STATUS_OK,
	  "" },
	{ "an IPv4 address",
	  "192.0.2.1",
	  { BYTES("\5\1\0\1\xc0\0\2\1\2\113") },
	  { BYTES(AGREED) },
	  { BYTES(DONE_4) },
	  STATUS_OK,
	  "" },
	{ "an IPv6 address",
	  "2001:db8::1",
	  { BYTES("\5\1\0\4\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1\2\113") },
	  { BYTES(AGREED) },
	  { BYTES(DONE_4) },
	  STATUS_OK,
	  "" },
	{ "the proxy's IPv6 address",
	  "x.test",
	  { BYTES(TO_NAME) },
	  { BYTES(AGREED) },
	  { BYTES("\5\0\0\4\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\1\0\1") },
	  STATUS_OK,
	  "" },
	{ "the proxy's name",
	  "x.test",
	  { BYTES(TO_NAME) },
	  { BYTES(AGREED) },
	  { BYTES("\5\0\0\3\4here\0\1") },
	  STATUS_OK,
	  "" },
	{ "a proxy without a name",
	  "x.test",
	  { BYTES(TO_NAME) },
	  { BYTES(AGREED) },
	  { BYTES("\5\0\0\3\0\0\1") },
	  STATUS_BROKEN_PEER,
	  "no SOCKS5 proxy" },
	{ "a kind of address that is none",
	  "x.test",
	  { BYTES(TO_NAME) },
	  { BYTES(AGREED) },
	  { BYTES("\5\0\0\2\0\0\0\0\0\0") },
	  STATUS_BROKEN_PEER,
	  "no SOCKS5 proxy" },
	{ "a login is wanted",
	  "x.test",
	  { BYTES("") },
	  { BYTES("\5\xff") },
	  { BYTES("") },
	  STATUS_NOT_ALLOWED,
	  "the proxy wants a login" },
	{ "a method that was not offered",
	  "x.test",
	  { BYTES("") },
	  { BYTES("\5\2") },
	  { BYTES("") },
	  STATUS_BROKEN_PEER,
	  "no SOCKS5 proxy" },
	{ "SOCKS4",
	  "x.test",
	  { BYTES("") },
	  { BYTES("\0\132") },
	  { BYTES("") },
	  STATUS_BROKEN_PEER,
	  "no SOCKS5 proxy" },
	{ "SMTP",
	  "x.test",
	  { BYTES("") },
	  { BYTES("220 mail.test\r\n") },
	  { BYTES("") },
	  STATUS_BROKEN_PEER,
	  "no SOCKS5 proxy" },
	{ "another version in the answer",
	  "x.test",
	  { BYTES(TO_NAME) },
	  { BYTES(AGREED) },
	  { BYTES("\4\0\0\1\0\0\0\0\0\0") },
	  STATUS_BROKEN_PEER,
	  "no SOCKS5 proxy" },
	{ "general failure",
	  "x.test",
	  { BYTES(TO_NAME) },
	  { BYTES(AGREED) },
	  { BYTES("\5\1\0\1\0\0\0\0\0\0") },
	  STATUS_TEMPORARY,
	  "cannot connect to x.test: general failure (1)" },
	{ "not allowed",
	  "x.test",
	  { BYTES(TO_NAME) },
	  { BYTES(AGREED) },
	  { BYTES("\5\2\0\1\0\0\0\0\0\0") },
	  STATUS_TEMPORARY,
	  "rules do not allow it (2)" },
	{ "host unreachable",
	  "x.test",
	  { BYTES(TO_NAME) },
	  { BYTES(AGREED) },
	  { BYTES("\5\4\0\1\0\0\0\0\0\0") },
	  STATUS_TEMPORARY,
	  "host unreachable (4)" },
	{ "refused, in short",
	  "x.test",
	  { BYTES(TO_NAME) },
	  { BYTES(AGREED) },
	  { BYTES("\5\5\0\1") },
	  STATUS_TEMPORARY,
	  "connection refused (5)" },
	{ "an unknown reason",
	  "x.test",
	  { BYTES(TO_NAME) },
	  { BYTES(AGREED) },
	  { BYTES("\5\xf0\0\1\0\0\0\0\0\0") },
	  STATUS_TEMPORARY,
	  "unknown reason (240)" },
	{ "the end too early",
	  "x.test",
	  { BYTES(TO_NAME) },
	  { BYTES(AGREED) },
	  { BYTES("\5\0\0\1\177\0\0") },
	  STATUS_TEMPORARY,
	  "closed the connection" },
	{ "a zone",
	  "fe80::1%lo",
	  { BYTES("") },
	  { BYTES(AGREED) },
	  { BYTES("") },
	  STATUS_BAD_CONFIG,
	  "cannot be reached by a proxy" },
};

static void assert_stands(struct stream *s, const char *name)
{
	struct slice line;
	struct status st;
	if (stream_getline(s, 100, &line, &st) != 0)
		fail_msg("%s: then %s", name, st.text);
	assert_true(slice_is(line, "220 ready"));
}

static void converse(size_t i, size_t read_max)
{
	struct script p = { .read_max = read_max };
	struct status st = { 0 };
	struct buf sent = { 0 };
	buf_add(&sent, HELLO, 3);
	buf_add(&sent, dialogues[i].request.bytes, dialogues[i].request.len);
	script_awaits(&p, HELLO);
	script_says_n(&p, dialogues[i].agreed.bytes, dialogues[i].agreed.len);
	if (dialogues[i].answer.len != 0)
		script_says_n(&p, dialogues[i].answer.bytes, dialogues[i].answer.len);
	if (dialogues[i].kind == STATUS_OK)
		script_says(&p, "220 ready\r\n");
	script_ends(&p);
	struct stream *s = stream_mem_new(&p);
	stream_set_deadline(s, clock_now() + 50 * SOON);
	int result = socks5_connect(s, dialogues[i].target, 587, &st);
	if (st.kind != dialogues[i].kind || strstr(st.text, dialogues[i].text) == NULL)
		fail_msg("%s: '%s'", dialogues[i].name, st.text);
	assert_int_equal(result, st.kind == STATUS_OK ? 0 : -1);
	if (p.sent.len != sent.len || memcmp(p.sent.data, sent.data, sent.len) != 0)
		fail_msg("%s: something else was sent", dialogues[i].name);
	if (result == 0)
		assert_stands(s, dialogues[i].name);
	stream_free(s);
	script_release(&p);
	buf_release(&sent);
}

static void test_dialogues(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(dialogues); i++) {
		converse(i, 0);
		converse(i, 1);
	}
}

static void test_a_silent_proxy(void **state)
{
	(void)state;
	struct script p = { 0 };
	struct status st;
	script_stalls(&p);
	struct stream *s = stream_mem_new(&p);
	stream_set_deadline(s, clock_now() + SOON);
	assert_int_equal(socks5_connect(s, "x.test", 25, &st), -1);
	assert_int_equal(st.sys, ETIMEDOUT);
	stream_free(s);
	script_release(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_values),
		cmocka_unit_test(test_dialogues),
		cmocka_unit_test(test_a_silent_proxy),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
