/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/quote.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void reads(void **state)
{
	static const struct {
		const char *text;  /* what follows the '=' */
		const char *value; /* NULL: refused */
		bool cut;
	} cases[] = {
		{ "", "", false },
		{ " smtp.example.com ", "smtp.example.com", false },
		{ "a b\tc", "a b\tc", false },
		{ " work ; comment", "work", true },
		{ " work\t# comment", "work", true },
		{ " work ;", "work", true },
		{ " a;b#c", "a;b#c", false },
		{ " ; all comment", "", true },
		{ ";no comment", ";no comment", false },
		{ " say \"hi\"", "say \"hi\"", false },
		{ " back\\slash", "back\\slash", false },
		{ " \"a ; b # c\"", "a ; b # c", false },
		{ " \"  blanks  \" ", "  blanks  ", false },
		{ " \"\"", "", false },
		{ " \"a\" ; comment", "a", false },
		{ " \"a\"; comment", "a", false },
		{ " \"a\"#comment", "a", false },
		{ " \"a\\\"b\"", "a\"b", false },
		{ " \"a\\\\\"", "a\\", false },
		{ " \"a\\nb\"", "a\\nb", false },
		{ " \"a\\\\\\\"b\"", "a\\\"b", false },
		{ " \"open", NULL, false },
		{ " \"open\\\"", NULL, false },
		{ " \"a\" b", NULL, false },
		{ " \"a\"\"b\"", NULL, false },
		{ " \"", NULL, false },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf value = { 0 };
		struct status st = { 0 };
		bool cut = !cases[i].cut;
		int result = quote_read(slice_of(cases[i].text), &value, &cut, &st);
		print_message("<%s>\n", cases[i].text);
		assert_int_equal(result, cases[i].value != NULL ? 0 : -1);
		if (result == 0) {
			assert_string_equal(buf_str(&value), cases[i].value);
			assert_int_equal(cut, cases[i].cut);
		} else {
			assert_int_equal(st.kind, STATUS_BAD_CONFIG);
		}
		buf_release(&value);
	}
}

static void writes(void **state)
{
	static const struct {
		const char *value, *text;
	} cases[] = {
		{ "plain", "plain" },
		{ "a b", "a b" },
		{ "a;b#c", "a;b#c" },
		{ "say \"hi\"", "say \"hi\"" },
		{ "back\\slash", "back\\slash" },
		{ "", "\"\"" },
		{ " a", "\" a\"" },
		{ "a ", "\"a \"" },
		{ "a ;b", "\"a ;b\"" },
		{ "a #", "\"a #\"" },
		{ ";a", "\";a\"" },
		{ "\"a\"", "\"\\\"a\\\"\"" },
		{ "a ;\\", "\"a ;\\\\\"" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out = { 0 };
		quote_write(slice_of(cases[i].value), &out);
		assert_string_equal(buf_str(&out), cases[i].text);
		buf_release(&out);
	}
}

/* All texts of up to five of the bytes that matter come back as they were. */
static void comes_back(void **state)
{
	static const char bytes[] = " ;#\"\\a";
	enum { KINDS = sizeof bytes - 1, LONGEST = 5 };
	int all = 1;
	(void)state;
	for (int i = 0; i < LONGEST; i++)
		all *= KINDS + 1;
	for (int n = 0; n < all; n++) {
		struct buf value = { 0 }, text = { 0 }, back = { 0 };
		struct status st = { 0 };
		bool cut = true;
		for (int rest = n; rest != 0; rest /= KINDS + 1) {
			if (rest % (KINDS + 1) != 0)
				buf_add_char(&value, bytes[rest % (KINDS + 1) - 1]);
		}
		buf_add_char(&text, ' ');
		quote_write(buf_slice(&value), &text);
		buf_add_str(&text, " ; comment");
		assert_int_equal(quote_read(buf_slice(&text), &back, &cut, &st), 0);
		assert_string_equal(buf_str(&back), buf_str(&value));
		buf_release(&value);
		buf_release(&text);
		buf_release(&back);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads),
		cmocka_unit_test(writes),
		cmocka_unit_test(comes_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
