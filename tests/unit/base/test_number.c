/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/number.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void test_one_number(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		int base;
		uint64_t most;
		bool fine;
		uint64_t number;
	} cases[] = {
		{ "0", 10, 0, true, 0 },
		{ "7", 10, 9, true, 7 },
		{ "000000000000007", 10, 9, true, 7 },
		{ "999999999999999", 10, UINT64_MAX, true, 999999999999999 },
		{ "1000000000000000", 10, UINT64_MAX, false, 0 },
		{ "0000000000000000", 10, UINT64_MAX, false, 0 },
		{ "10", 10, 9, false, 0 },
		{ "9", 10, 9, true, 9 },
		{ "", 10, 9, false, 0 },
		{ " 1", 10, 9, false, 0 },
		{ "-1", 10, 9, false, 0 },
		{ "+1", 10, 9, false, 0 },
		{ "1.", 10, 9, false, 0 },
		{ "1\t", 10, 9, false, 0 },
		{ "1\n", 10, 9, false, 0 },
		{ "a", 10, 99, false, 0 },
		{ "a", 16, 99, true, 10 },
		{ "A", 16, 99, false, 0 },
		{ "0x1", 16, 99, false, 0 },
		{ "g", 16, 99, false, 0 },
		{ "deadbeef", 16, UINT32_MAX, true, 0xdeadbeef },
		{ "100000000", 16, UINT32_MAX, false, 0 },
		{ "fffffffffffffff", 16, UINT64_MAX, true, 0xfffffffffffffff },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct slice rest = slice_of(cases[i].text);
		uint64_t number = 0;
		bool fine = number_take(&rest, cases[i].base, cases[i].most, &number);
		if (fine != cases[i].fine || (fine && number != cases[i].number))
			fail_msg("'%s'", cases[i].text);
	}
}

static void test_one_after_the_other(void **state)
{
	(void)state;
	struct slice rest = slice_of("12 0b text 3");
	uint64_t number = 0;
	assert_true(number_take(&rest, 10, 99, &number));
	assert_int_equal(number, 12);
	assert_true(number_take(&rest, 16, 99, &number));
	assert_int_equal(number, 11);
	assert_true(slice_is(rest, "text 3"));
	assert_false(number_take(&rest, 10, 99, &number));
	assert_true(slice_is(rest, "3"));
	assert_true(number_take(&rest, 10, 99, &number));
	assert_int_equal(rest.len, 0);
	assert_false(number_take(&rest, 10, 99, &number));
}

static void test_nothing_and_nul(void **state)
{
	(void)state;
	struct slice rest = slice_n(NULL, 0);
	uint64_t number;
	assert_false(number_take(&rest, 10, 9, &number));
	rest = slice_n("1\0", 2);
	assert_false(number_take(&rest, 10, 9, &number));
}

static void test_written_with_zeros(void **state)
{
	(void)state;
	static const struct {
		int base;
		size_t width;
		uint64_t value;
		const char *text;
	} cases[] = {
		{ 10, 0, 0, "0" },
		{ 10, 1, 7, "7" },
		{ 10, 5, 7, "00007" },
		{ 10, 5, 123456, "123456" },
		{ 10, 20, UINT64_MAX, "18446744073709551615" },
		{ 10, 99, 1, "00000000000000000001" },
		{ 16, 8, 0xdeadbeef, "deadbeef" },
		{ 16, 8, 0xf, "0000000f" },
		{ 16, 0, UINT64_MAX, "ffffffffffffffff" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out = { 0 };
		number_add(&out, cases[i].base, cases[i].width, cases[i].value);
		assert_string_equal(buf_str(&out), cases[i].text);
		buf_release(&out);
	}
}

static void test_signed(void **state)
{
	(void)state;
	static const struct {
		int64_t value;
		const char *text;
	} cases[] = {
		{ 0, "0" },
		{ 42, "42" },
		{ -1, "-1" },
		{ INT64_MAX, "9223372036854775807" },
		{ INT64_MIN, "-9223372036854775808" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out = { 0 };
		number_add_signed(&out, cases[i].value);
		assert_string_equal(buf_str(&out), cases[i].text);
		buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_number),
		cmocka_unit_test(test_one_after_the_other),
		cmocka_unit_test(test_written_with_zeros),
		cmocka_unit_test(test_signed),
		cmocka_unit_test(test_nothing_and_nul),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
