/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/charset.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *text;
	const char *name;
} cases[] = {
	{ "", "us-ascii" },
	{ "just text\r\n", "us-ascii" },
	{ "\303\274", "utf-8" },
	{ "Gr\303\274\303\237e aus M\303\274nchen", "utf-8" },
	{ "\342\202\254 and \360\237\230\200", "utf-8" },
	{ "no more than this \303", "unknown-8bit" },
	{ "\342\202", "unknown-8bit" },
	{ "\342\202 ", "unknown-8bit" },
	{ "Gr\374\337e aus M\374nchen", "unknown-8bit" },
	{ "caf\351", "unknown-8bit" },
	{ "late \303\274, then latin1 \374 and more", "unknown-8bit" },
	{ "overlong \300\200", "unknown-8bit" },
	{ "surrogate \355\240\200", "unknown-8bit" },
	{ "\200\200\200\200\200", "unknown-8bit" },
};

static void test_cases_in_all_cuts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct slice text = slice_of(cases[i].text);
		for (size_t step = 1; step <= text.len + 1; step++) {
			struct charset c = { 0 };
			for (size_t at = 0; at < text.len; at += step)
				charset_feed(&c, slice_cut(text, at, at + step));
			assert_string_equal(charset_name(&c), cases[i].name);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases_in_all_cuts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
