/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/units.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct unit_case {
	const char *text;
	int64_t value; /* -1: refused */
	const char *shown;
};

static void check_cases(const struct unit_case *cases, size_t count,
			bool (*parse)(const char *text, int64_t *value),
			void (*format)(int64_t value, struct buf *out))
{
	for (size_t i = 0; i < count; i++) {
		int64_t value = -7;
		struct buf out = { 0 };
		bool ok = parse(cases[i].text, &value);
		print_message("'%s'\n", cases[i].text);
		assert_int_equal(ok, cases[i].value >= 0);
		assert_int_equal(value, ok ? cases[i].value : -7);
		if (ok && format != NULL) {
			format(value, &out);
			assert_string_equal(buf_str(&out), cases[i].shown);
		}
		buf_release(&out);
	}
}

static void numbers_below_zero(void **state)
{
	(void)state;
	int64_t value;
	assert_true(number_parse("-9", &value));
	assert_int_equal(value, -9);
	assert_true(number_parse("-0", &value));
	assert_int_equal(value, 0);
}

static void numbers(void **state)
{
	static const struct unit_case cases[] = {
		{ "0", 0, "" },
		{ "587", 587, "" },
		{ "007", 7, "" },
		{ "", -1, "" },
		{ "--1", -1, "" },
		{ "-", -1, "" },
		{ "+1", -1, "" },
		{ " 1", -1, "" },
		{ "1 ", -1, "" },
		{ "1k", -1, "" },
		{ "0x10", -1, "" },
		{ "1.5", -1, "" },
		{ "9223372036854775807", INT64_MAX, "" },
		{ "9223372036854775808", -1, "" },
		{ "99999999999999999999", -1, "" },
	};
	(void)state;
	check_cases(cases, sizeof cases / sizeof cases[0], number_parse, NULL);
}

static void durations(void **state)
{
	static const struct unit_case cases[] = {
		{ "0", 0, "0" },
		{ "90", 90, "90s" },
		{ "90s", 90, "90s" },
		{ "60", 60, "1m" },
		{ "5m", 300, "5m" },
		{ "5M", 300, "5m" },
		{ "1h30m", 5400, "90m" },
		{ "1h30", 3630, "3630s" },
		{ "2d", 172800, "2d" },
		{ "1w", 604800, "1w" },
		{ "1w1s", 604801, "604801s" },
		{ "", -1, "" },
		{ "m", -1, "" },
		{ "5x", -1, "" },
		{ "5 m", -1, "" },
		{ "5mm", -1, "" },
		{ "-5m", -1, "" },
		{ "1.5h", -1, "" },
		{ "15250284452471w", INT64_C(9223372036854460800), "15250284452471w" },
		{ "15250284452472w", -1, "" },
		{ "9223372036854775807s1s", -1, "" },
	};
	(void)state;
	check_cases(cases, sizeof cases / sizeof cases[0], duration_parse, duration_format);
}

static void minutes(void **state)
{
	static const struct unit_case cases[] = {
		{ "15", 900, "15m" },
		{ "15m", 900, "15m" },
		{ "90s", 90, "90s" },
		{ "1h30", 5400, "90m" },
		{ "1h30m", 5400, "90m" },
		{ "1d", 86400, "1d" },
		{ "0", 0, "0" },
		{ "", -1, "" },
		{ "15x", -1, "" },
		{ "-1", -1, "" },
		{ "153722867280912931", -1, "" },
	};
	(void)state;
	check_cases(cases, sizeof cases / sizeof cases[0], minutes_parse, duration_format);
}

static void sizes(void **state)
{
	static const struct unit_case cases[] = {
		{ "0", 0, "0" },
		{ "1000", 1000, "1000" },
		{ "1024", 1024, "1K" },
		{ "1k", 1024, "1K" },
		{ "25M", 26214400, "25M" },
		{ "2G", INT64_C(2147483648), "2G" },
		{ "1536K", 1572864, "1536K" },
		{ "", -1, "" },
		{ "K", -1, "" },
		{ "1KB", -1, "" },
		{ "1M1K", -1, "" },
		{ "1T", -1, "" },
		{ "1.5M", -1, "" },
		{ "8589934592G", -1, "" },
	};
	(void)state;
	check_cases(cases, sizeof cases / sizeof cases[0], size_parse, size_format);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers),   cmocka_unit_test(numbers_below_zero),
		cmocka_unit_test(durations), cmocka_unit_test(minutes),
		cmocka_unit_test(sizes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
