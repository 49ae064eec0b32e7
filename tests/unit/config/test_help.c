/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/cmdline.h"

#include "config/letters.h"
#include "config/long_options.h"
#include "config/options.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Every row of both tables is in --help, within 80 columns and without blanks at the end of a
 * line. */
static void help_is_complete_and_narrow(void **state)
{
	struct buf help = { 0 };
	struct slice rest, line = { 0 };
	(void)state;
	cmdline_help(&help);
	assert_memory_equal(buf_str(&help), "usage: postrider", 16);
	for (size_t i = 0; i < option_count; i++)
		assert_non_null(strstr(buf_str(&help), options[i].key));
	for (size_t i = 0; i < long_option_count; i++)
		assert_non_null(strstr(buf_str(&help), long_options[i].name));
	for (size_t i = 0; i < letter_count; i++) {
		const char flag[] = { ' ', '-', letters[i].letter, '\0' };
		assert_non_null(strstr(buf_str(&help), flag));
	}
	for (rest = buf_slice(&help); slice_next(&rest, '\n', &line);) {
		assert_true(line.len <= 80);
		assert_true(line.len == 0 || line.data[line.len - 1] != ' ');
	}
	assert_int_equal(help.data[help.len - 1], '\n');
	buf_release(&help);
}

static void usage_is_short(void **state)
{
	static const enum personality all[] = { AS_POSTRIDER, AS_SENDMAIL, AS_MAILQ,
						AS_NEWALIASES };
	(void)state;
	for (size_t i = 0; i < COUNT(all); i++) {
		struct buf usage = { 0 };
		struct slice rest, line = { 0 };
		size_t lines = 0;
		cmdline_usage(all[i], &usage);
		assert_memory_equal(buf_str(&usage), "usage: ", 7);
		for (rest = buf_slice(&usage); slice_next(&rest, '\n', &line); lines++)
			assert_true(line.len <= 80);
		assert_true(lines <= 4);
		buf_release(&usage);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(help_is_complete_and_narrow),
		cmocka_unit_test(usage_is_short),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
