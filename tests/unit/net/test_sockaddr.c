/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/sockaddr.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct {
	const char *text;
	int family; /* 0: no address */
	bool loopback;
} cases[] = {
	{ "192.0.2.1", AF_INET, false },
	{ "127.0.0.1", AF_INET, true },
	{ "127.255.255.254", AF_INET, true },
	{ "128.0.0.1", AF_INET, false },
	{ "2001:db8::1", AF_INET6, false },
	{ "::1", AF_INET6, true },
	{ "::", AF_INET6, false },
	{ "::ffff:127.0.0.1", AF_INET6, true },
	{ "::ffff:192.0.2.1", AF_INET6, false },
	{ "fe80::1%lo", AF_INET6, false },
	{ "fe80::1%nosuchif0", 0, false },
	{ "", 0, false },
	{ "127.1", 0, false },
	{ "0x7f000001", 0, false },
	{ "2130706433", 0, false },
	{ "localhost", 0, false },
	{ "192.0.2.1:25", 0, false },
	{ "[::1]", 0, false },
};

static uint16_t port_of(const struct sockaddr_ip *a)
{
	return ntohs(a->at.any.sa_family == AF_INET6 ? a->at.in6.sin6_port : a->at.in.sin_port);
}

static void test_texts(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sockaddr_ip a = { .len = 7 };
		bool is_one = sockaddr_parse(cases[i].text, 2525, &a);
		if (is_one != (cases[i].family != 0))
			fail_msg("'%s'", cases[i].text);
		if (!is_one) {
			assert_int_equal(a.len, 7);
			continue;
		}
		assert_int_equal(a.at.any.sa_family, cases[i].family);
		assert_int_equal(port_of(&a), 2525);
		assert_int_equal(sockaddr_is_loopback(&a), cases[i].loopback);
	}
}

static void test_zone(void **state)
{
	(void)state;
	struct sockaddr_ip a;
	assert_true(sockaddr_parse("fe80::1%lo", 25, &a));
	assert_int_equal(a.at.in6.sin6_scope_id, if_nametoindex("lo"));
}

static void test_bytes(void **state)
{
	(void)state;
	static const char *const texts[] = { "192.0.2.1", "2001:db8::1" };
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct sockaddr_ip parsed, made;
		assert_true(sockaddr_parse(texts[i], 25, &parsed));
		int family = parsed.at.any.sa_family;
		const void *bytes = family == AF_INET6 ? (const void *)&parsed.at.in6.sin6_addr
						       : &parsed.at.in.sin_addr;
		sockaddr_of(family, bytes, 25, &made);
		assert_int_equal(made.len, parsed.len);
		assert_memory_equal(&made.at, &parsed.at, parsed.len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_texts),
		cmocka_unit_test(test_zone),
		cmocka_unit_test(test_bytes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
