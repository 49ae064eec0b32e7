/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/random.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void test_bytes_fill_all_of_the_room(void **state)
{
	(void)state;
	unsigned char all[1000] = { 0 }, got[1000];
	for (int round = 0; round < 20; round++) {
		random_bytes(got, sizeof got);
		for (size_t i = 0; i < sizeof got; i++)
			all[i] |= got[i];
	}
	for (size_t i = 0; i < sizeof all; i++)
		assert_int_not_equal(all[i], 0);
}

static void test_hex_is_appended(void **state)
{
	(void)state;
	for (size_t bytes = 0; bytes < 70; bytes++) {
		struct buf out = { 0 };
		buf_add_str(&out, "x");
		random_hex(&out, bytes);
		assert_int_equal(out.len, 1 + 2 * bytes);
		assert_int_equal(strspn(buf_str(&out) + 1, "0123456789abcdef"), 2 * bytes);
		assert_int_equal(buf_str(&out)[0], 'x');
		buf_release(&out);
	}
}

static void test_every_digit_comes_everywhere(void **state)
{
	(void)state;
	unsigned seen[8] = { 0 };
	for (int round = 0; round < 2000; round++) {
		struct buf out = { 0 };
		random_hex(&out, 4);
		for (size_t i = 0; i < 8; i++) {
			char c = buf_str(&out)[i];
			seen[i] |= 1U << (c <= '9' ? c - '0' : c - 'a' + 10);
		}
		buf_release(&out);
	}
	for (size_t i = 0; i < 8; i++)
		assert_int_equal(seen[i], 0xffff);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bytes_fill_all_of_the_room),
		cmocka_unit_test(test_hex_is_appended),
		cmocka_unit_test(test_every_digit_comes_everywhere),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
