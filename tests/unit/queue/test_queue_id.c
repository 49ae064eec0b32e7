/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_id.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void test_new_ones_are_valid_and_differ(void **state)
{
	(void)state;
	enum { MANY = 10000 };
	static struct queue_id ids[MANY];
	for (size_t i = 0; i < MANY; i++) {
		ids[i] = queue_id_new();
		assert_int_equal(strlen(ids[i].text), QUEUE_ID_LENGTH);
		assert_true(queue_id_valid(slice_of(ids[i].text)));
	}
	qsort(ids, MANY, sizeof ids[0], compare);
	for (size_t i = 1; i < MANY; i++)
		assert_string_not_equal(ids[i - 1].text, ids[i].text);
}

static void test_they_differ_in_the_same_moment(void **state)
{
	(void)state;
	clock_set_wall(1800000000);
	struct queue_id one = queue_id_new(), other = queue_id_new();
	clock_set_wall(0);
	assert_memory_equal(one.text, "1K52WM9H000", 11);
	assert_memory_equal(one.text, other.text, 11);
	assert_string_not_equal(one.text, other.text);
}

static void test_they_sort_by_time(void **state)
{
	(void)state;
	static const time_t times[] = { 1,          31,         32,         33,
					1023,       1024,       86400,      946684799,
					1799999999, 1800000000, 2147483648, 4294967296 };
	struct queue_id before = { "" };
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		clock_set_wall(times[i]);
		struct queue_id id = queue_id_new();
		assert_true(strcmp(before.text, id.text) < 0);
		before = id;
	}
	clock_set_wall(0);
}

static void test_validity(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool valid;
	} cases[] = {
		{ "0123456789ABCDEFGHJKMNPQ", true },
		{ "ZZZZZZZZZZZZZZZZZZRSTVWX", true },
		{ "", false },
		{ "0123456789ABCDEFGHJKMNP", false },
		{ "0123456789ABCDEFGHJKMNPQR", false },
		{ "0123456789abcdefghjkmnpq", false },
		{ "0123456789ABCDEFGHIKMNPQ", false },
		{ "0123456789ABCDEFGHLKMNPQ", false },
		{ "0123456789ABCDEFGHOKMNPQ", false },
		{ "0123456789ABCDEFGHUKMNPQ", false },
		{ "../../../../../etc/passw", false },
		{ "0123456789ABCDEFGHJKMNP/", false },
		{ ".123456789ABCDEFGHJKMNPQ", false },
		{ "0123456789ABCDEFGHJKMNP\n", false },
		{ "0123456789ABCDEFGHJKMN P", false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(queue_id_valid(slice_of(cases[i].text)), cases[i].valid);
	assert_false(queue_id_valid(slice_n("0123456789\0BCDEFGHJKMNPQ", QUEUE_ID_LENGTH)));
	assert_false(queue_id_valid(slice_n(NULL, 0)));
}

static void test_reports(void **state)
{
	(void)state;
	enum { MANY = 1000 };
	static struct queue_id ids[MANY + 1];
	struct queue_id parent = queue_id_new(), other = parent;
	other.text[QUEUE_ID_LENGTH - 1] ^= 1;
	for (size_t i = 0; i < MANY; i++) {
		struct queue_id again = queue_id_of_report(parent.text, i);
		ids[i] = queue_id_of_report(parent.text, i);
		assert_true(queue_id_valid(slice_of(ids[i].text)));
		assert_string_equal(ids[i].text, again.text);
		assert_memory_equal(ids[i].text, parent.text, 11);
		assert_string_not_equal(ids[i].text, parent.text);
	}
	ids[MANY] = queue_id_of_report(other.text, 0);
	qsort(ids, MANY + 1, sizeof ids[0], compare);
	for (size_t i = 1; i <= MANY; i++)
		assert_string_not_equal(ids[i - 1].text, ids[i].text);
}

/* A later version has to find the report of an earlier one. */
static void test_the_name_of_a_report_stays(void **state)
{
	(void)state;
	assert_string_equal(queue_id_of_report("1K52WM9H000ABCDEFGHJKMNP", 0).text,
			    "1K52WM9H0003HZTC7DFXBFF5");
	assert_string_equal(queue_id_of_report("1K52WM9H000ABCDEFGHJKMNP", 9999).text,
			    "1K52WM9H000EPVZ37CT08NXJ");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_new_ones_are_valid_and_differ),
		cmocka_unit_test(test_they_differ_in_the_same_moment),
		cmocka_unit_test(test_they_sort_by_time),
		cmocka_unit_test(test_validity),
		cmocka_unit_test(test_reports),
		cmocka_unit_test(test_the_name_of_a_report_stays),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
