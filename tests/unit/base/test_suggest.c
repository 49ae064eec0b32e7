/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/suggest.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void distances(void **state)
{
	static const struct {
		const char *a, *b;
		size_t distance;
	} cases[] = {
		{ "", "", 0 },
		{ "", "abc", 3 },
		{ "abc", "", 3 },
		{ "host", "host", 0 },
		{ "host", "HOST", 0 },
		{ "tls_ca", "tls-ca", 0 },
		{ "hsot", "host", 1 },
		{ "hst", "host", 1 },
		{ "hosst", "host", 1 },
		{ "hose", "host", 1 },
		{ "ohst", "host", 1 },
		{ "passwd", "password", 2 },
		{ "kitten", "sitting", 3 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		print_message("%s %s\n", cases[i].a, cases[i].b);
		assert_int_equal(suggest_distance(cases[i].a, cases[i].b), cases[i].distance);
		assert_int_equal(suggest_distance(cases[i].b, cases[i].a), cases[i].distance);
	}
}

static void long_texts_are_far_from_all(void **state)
{
	char edge[65], beyond[66];
	(void)state;
	memset(edge, 'x', 64);
	edge[64] = '\0';
	memset(beyond, 'x', 65);
	beyond[65] = '\0';
	assert_int_equal(suggest_distance(edge, ""), 64);
	assert_int_equal(suggest_distance(edge, edge), 0);
	assert_true(suggest_distance(beyond, edge) == SIZE_MAX);
	assert_true(suggest_distance(edge, beyond) == SIZE_MAX);
}

static void nearest(void **state)
{
	static const char *const names[] = { "host", "port", "password", "password-file",
					     "ip" };
	static const struct {
		const char *text, *expected;
	} cases[] = {
		{ "passwd", "password" }, { "pasword-file", "password-file" },
		{ "hots", "host" },       { "hort", "host" },
		{ "prot", "port" },       { "up", "ip" },
		{ "colour", NULL },       { "", NULL },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *best = suggest_nearest(cases[i].text, names, 5);
		print_message("%s\n", cases[i].text);
		if (cases[i].expected == NULL)
			assert_null(best);
		else
			assert_string_equal(best, cases[i].expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(distances),
		cmocka_unit_test(long_texts_are_far_from_all),
		cmocka_unit_test(nearest),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
