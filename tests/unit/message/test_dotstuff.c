/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/dotstuff.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *in;
	const char *out;
} cases[] = {
	{ "", "" },
	{ "a\r\nb\r\n", "a\r\nb\r\n" },
	{ ".\r\n", "..\r\n" },
	{ "..\r\n", "...\r\n" },
	{ ".a\r\n.b\r\n", "..a\r\n..b\r\n" },
	{ "a\r\n.\r\n", "a\r\n..\r\n" },
	{ "\r\n.\r\n\r\n", "\r\n..\r\n\r\n" },
	{ ".\r\n.\r\n.\r\n", "..\r\n..\r\n..\r\n" },
	{ "a.\r\nb.c\r\n", "a.\r\nb.c\r\n" },
	{ "\r\n\r\n..\r\n", "\r\n\r\n...\r\n" },
};

static void test_cases_in_all_cuts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct slice in = slice_of(cases[i].in);
		for (size_t step = 1; step <= in.len + 1; step++) {
			struct dotstuff d = { 0 };
			struct buf out = { 0 };
			for (size_t at = 0; at < in.len; at += step)
				dotstuff_feed(&d, slice_cut(in, at, at + step), &out);
			assert_string_equal(buf_str(&out), cases[i].out);
			buf_release(&out);
		}
	}
}

static void test_an_empty_piece_changes_nothing(void **state)
{
	(void)state;
	struct dotstuff d = { 0 };
	struct buf out = { 0 };
	dotstuff_feed(&d, slice_of("a"), &out);
	dotstuff_feed(&d, slice_of(""), &out);
	dotstuff_feed(&d, slice_of(".\r\n"), &out);
	dotstuff_feed(&d, slice_of(""), &out);
	dotstuff_feed(&d, slice_of("."), &out);
	assert_string_equal(buf_str(&out), "a.\r\n..");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases_in_all_cuts),
		cmocka_unit_test(test_an_empty_piece_changes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
