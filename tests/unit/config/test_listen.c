/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/listen.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *text;
	const char *expected; /* NULL: refused */
} cases[] = {
	{ "127.0.0.1:2525", "127.0.0.1 2525" },
	{ "[::1]:2525", "::1 2525" },
	{ "[2001:db8::1]:25", "2001:db8::1 25" },
	{ "0.0.0.0:65535", "0.0.0.0 65535" },
	{ "[::]:1", ":: 1" },
	{ ":2525", "127.0.0.1 2525, ::1 2525" },
	{ "localhost:2525", "127.0.0.1 2525, ::1 2525" },
	{ "LocalHost:2525", "127.0.0.1 2525, ::1 2525" },
	{ "", NULL },
	{ ":", NULL },
	{ "2525", NULL },
	{ "127.0.0.1", NULL },
	{ "127.0.0.1:", NULL },
	{ "127.0.0.1:0", NULL },
	{ "127.0.0.1:65536", NULL },
	{ "127.0.0.1:smtp", NULL },
	{ "127.1:25", NULL },
	{ "::1", NULL },
	{ "::1:25", NULL },
	{ "::2525", NULL },
	{ "[::1]", NULL },
	{ "[localhost]:25", NULL },
	{ "host.example:25", NULL },
	{ "*:25", NULL },
	{ "unix:/run/x", NULL },
	{ "mx", NULL },
	{ "127.0.0.1:25,127.0.0.1:26", NULL },
	{ "127.0.0.1:25 ", NULL },
};

static void describe(const struct listen *l, struct buf *out)
{
	char text[SOCKADDR_TEXT_ROOM];
	for (size_t i = 0; i < l->count; i++) {
		const struct sockaddr_ip *a = &l->at[i];
		bool six = a->at.any.sa_family == AF_INET6;
		buf_addf(out, "%s%s %u", i != 0 ? ", " : "", sockaddr_text(&a->at.any, text),
			 (unsigned)ntohs(six ? a->at.in6.sin6_port : a->at.in.sin_port));
	}
}

static void places_are_taken_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct listen l = { .count = 7 };
		struct status st = { 0 };
		struct buf found = { 0 };
		print_message("'%s'\n", cases[i].text);
		int result = listen_parse(cases[i].text, &l, &st);
		assert_int_equal(result, cases[i].expected != NULL ? 0 : -1);
		if (result == 0) {
			describe(&l, &found);
			assert_string_equal(buf_str(&found), cases[i].expected);
		} else {
			assert_int_equal(st.kind, STATUS_BAD_USAGE);
			assert_non_null(strstr(st.text, cases[i].text));
			assert_int_equal(l.count, 7);
		}
		buf_release(&found);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(places_are_taken_apart) };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
