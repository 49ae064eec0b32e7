/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/redact.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *text, *first, *second, *clean;
} cases[] = {
	{ "", "secret", NULL, "" },
	{ "nothing here", "secret", NULL, "nothing here" },
	{ "secret", "secret", NULL, "********" },
	{ "a secret b", "secret", NULL, "a ******** b" },
	{ "secretsecret", "secret", NULL, "****************" },
	{ "secret one, other two, secret", "secret", "other",
	  "******** one, ******** two, ********" },
	{ "secrets", "secret", "secrets", "********" },
	{ "aaaaaaa", "aaaa", NULL, "********aaa" },
	{ "Secret SECRET", "secret", NULL, "Secret SECRET" },
	{ "secre", "secret", NULL, "secre" },
	{ "abc abc", "abc", NULL, "abc abc" },
	{ "abcd", "abcd", "", "********" },
};

static void secrets_become_asterisks(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf text = { 0 };
		struct strings secrets = { 0 };
		buf_add_str(&text, cases[i].text);
		strings_add(&secrets, cases[i].first);
		if (cases[i].second != NULL)
			strings_add(&secrets, cases[i].second);
		redact(&text, 0, &secrets);
		assert_string_equal(buf_str(&text), cases[i].clean);
		assert_int_equal(text.len, strlen(cases[i].clean));
		buf_release(&text);
		strings_release(&secrets);
	}
}

static void a_nul_hides_nothing_behind_it(void **state)
{
	(void)state;
	struct buf text = { 0 };
	struct strings secrets = { 0 };
	buf_add(&text, "a\0secret", 8);
	strings_add(&secrets, "secret");
	redact(&text, 0, &secrets);
	assert_int_equal(text.len, 10);
	assert_memory_equal(buf_str(&text), "a\0********", 11);
	buf_release(&text);
	strings_release(&secrets);
}

static void what_is_kept_stays(void **state)
{
	(void)state;
	struct buf text = { 0 };
	struct strings secrets = { 0 };
	buf_add_str(&text, "2500 2500");
	strings_add(&secrets, "2500");
	redact(&text, 1, &secrets);
	assert_string_equal(buf_str(&text), "2500 ********");
	redact(&text, text.len, &secrets);
	assert_string_equal(buf_str(&text), "2500 ********");
	buf_release(&text);
	strings_release(&secrets);
}

static void without_secrets_nothing_changes(void **state)
{
	(void)state;
	struct buf text = { 0 };
	buf_add_str(&text, "250 ok");
	redact(&text, 0, NULL);
	redact(&text, 0, &(struct strings){ 0 });
	assert_string_equal(buf_str(&text), "250 ok");
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(secrets_become_asterisks),
		cmocka_unit_test(a_nul_hides_nothing_behind_it),
		cmocka_unit_test(what_is_kept_stays),
		cmocka_unit_test(without_secrets_nothing_changes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
