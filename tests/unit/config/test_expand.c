/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/expand.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void environment(void **state)
{
	static const struct {
		const char *value;
		const char *expected; /* NULL: refused */
		bool literal;
	} cases[] = {
		{ "", "", false },
		{ "plain", "plain", true },
		{ "${SET}", "value", false },
		{ "${SET}${SET}", "valuevalue", false },
		{ "a${SET}", "avalue", true },
		{ "${SET}b", "valueb", true },
		{ "${EMPTY}", "", false },
		{ "${SET:-other}", "value", false },
		{ "${UNSET:-other}", "other", true },
		{ "${EMPTY:-other}", "other", true },
		{ "${UNSET:-}", "", false },
		{ "${UNSET:-a b}", "a b", true },
		{ "${_9}", "nine", false },
		{ "$SET", "$SET", true },
		{ "$", "$", true },
		{ "a$", "a$", true },
		{ "$${SET}", "$value", true },
		{ "$a$b${SET}$", "$a$bvalue$", true },
		{ "{SET}", "{SET}", true },
		{ "${NESTED}", "${SET}", false },
		{ "${UNSET}", NULL, false },
		{ "${SET", NULL, false },
		{ "${}", NULL, false },
		{ "${9}", NULL, false },
		{ "${SET-x}", NULL, false },
		{ "${SET:x}", NULL, false },
		{ "${ SET}", NULL, false },
		{ "${SET:+x}", NULL, false },
	};
	(void)state;
	setenv("SET", "value", 1);
	setenv("EMPTY", "", 1);
	setenv("_9", "nine", 1);
	setenv("NESTED", "${SET}", 1);
	unsetenv("UNSET");
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out = { 0 };
		struct status st = { 0 };
		bool literal = !cases[i].literal;
		int result = expand_env(slice_of(cases[i].value), &out, &literal, &st);
		print_message("%s\n", cases[i].value);
		assert_int_equal(result, cases[i].expected != NULL ? 0 : -1);
		if (result == 0) {
			assert_string_equal(buf_str(&out), cases[i].expected);
			assert_int_equal(literal, cases[i].literal);
		} else {
			assert_int_equal(st.kind, STATUS_BAD_CONFIG);
		}
		buf_release(&out);
	}
}

static void tells_the_name_and_nothing_else(void **state)
{
	struct buf out = { 0 };
	struct status st = { 0 };
	bool literal;
	(void)state;
	unsetenv("UNSET");
	assert_int_equal(expand_env(slice_of("hush${UNSET}hush"), &out, &literal, &st), -1);
	assert_non_null(strstr(st.text, "UNSET"));
	assert_null(strstr(st.text, "hush"));
	assert_int_equal(expand_env(slice_of("x${hush?}"), &out, &literal, &st), -1);
	assert_null(strstr(st.text, "hush"));
	buf_release(&out);
}

static void home(void **state)
{
	static const struct {
		const char *path, *home, *expected;
	} cases[] = {
		{ "~/a", "/home/u", "/home/u/a" },
		{ "/a", "/home/u", "/a" },
		{ "a/~/b", "/home/u", "a/~/b" },
		{ "~", "/home/u", "~" },
		{ "~u/a", "/home/u", "~u/a" },
		{ "", "/home/u", "" },
		{ "/a", NULL, "/a" },
		{ "~/a", NULL, NULL },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out = { 0 };
		struct status st = { 0 };
		int result = expand_home(cases[i].path, cases[i].home, &out, &st);
		assert_int_equal(result, cases[i].expected != NULL ? 0 : -1);
		if (result == 0)
			assert_string_equal(buf_str(&out), cases[i].expected);
		buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(environment),
		cmocka_unit_test(tells_the_name_and_nothing_else),
		cmocka_unit_test(home),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
