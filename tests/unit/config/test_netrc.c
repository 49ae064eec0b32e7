/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/netrc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void finds(void **state)
{
	static const struct {
		const char *name, *text, *host, *user;
		const char *password; /* NULL: none */
	} cases[] = {
		{ "one line", "machine h login u password p\n", "h", "u", "p" },
		{ "several lines", "machine h\n\tlogin u\r\n\tpassword p\r\n", "h", "u", "p" },
		{ "password first", "machine h password p login u", "h", "u", "p" },
		{ "any user", "machine h login u password p", "h", NULL, "p" },
		{ "no login in the entry", "machine h password p", "h", "u", "p" },
		{ "host's case", "machine Mail.Example login u password p", "mail.example", "u",
		  "p" },
		{ "user's case", "machine h login U password p", "h", "u", NULL },
		{ "other host", "machine h login u password p", "i", "u", NULL },
		{ "other user", "machine h login v password p", "h", "u", NULL },
		{ "second entry", "machine i login u password x\nmachine h login u password p",
		  "h", "u", "p" },
		{ "second user", "machine h login v password x machine h login u password p",
		  "h", "u", "p" },
		{ "first of two", "machine h login u password p machine h login u password x",
		  "h", "u", "p" },
		{ "no password", "machine h login u\nmachine h login u password p", "h", "u",
		  "p" },
		{ "default", "machine i login u password x default login u password p", "h",
		  "u", "p" },
		{ "before default", "machine h login u password p default login u password x",
		  "h", "u", "p" },
		{ "default for another", "default login v password x", "h", "u", NULL },
		{ "account", "machine h login u account password password p", "h", "u", "p" },
		{ "quoted", "machine h login u password \"a b\\\"c\"", "h", "u", "a b\"c" },
		{ "empty quotes", "machine h login u password \"\"", "h", "u", "" },
		{ "backslash", "machine h login u password a\\ b\\\\c", "h", "u", "a b\\c" },
		{ "comments",
		  "# machine h login u password x\nmachine h # \"\nlogin u password p", "h",
		  "u", "p" },
		{ "a # in a password", "machine h login u password #p#", "h", "u", "#p#" },
		{ "keyword as password", "machine h login u password machine", "h", "u",
		  "machine" },
		{ "macdef", "machine h login u macdef m\nmachine h password x\n\npassword p",
		  "h", "u", "p" },
		{ "macdef at the end", "macdef m\nmachine h login u password x", "h", "u",
		  NULL },
		{ "unknown word", "machine h port 25 login u password p", "h", "u", "p" },
		{ "open quote", "machine h login u password \"p\n", "h", "u", "p\n" },
		{ "ends early", "machine h login u password", "h", "u", NULL },
		{ "ends at machine", "machine", "h", "u", NULL },
		{ "only a password", "password p", "h", NULL, NULL },
		{ "empty", "", "h", "u", NULL },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf password = { 0 };
		bool found = netrc_find(slice_of(cases[i].text), cases[i].host, cases[i].user,
					&password);
		print_message("%s\n", cases[i].name);
		assert_int_equal(found, cases[i].password != NULL);
		assert_string_equal(buf_str(&password), found ? cases[i].password : "");
		buf_release(&password);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
