/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/date.h"

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

static const struct {
	const char *zone; /* POSIX form, which needs no zone files */
	time_t when;
	const char *text;
} cases[] = {
	{ "UTC0", 0, "Thu, 1 Jan 1970 00:00:00 +0000" },
	{ "UTC0", 1795320000, "Sun, 22 Nov 2026 04:00:00 +0000" },
	{ "CET-1CEST,M3.5.0,M10.5.0/3", 1795320000, "Sun, 22 Nov 2026 05:00:00 +0100" },
	{ "CET-1CEST,M3.5.0,M10.5.0/3", 1782000000, "Sun, 21 Jun 2026 02:00:00 +0200" },
	{ "EST5EDT,M3.2.0,M11.1.0", 1795320000, "Sat, 21 Nov 2026 23:00:00 -0500" },
	{ "NST3:30", 1795320000, "Sun, 22 Nov 2026 00:30:00 -0330" },
	{ "IST-5:30", 1795320000, "Sun, 22 Nov 2026 09:30:00 +0530" },
	{ "UTC0", 951782400, "Tue, 29 Feb 2000 00:00:00 +0000" },
	{ "UTC0", 4102444799, "Thu, 31 Dec 2099 23:59:59 +0000" },
	{ "UTC0", INT64_MAX, "Thu, 1 Jan 1970 00:00:00 +0000" },
};

static void test_cases(void **state)
{
	(void)state;
	setlocale(LC_ALL, "de_DE.UTF-8");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf out = { 0 };
		setenv("TZ", cases[i].zone, 1);
		tzset();
		date_write(&out, cases[i].when);
		assert_string_equal(buf_str(&out), cases[i].text);
		buf_release(&out);
	}
}

static void test_all_names(void **state)
{
	(void)state;
	static const char *const texts[] = {
		"Thu, 1 Jan 2026", "Sun, 1 Feb 2026", "Sun, 1 Mar 2026", "Wed, 1 Apr 2026",
		"Fri, 1 May 2026", "Mon, 1 Jun 2026", "Wed, 1 Jul 2026", "Sat, 1 Aug 2026",
		"Tue, 1 Sep 2026", "Thu, 1 Oct 2026", "Sun, 1 Nov 2026", "Tue, 1 Dec 2026",
	};
	setenv("TZ", "UTC0", 1);
	tzset();
	for (int month = 0; month < 12; month++) {
		struct tm t = { .tm_year = 126, .tm_mon = month, .tm_mday = 1 };
		struct buf out = { 0 };
		date_write(&out, timegm(&t));
		assert_true(slice_starts_nocase(buf_slice(&out), texts[month]));
		buf_release(&out);
	}
}

static void test_without_tz(void **state)
{
	(void)state;
	unsetenv("TZ");
	tzset();
	struct buf out = { 0 };
	date_write(&out, 1795320000);
	assert_true(out.len >= 30);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_all_names),
		cmocka_unit_test(test_without_tz),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
