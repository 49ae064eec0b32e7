/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/schedule.h"

#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>

#include <cmocka.h>

enum { NOW = 1800000000, DAY = 86400 };

static const int64_t delays[] = { 300, 900, 3600 };
static const struct schedule usual = { delays, 3, 5 * DAY };

/* The shortest and the longest of many. */
static void spread(const struct schedule *s, unsigned tries, int64_t *least, int64_t *most)
{
	*least = INT64_MAX;
	*most = INT64_MIN;
	for (int i = 0; i < 20000; i++) {
		int64_t delay = schedule_next(s, tries, NOW) - NOW;
		*least = delay < *least ? delay : *least;
		*most = delay > *most ? delay : *most;
	}
}

static void test_delays(void **state)
{
	(void)state;
	static const struct {
		unsigned tries;
		int64_t delay;
	} cases[] = { { 0, 300 },  { 1, 300 },     { 2, 900 },          { 3, 3600 },
		      { 4, 3600 }, { 1000, 3600 }, { UINT32_MAX, 3600 } };
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		int64_t least, most, delay = cases[i].delay;
		spread(&usual, cases[i].tries, &least, &most);
		assert_true(least >= delay * 4 / 5 && least <= delay * 81 / 100);
		assert_true(most <= delay * 6 / 5 && most >= delay * 119 / 100);
	}
}

static void test_short_and_long_delays(void **state)
{
	(void)state;
	static const int64_t cases[] = { 1, 2, 3, 59, 30 * DAY, INT64_MAX / 4 };
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct schedule s = { &cases[i], 1, DAY };
		int64_t least, most, fifth = cases[i] / 5 + 1;
		spread(&s, 1, &least, &most);
		assert_true(least >= 1 && least >= cases[i] - fifth);
		assert_true(most <= cases[i] + fifth);
	}
}

static void test_due(void **state)
{
	(void)state;
	static const struct {
		int64_t next;
		bool due;
	} cases[] = {
		{ 0, true },
		{ NOW - 1, true },
		{ NOW, true },
		{ NOW + 1, false },
		{ NOW + 3600 * 6 / 5, false },
		{ NOW + 3600 * 6 / 5 + 2, true }, /* the clock was set back */
		{ NOW + 365 * (int64_t)DAY, true },
		{ INT64_MAX, true },
		{ INT64_MIN, true },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (schedule_is_due(&usual, cases[i].next, NOW) != cases[i].due)
			fail_msg("%" PRId64, cases[i].next);
	}
}

/* What was scheduled waits, and comes due as the clock goes on. */
static void test_what_was_scheduled(void **state)
{
	(void)state;
	for (unsigned tries = 1; tries < 2000; tries++) {
		int64_t next = schedule_next(&usual, tries, NOW);
		assert_false(schedule_is_due(&usual, next, NOW));
		assert_false(schedule_is_due(&usual, next, next - 1));
		assert_true(schedule_is_due(&usual, next, next));
		assert_true(schedule_is_due(&usual, next, NOW - DAY));
		assert_true(schedule_is_due(&usual, next, 1000));
	}
}

/* The longest delay counts, wherever it stands. */
static void test_delays_that_shrink(void **state)
{
	(void)state;
	static const int64_t shrinking[] = { 3600, 60 };
	const struct schedule s = { shrinking, 2, DAY };
	assert_false(schedule_is_due(&s, NOW + 3600, NOW));
	assert_true(schedule_is_due(&s, NOW + 5000, NOW));
}

static void test_over(void **state)
{
	(void)state;
	static const struct {
		int64_t created;
		unsigned tries;
		bool over;
	} cases[] = {
		{ NOW, 100, false },
		{ NOW - 5 * DAY, SCHEDULE_TRIES, true },
		{ NOW - 5 * DAY + 1, SCHEDULE_TRIES, false },
		{ NOW - 5 * DAY, SCHEDULE_TRIES - 1, false },
		{ NOW - 5 * DAY, 0, false },
		{ 0, SCHEDULE_TRIES - 1, false }, /* made before the clock was set */
		{ 0, SCHEDULE_TRIES, true },
		{ NOW + DAY, 100, false }, /* the clock was set back */
		{ NOW - 5 * DAY, UINT32_MAX, true },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		if (schedule_is_over(&usual, cases[i].created, cases[i].tries, NOW) !=
		    cases[i].over)
			fail_msg("case %zu", i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_delays),
		cmocka_unit_test(test_short_and_long_delays),
		cmocka_unit_test(test_due),
		cmocka_unit_test(test_what_was_scheduled),
		cmocka_unit_test(test_delays_that_shrink),
		cmocka_unit_test(test_over),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
