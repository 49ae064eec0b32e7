/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/addresses.h"

#include "dns_peer.h"

#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define SIX          "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0"

static const struct zone_record zone[] = {
	ZONE_RECORD("alias.test", DNS_CNAME, "\4both\4test\0"),
	ZONE_RECORD("both.test", DNS_A, "\xc0\0\2\1"),
	ZONE_RECORD("both.test", DNS_A, "\xc0\0\2\2"),
	ZONE_RECORD("both.test", DNS_AAAA, SIX "\1"),
	ZONE_RECORD("four.test", DNS_A, "\xc0\0\2\3"),
	ZONE_RECORD("six.test", DNS_AAAA, SIX "\2"),
	ZONE_RECORD("none.test", DNS_TXT, "\1x"),
};

/* clang-format off */
static const struct {
	const char *name;
	int family;
	const char *addresses; /* "2001:db8::1 192.0.2.1 "; NULL: none */
	unsigned queries;
	const char *text;
} cases[] = {
	{ "both.test", AF_UNSPEC, "2001:db8::1 192.0.2.1 192.0.2.2 ", 2, NULL },
	{ "both.test", AF_INET, "192.0.2.1 192.0.2.2 ", 1, NULL },
	{ "both.test", AF_INET6, "2001:db8::1 ", 1, NULL },
	{ "alias.test", AF_UNSPEC, "2001:db8::1 192.0.2.1 192.0.2.2 ", 2, NULL },
	{ "four.test.", AF_UNSPEC, "192.0.2.3 ", 2, NULL },
	{ "six.test", AF_UNSPEC, "2001:db8::2 ", 2, NULL },
	{ "six.test", AF_INET, NULL, 1, "the name 'six.test' has no A record" },
	{ "none.test", AF_UNSPEC, NULL, 2, "the name 'none.test' has no address" },
	{ "nowhere.test", AF_UNSPEC, NULL, 2, "the name 'nowhere.test' does not exist" },
	{ "b\xc3\xbc" "cher.test", AF_UNSPEC, NULL, 0, "is no name that DNS can hold" },
	{ "localhost", AF_UNSPEC, "::1 127.0.0.1 ", 0, NULL },
	{ "LOCALHOST.", AF_INET, "127.0.0.1 ", 0, NULL },
	{ "a.localhost", AF_INET6, "::1 ", 0, NULL },
};
/* clang-format on */

static struct dns start(struct dns_peer *peer)
{
	struct dns d;
	struct status st;
	peer->zone = zone;
	peer->zone_count = COUNT(zone);
	dns_peer_start(peer);
	assert_int_equal(dns_init(&d, peer->address, &st), 0);
	d.patience = 100;
	return d;
}

static void describe(const struct addresses *list, uint16_t port, struct buf *out)
{
	char text[INET6_ADDRSTRLEN];
	for (size_t i = 0; i < list->count; i++) {
		const struct sockaddr_ip *a = &list->at[i];
		bool six = a->at.any.sa_family == AF_INET6;
		inet_ntop(a->at.any.sa_family,
			  six ? (const void *)&a->at.in6.sin6_addr : &a->at.in.sin_addr, text,
			  sizeof text);
		buf_addf(out, "%s ", text);
		assert_int_equal(a->len, six ? sizeof a->at.in6 : sizeof a->at.in);
		assert_int_equal(ntohs(six ? a->at.in6.sin6_port : a->at.in.sin_port), port);
	}
}

static void test_names(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct dns_peer peer = { .authentic = true };
		struct dns d = start(&peer);
		struct addresses list;
		struct buf text = { 0 };
		struct status st = { 0 };
		int result = addresses_find(&d, cases[i].name, 25, cases[i].family, &list, &st);
		dns_peer_stop(&peer);
		describe(&list, 25, &text);
		if (result != (cases[i].addresses != NULL ? 0 : -1) ||
		    peer.by_udp != cases[i].queries)
			fail_msg("%s: %u queries, '%s'", cases[i].name, peer.by_udp, st.text);
		if (result == 0) {
			assert_string_equal(buf_str(&text), cases[i].addresses);
			assert_int_equal(list.authentic, peer.by_udp != 0);
		} else {
			if (st.kind != STATUS_NO_HOST)
				fail_msg("%s: %s", cases[i].name, st.text);
			assert_int_equal(st.stage, STAGE_LOOKUP);
			assert_non_null(strstr(st.text, cases[i].text));
		}
		buf_release(&text);
	}
}

/* AAAA is asked first, and fails: what A says counts, unless it is that there is nothing. */
static void test_one_kind_fails(void **state)
{
	(void)state;
	static const struct peer_step steps[] = { { .act = PEER_RCODE, .rcode = DNS_SERVFAIL },
						  { .act = PEER_ANSWER } };
	static const struct {
		const char *name;
		int result;
	} names[] = { { "both.test", 0 }, { "six.test", -1 }, { "nowhere.test", -1 } };
	for (size_t i = 0; i < COUNT(names); i++) {
		struct dns_peer peer = { .steps = steps, .step_count = 2, .authentic = true };
		struct dns d = start(&peer);
		struct addresses list;
		struct status st = { 0 };
		assert_int_equal(addresses_find(&d, names[i].name, 25, AF_UNSPEC, &list, &st),
				 names[i].result);
		assert_int_equal(st.kind, names[i].result == 0 ? STATUS_OK : STATUS_TEMPORARY);
		assert_true(list.count == (names[i].result == 0 ? 2 : 0));
		assert_false(list.authentic);
		dns_peer_stop(&peer);
	}
}

/* A name with a thousand addresses costs no more than the first few. */
static void test_many(void **state)
{
	(void)state;
	static struct zone_record many[100];
	for (size_t i = 0; i < COUNT(many); i++)
		many[i] = (struct zone_record){ "many.test", DNS_A, "\xc0\0\2\1", 4 };
	struct dns_peer peer = { 0 };
	struct dns d = start(&peer);
	struct addresses list;
	struct status st;
	peer.zone = many;
	peer.zone_count = COUNT(many);
	assert_int_equal(addresses_find(&d, "many.test", 25, AF_UNSPEC, &list, &st), 0);
	assert_int_equal(list.count, ADDRESSES_MAX / 2);
	dns_peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names),
		cmocka_unit_test(test_one_kind_fails),
		cmocka_unit_test(test_many),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
