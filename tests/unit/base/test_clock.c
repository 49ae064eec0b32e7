/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void it_goes_on(void **state)
{
	(void)state;
	int64_t start = clock_now();
	nanosleep(&(struct timespec){ .tv_nsec = 15000000 }, NULL);
	int64_t took = clock_now() - start;
	assert_true(took >= 14 && took < 10000);
}

static void deadlines_are_points_on_it(void **state)
{
	(void)state;
	int64_t before = clock_now(), deadline = clock_in(5), after = clock_now();
	assert_true(deadline >= before + 5000 && deadline <= after + 5000);
	assert_int_equal(clock_earlier(3, 5), 3);
	assert_int_equal(clock_earlier(5, 3), 3);
	assert_int_equal(clock_earlier(-1, INT64_MAX), -1);
}

static void the_wall_clock_can_be_held(void **state)
{
	(void)state;
	time_t real = time(NULL);
	assert_true(clock_wall() >= real && clock_wall() <= real + 10);
	assert_true(clock_wall_us() / 1000000 >= real &&
		    clock_wall_us() / 1000000 <= real + 10);
	int64_t now = clock_now();
	clock_set_wall(1000000000);
	assert_int_equal(clock_wall(), 1000000000);
	assert_int_equal(clock_wall_us(), INT64_C(1000000000000000));
	assert_true(clock_now() - now < 10000);
	clock_set_wall(0);
	assert_true(clock_wall() >= real);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_goes_on),
		cmocka_unit_test(deadlines_are_points_on_it),
		cmocka_unit_test(the_wall_clock_can_be_held),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
