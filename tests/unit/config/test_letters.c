/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/letters.h"

#include "request_case.h"

#include <stdio.h>

static bool is_known(char letter, const char *name)
{
	struct fixture f;
	const char flag[] = { '-', letter, '\0' };
	const char *const args[] = { name, flag, NULL };
	int result = parse(&f, args);
	bool unknown = result != 0 && strstr(f.status.text, "unknown option") != NULL;
	request_release(&f.request);
	return !unknown;
}

static void there_are_these_flags_and_no_others(void **state)
{
	static const char flags[] = "bcdefhimnopqrstvABCDFGILMNORUVX";
	(void)state;
	for (int c = 1; c < 256; c++) {
		bool expected = strchr(flags, c) != NULL;
		if (c == '-')
			continue;
		assert_int_equal(is_known((char)c, "sendmail"), expected);
		assert_int_equal(is_known((char)c, "mailq"), expected);
		assert_int_equal(is_known((char)c, "newaliases"), expected);
		assert_int_equal(is_known((char)c, "postrider"), expected || c == 'a');
	}
}

/* Parse "NAME ONE [TWO] -Fwitness": the witness shows that nothing was eaten, and nothing left
 * over. */
static void expect_witness(const char *name, const char *one, const char *two)
{
	struct fixture f;
	const char *args[ARGS] = { name, one, two != NULL ? two : "-Fwitness" };
	args[3] = two != NULL ? "-Fwitness" : NULL;
	if (parse(&f, args) != 0)
		fail_msg("%s %s %s: %s", name, one, two, f.status.text);
	if (f.request.full_name == NULL || strcmp(f.request.full_name, "witness") != 0)
		fail_msg("%s %s %s: ate the next argument", name, one, two);
	assert_int_equal(f.request.recipients.count, 0);
	request_release(&f.request);
}

static void expect_missing(const char *name, const char *flag)
{
	struct fixture f;
	const char *const args[] = { name, flag, NULL };
	if (parse(&f, args) != -1)
		fail_msg("%s %s: no value is missed", name, flag);
	assert_int_equal(f.status.kind, STATUS_BAD_USAGE);
	request_release(&f.request);
}

/* A value that the flag takes. */
static const char *sample(char letter)
{
	static const char *const samples[] = { "bm", "Nnever", "Rfull", "q15m", "Ac" };
	for (size_t i = 0; i < COUNT(samples); i++) {
		if (samples[i][0] == letter)
			return samples[i] + 1;
	}
	return "value";
}

static void try_all_spellings(const char *name, const struct letter *l)
{
	char alone[8], cluster[8], joined[32];
	const char *value = sample(l->letter);
	snprintf(alone, sizeof alone, "-%c", l->letter);
	snprintf(cluster, sizeof cluster, "-i%c", l->letter);
	snprintf(joined, sizeof joined, "-i%c%s", l->letter, value);
	if (l->value == VALUE_NEEDED) {
		expect_witness(name, alone, value);
		expect_witness(name, cluster, value);
		expect_missing(name, alone);
		expect_missing(name, cluster);
	} else {
		expect_witness(name, alone, NULL);
		expect_witness(name, cluster, NULL);
	}
	if (l->value != VALUE_NONE)
		expect_witness(name, joined, NULL);
}

static void every_flag_takes_what_its_row_says(void **state)
{
	static const char *const names[] = { "sendmail", "mailq", "newaliases", "postrider" };
	(void)state;
	for (size_t n = 0; n < COUNT(names); n++) {
		bool ours = strcmp(names[n], "postrider") == 0;
		for (size_t i = 0; i < letter_count; i++) {
			if (letters[i].scope != UNKNOWN_AS_SENDMAIL || ours)
				try_all_spellings(names[n], &letters[i]);
		}
	}
}

/* Which flags take a value, said once more by hand. */
static void the_rows_are_as_in_sendmail(void **state)
{
	(void)state;
	for (size_t i = 0; i < letter_count; i++) {
		char c = letters[i].letter;
		enum value_rule rule = letters[i].value;
		assert_int_equal(rule == VALUE_NEEDED,
				 strchr("abefhoprABCDFLMNORVX", c) != NULL);
		assert_int_equal(rule == VALUE_JOINED, strchr("dq", c) != NULL);
		assert_int_equal(rule == VALUE_NONE, letters[i].arg == NULL);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(there_are_these_flags_and_no_others),
		cmocka_unit_test(every_flag_takes_what_its_row_says),
		cmocka_unit_test(the_rows_are_as_in_sendmail),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
