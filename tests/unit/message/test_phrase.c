/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/phrase.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#define FIVE_O  "\303\266\303\266\303\266\303\266\303\266"
#define TEN_O   FIVE_O FIVE_O
#define TEN_A   "aaaaaaaaaa"
#define FIFTY_A TEN_A TEN_A TEN_A TEN_A TEN_A

static const struct {
	const char *name;
	const char *in;
	const char *out;
} cases[] = {
	{ "nothing", "", "" },
	{ "blanks", " \t\r\n ", "" },
	{ "one atom", "CronDaemon", "CronDaemon" },
	{ "atoms", "Alice Smith-Jones 3rd!", "Alice Smith-Jones 3rd!" },
	{ "blanks at the ends", "  Alice  ", "Alice" },
	{ "a dot", "Alice B. Smith", "\"Alice B. Smith\"" },
	{ "a comma", "Smith, Alice", "\"Smith, Alice\"" },
	{ "parentheses", "(Cron Daemon)", "\"(Cron Daemon)\"" },
	{ "quote and backslash", "a\"b\\c", "\"a\\\"b\\\\c\"" },
	{ "an address", "a@b <c@d>", "\"a@b <c@d>\"" },
	{ "line ends", "Alice\r\nBcc: x@y", "\"Alice  Bcc: x@y\"" },
	{ "control characters", "a\001b\tc\177d", "a b c d" },
	{ "encoded words pass", "=?UTF-8?Q?J=C3=B6?=", "=?UTF-8?Q?J=C3=B6?=" },
	{ "no UTF-8", "J\366rg", "J?rg" },
	{ "C1 control", "a\302\205b", "a??b" },
	{ "cut character", "a\303", "a?" },
	{ "Q is shorter", "J\303\266rg Mueller", "=?UTF-8?Q?J=C3=B6rg_Mueller?=" },
	{ "B with specials", "J\303\266rg (a=b?c_d)", "=?UTF-8?B?SsO2cmcgKGE9Yj9jX2Qp?=" },
	{ "Q encodes specials", "Long plain words and \303\266, _",
	  "=?UTF-8?Q?Long_plain_words_and_=C3=B6=2C_=5F?=" },
	{ "B is shorter", TEN_O, "=?UTF-8?B?w7bDtsO2w7bDtsO2w7bDtsO2w7Y=?=" },
	{ "line ends in encoded words", "\303\266\r\n\r\nBcc: x",
	  "=?UTF-8?B?w7YgICAgQmNjOiB4?=" },
	{ "four bytes", "\360\237\223\247", "=?UTF-8?B?8J+Tpw==?=" },
	{ "folded", TEN_O TEN_O TEN_O,
	  "=?UTF-8?B?w7bDtsO2w7bDtsO2w7bDtsO2w7bDtsO2w7bDtsO2w7Y=?=\r\n"
	  " =?UTF-8?B?w7bDtsO2w7bDtsO2w7bDtsO2w7bDtsO2w7bDtg==?=" },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf out = { 0 };
		print_message("%s\n", cases[i].name);
		phrase_write(&out, cases[i].in);
		assert_string_equal(buf_str(&out), cases[i].out);
		buf_release(&out);
	}
}

/* Each line is one encoded word of at most 75, the first one with room for the longest name. */
static void check_lines(struct slice text)
{
	size_t room = 76 - strlen("Resent-Reply-To: ");
	struct slice line;
	while (slice_next(&text, '\n', &line)) {
		line = slice_trim(line);
		assert_true(line.len <= room);
		assert_true(slice_starts_nocase(line, "=?UTF-8?"));
		assert_true(slice_is(slice_cut(line, line.len - 2, line.len), "?="));
		assert_int_equal(slice_find(line, ' '), line.len);
		room = 75;
	}
}

static void test_widths(void **state)
{
	(void)state;
	static const char *const units[] = { "\303\266", "a\303\266", "aaaaaaaa\303\266 ",
					     "\360\237\223\247x",
					     FIFTY_A FIFTY_A FIFTY_A ",." };
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		struct buf in = { 0 };
		for (int count = 2; count < 200; count++) {
			struct buf out = { 0 };
			buf_add_str(&in, units[i]);
			phrase_write(&out, buf_str(&in));
			if (in.len > 256 || i < 4)
				check_lines(buf_slice(&out));
			buf_release(&out);
		}
		buf_release(&in);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_widths),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
