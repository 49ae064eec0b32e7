/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/dns_hosts.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { DRAWS = 4000 };

static const struct {
	const char *name;
	bool host, localhost;
} names[] = {
	{ "mx.example.com", true, false }, { "com", true, false },
	{ "3com.example", true, false },   { "my_relay", true, false },
	{ "1.2.3.4a", true, false },       { "", false, false },
	{ "192.0.2.1", false, false },     { "25", false, false },
	{ "a.1", false, false },           { "m?.example", false, false },
	{ "localhost", true, true },       { "LocalHost.", true, true },
	{ "a.localhost", true, true },     { "a.b.localhost.", true, true },
	{ "alocalhost", true, false },     { "localhost.example", true, false },
};

static void test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(names); i++) {
		size_t len = strlen(names[i].name);
		bool as_dns_gives_it = len == 0 || names[i].name[len - 1] != '.';
		if ((as_dns_gives_it && dns_is_host(names[i].name) != names[i].host) ||
		    dns_is_localhost(names[i].name) != names[i].localhost)
			fail_msg("'%s'", names[i].name);
	}
}

/* How often each of COUNT records came first in DRAWS draws. */
static void count_firsts(struct dns_record *at, size_t count, unsigned *firsts)
{
	struct dns_answer a = { .at = at, .count = count };
	const struct dns_record *order[8];
	memset(firsts, 0, count * sizeof *firsts);
	for (int i = 0; i < DRAWS; i++) {
		assert_int_equal(dns_hosts_order(&a, order, COUNT(order)), count);
		firsts[order[0] - at]++;
	}
}

/*
 * Within a tenth of all draws: 4000 throws of a fair coin stray from that once in 10^35 times.
 */
static void assert_about(unsigned count, unsigned percent)
{
	assert_in_range(count * 100 / DRAWS, percent < 10 ? 0 : percent - 10, percent + 10);
}

static void test_lots(void **state)
{
	(void)state;
	struct dns_record even[] = {
		{ .priority = 10 }, { .priority = 10 }, { .priority = 10 }, { .priority = 20 }
	};
	struct dns_record weighted[] = { { .weight = 0 }, { .weight = 75 }, { .weight = 25 } };
	struct dns_record full[] = { { .weight = 65535 }, { .weight = 65535 } };
	unsigned firsts[4];
	count_firsts(even, 4, firsts);
	for (int i = 0; i < 3; i++)
		assert_about(firsts[i], 33);
	assert_int_equal(firsts[3], 0);
	count_firsts(weighted, 3, firsts);
	assert_about(firsts[0], 1);
	assert_about(firsts[1], 74);
	assert_about(firsts[2], 25);
	count_firsts(full, 2, firsts);
	assert_about(firsts[0], 50);
}

static void test_order(void **state)
{
	(void)state;
	struct dns_record at[100];
	struct dns_answer a = { .at = at, .count = COUNT(at) };
	const struct dns_record *order[COUNT(at)];
	memset(at, 0, sizeof at);
	for (size_t i = 0; i < COUNT(at); i++) {
		at[i].priority = (uint16_t)(i * 37 % 10);
		at[i].weight = (uint16_t)(i * 11 % 3);
	}
	assert_int_equal(dns_hosts_order(&a, order, COUNT(at)), COUNT(at));
	for (size_t i = 0; i < COUNT(at); i++) {
		assert_int_equal(order[i]->priority, i / 10);
		for (size_t j = 0; j < i; j++)
			assert_ptr_not_equal(order[i], order[j]);
	}
	assert_int_equal(dns_hosts_order(&a, order, 15), 15);
	assert_int_equal(order[14]->priority, 1);
	a.count = 0;
	assert_int_equal(dns_hosts_order(&a, order, 15), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_lots),
		cmocka_unit_test(test_order),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
