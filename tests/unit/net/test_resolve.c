/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/resolve.h"

#include "net/dns_peer.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static const struct zone_record zone[] = {
	ZONE_RECORD("both.test", DNS_A, "\300\0\2\1"),
	ZONE_RECORD("both.test", DNS_AAAA, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1"),
};

static const struct {
	const char *name;
	int family;
	bool by_dns;
	const char *expected; /* the addresses in their order; NULL: there is none */
} names[] = {
	{ "192.0.2.7", AF_UNSPEC, false, "192.0.2.7" },
	{ "2001:db8::7", AF_INET6, false, "2001:db8::7" },
	{ "192.0.2.7", AF_UNSPEC, true, "192.0.2.7" },
	{ "192.0.2.7", AF_INET6, false, NULL },
	{ "::1", AF_INET, true, NULL },
	{ "localhost", AF_INET, false, "127.0.0.1" },
	{ "localhost", AF_INET, true, "127.0.0.1" },
	{ "both.test", AF_UNSPEC, true, "2001:db8::1 192.0.2.1" },
	{ "both.test", AF_INET, true, "192.0.2.1" },
	{ "none.test", AF_UNSPEC, true, NULL },
};

static void describe(const struct addresses *list, struct buf *out)
{
	char text[SOCKADDR_TEXT_ROOM];
	for (size_t i = 0; i < list->count; i++) {
		const struct sockaddr_ip *a = &list->at[i];
		in_port_t port = a->at.any.sa_family == AF_INET6 ? a->at.in6.sin6_port
								 : a->at.in.sin_port;
		assert_int_equal(ntohs(port), 587);
		buf_addf(out, "%s%s", i != 0 ? " " : "", sockaddr_text(&a->at.any, text));
	}
}

static void test_names(void **state)
{
	struct dns d;
	struct status st;
	struct dns_peer *peer = *state;
	assert_int_equal(dns_init(&d, peer->address, &st), 0);
	for (size_t i = 0; i < COUNT(names); i++) {
		struct addresses list;
		struct buf seen = { 0 };
		int result = resolve_host(names[i].name, 587, names[i].family,
					  names[i].by_dns ? &d : NULL, &list, &st);
		if ((result == 0) != (names[i].expected != NULL))
			fail_msg("%s: %s", names[i].name, st.text);
		if (result == 0) {
			describe(&list, &seen);
			assert_string_equal(buf_str(&seen), names[i].expected);
		} else {
			assert_int_equal(st.kind, STATUS_NO_HOST);
			assert_int_equal(st.stage, STAGE_LOOKUP);
		}
		buf_release(&seen);
	}
}

static int set_up(void **state)
{
	static struct dns_peer peer = { .zone = zone, .zone_count = COUNT(zone) };
	dns_peer_start(&peer);
	*state = &peer;
	return 0;
}

static int tear_down(void **state)
{
	dns_peer_stop(*state);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
