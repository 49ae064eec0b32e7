/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/buf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void assert_slice(struct slice s, const char *text)
{
	assert_int_equal(s.len, strlen(text));
	assert_true(slice_is(s, text));
}

static void cuts_stay_inside(void **state)
{
	(void)state;
	struct slice s = slice_of("hello");
	assert_slice(slice_cut(s, 0, 5), "hello");
	assert_slice(slice_cut(s, 1, 3), "el");
	assert_slice(slice_cut(s, 0, 99), "hello");
	assert_slice(slice_cut(s, 7, 99), "");
	assert_slice(slice_cut(s, 3, 1), "");
	assert_slice(slice_cut(slice_of(NULL), 0, 1), "");
	assert_slice(slice_cut(slice_n(NULL, 0), 3, 7), "");
}

static void trimming_takes_blanks_alone(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "", "" },           { " ", "" },
		{ " \t\r\n", "" },    { "a", "a" },
		{ " a b ", "a b" },   { "\r\na\r\n", "a" },
		{ "\va\f", "\va\f" }, { "\xc2\xa0x ", "\xc2\xa0x" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_slice(slice_trim(slice_of(cases[i][0])), cases[i][1]);
}

static void case_counts_or_not(void **state)
{
	(void)state;
	assert_true(slice_is(slice_of(""), ""));
	assert_false(slice_is(slice_of("a"), "A"));
	assert_false(slice_is(slice_n("a\0", 2), "a"));
	assert_true(slice_is_nocase(slice_of("StartTLS"), "sTARTtls"));
	assert_false(slice_is_nocase(slice_of("START"), "STARTTLS"));
	assert_false(slice_is_nocase(slice_of("[@`{"), "{`@["));
	assert_false(slice_is_nocase(slice_of("\xc4"), "\xe4"));
	assert_true(slice_starts_nocase(slice_of("Mail from"), "MAIL"));
	assert_true(slice_starts_nocase(slice_of(""), ""));
	assert_false(slice_starts_nocase(slice_of("MAI"), "MAIL"));
	assert_true(ascii_same_nocase("A-z", "a-Z"));
	assert_false(ascii_same_nocase("a", "ab"));
	for (int c = 0; c < 256; c++)
		assert_int_equal((unsigned char)ascii_lower((char)c),
				 c >= 'A' && c <= 'Z' ? c + 32 : c);
}

static void parts_come_one_by_one(void **state)
{
	(void)state;
	static const struct {
		const char *text, *parts;
	} cases[] = {
		{ "", "[]" },
		{ "a", "[a]" },
		{ "a,b", "[a][b]" },
		{ ",", "[][]" },
		{ "a,,b,", "[a][][b][]" },
		{ ",a", "[][a]" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct slice rest = slice_of(cases[i].text), part;
		struct buf out = { 0 };
		while (slice_next(&rest, ',', &part))
			buf_addf(&out, "[%.*s]", (int)part.len, part.data);
		assert_string_equal(buf_str(&out), cases[i].parts);
		assert_false(slice_next(&rest, ',', &part));
		buf_release(&out);
	}
	struct slice nothing = slice_n(NULL, 0), part;
	assert_false(slice_next(&nothing, ',', &part));
	assert_int_equal(slice_find(slice_of("abc"), 'c'), 2);
	assert_int_equal(slice_find(slice_of("abc"), 'd'), 3);
	assert_int_equal(slice_find(nothing, 'd'), 0);
}

static void copies_are_strings(void **state)
{
	(void)state;
	char *copy = slice_copy(slice_n("hello", 3));
	assert_string_equal(copy, "hel");
	free(copy);
	copy = slice_copy(slice_n(NULL, 0));
	assert_string_equal(copy, "");
	free(copy);
}

static void what_fits_is_a_string(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		const char *fits;
	} cases[] = {
		{ NULL, "" },          { "", "" }, { "abc", "abc" }, { "abcd", "abc" },
		{ "abcdefgh", "abc" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char into[] = { '?', '?', '?', '?', '!' };
		text_fit(into, 4, cases[i].text);
		assert_string_equal(into, cases[i].fits);
		assert_int_equal(into[4], '!');
	}
}

static void a_buf_grows_and_stays_a_string(void **state)
{
	(void)state;
	struct buf b = { 0 }, expected = { 0 };
	assert_string_equal(buf_str(&b), "");
	assert_int_equal(buf_slice(&b).len, 0);
	buf_addf(&b, "%s", "");
	assert_string_equal(buf_str(&b), "");
	for (int i = 0; i < 3000; i++) {
		buf_add_char(&b, 'x');
		buf_add_str(&b, "yz");
		buf_add_slice(&b, slice_n(NULL, 0));
		buf_addf(&b, "%d", i % 10);
		assert_int_equal(b.len, 4 * (size_t)(i + 1));
		assert_true(b.room > b.len && b.data[b.len] == '\0');
	}
	for (int i = 0; i < 3000; i++) {
		char text[5] = { 'x', 'y', 'z', (char)('0' + i % 10), '\0' };
		buf_add(&expected, text, 4);
	}
	assert_string_equal(buf_str(&b), buf_str(&expected));
	buf_release(&b);
	assert_null(b.data);
	buf_release(&b);
	buf_release(&expected);
}

static void a_reset_keeps_the_memory(void **state)
{
	(void)state;
	struct buf b = { 0 };
	buf_reset(&b);
	assert_string_equal(buf_str(&b), "");
	buf_add_str(&b, "text");
	const char *data = b.data;
	buf_reset(&b);
	assert_ptr_equal(b.data, data);
	assert_string_equal(buf_str(&b), "");
	memset(buf_reserve(&b, 100), 'x', 100);
	assert_int_equal(b.len, 0);
	buf_release(&b);
}

static void the_front_can_go(void **state)
{
	(void)state;
	struct buf b = { 0 };
	buf_drop(&b, 3);
	buf_add_str(&b, "abcdef");
	buf_drop(&b, 0);
	assert_string_equal(buf_str(&b), "abcdef");
	buf_drop(&b, 2);
	assert_string_equal(buf_str(&b), "cdef");
	buf_drop(&b, 99);
	assert_string_equal(buf_str(&b), "");
	buf_release(&b);
}

static void what_is_taken_is_the_callers(void **state)
{
	(void)state;
	struct buf b = { 0 };
	char *text = buf_take(&b);
	assert_string_equal(text, "");
	free(text);
	buf_add_str(&b, "mine");
	text = buf_take(&b);
	assert_string_equal(text, "mine");
	assert_null(b.data);
	assert_int_equal(b.room, 0);
	free(text);
}

static void secrets_are_released_too(void **state)
{
	(void)state;
	struct buf b = { 0 };
	struct strings list = { 0 };
	buf_release_secret(&b);
	buf_add_str(&b, "hunter2");
	buf_release_secret(&b);
	assert_null(b.data);
	strings_add(&list, "hunter2");
	strings_add(&list, "");
	strings_release_secret(&list);
	assert_int_equal(list.count, 0);
}

static void lists_own_what_is_in_them(void **state)
{
	(void)state;
	struct strings a = { 0 }, b = { 0 };
	char text[] = "one";
	strings_add(&a, text);
	text[0] = 'X';
	strings_add_slice(&a, slice_n("two, three", 3));
	strings_add(&b, "old");
	strings_copy(&b, &a);
	strings_release(&a);
	assert_int_equal(b.count, 2);
	assert_string_equal(b.at[0], "one");
	assert_string_equal(b.at[1], "two");
	strings_copy(&b, &b);
	assert_int_equal(b.count, 2);
	assert_string_equal(b.at[1], "two");
	for (int i = 0; i < 100; i++)
		strings_add(&b, "more");
	assert_int_equal(b.count, 102);
	strings_release(&b);
	strings_release(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cuts_stay_inside),
		cmocka_unit_test(trimming_takes_blanks_alone),
		cmocka_unit_test(case_counts_or_not),
		cmocka_unit_test(parts_come_one_by_one),
		cmocka_unit_test(copies_are_strings),
		cmocka_unit_test(what_fits_is_a_string),
		cmocka_unit_test(a_buf_grows_and_stays_a_string),
		cmocka_unit_test(a_reset_keeps_the_memory),
		cmocka_unit_test(the_front_can_go),
		cmocka_unit_test(what_is_taken_is_the_callers),
		cmocka_unit_test(secrets_are_released_too),
		cmocka_unit_test(lists_own_what_is_in_them),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
