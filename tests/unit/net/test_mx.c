/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/mx.h"

#include "base/clock.h"
#include "dns_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array)              (sizeof(array) / sizeof(array)[0])
#define MX(owner, preference, to) ZONE_RECORD(owner, DNS_MX, "\0" preference to "\0")
#define A(owner)                  ZONE_RECORD(owner, DNS_A, "\x7f\0\0\1")

static const struct zone_record zone[] = {
	ZONE_RECORD("alias.test", DNS_CNAME, "\3two\4test\0"),
	MX("two.test", "\x14", "\1b\4test"),
	MX("two.test", "\x0a", "\1a\4TEST"),
	MX("twice.test", "\x14", "\1a\4test"),
	MX("twice.test", "\x0a", "\1a\4test"),
	A("implicit.test"),
	MX("null.test", "\0", ""),
	MX("nullplus.test", "\0", ""),
	MX("nullplus.test", "\x0a", "\1a\4test"),
	MX("self.test", "\0", "\x9localhost"),
	MX("self2.test", "\0", "\1x\x9localhost"),
	MX("selfplus.test", "\0", "\x9localhost"),
	MX("selfplus.test", "\x0a", "\1a\4test"),
	MX("literal.test", "\0",
	   "\3"
	   "192\1"
	   "0"
	   "\1"
	   "2"
	   "\1"
	   "1"),
	MX("literalplus.test", "\0",
	   "\3"
	   "192\1"
	   "0"
	   "\1"
	   "2"
	   "\1"
	   "1"),
	MX("literalplus.test", "\x0a", "\1a\4test"),
	MX("odd.test", "\0", "\2a!\4test"),
};

/* clang-format off */
static const struct {
	const char *domain;
	const char *hosts; /* "10 a.test 20 b.test "; NULL: none */
	bool implicit;
	unsigned short subject, detail; /* of the failure; 0.0: the default */
	const char *text;
} cases[] = {
	{ "two.test", "10 a.test 20 b.test ", false, 0, 0, NULL },
	{ "Two.Test.", "10 a.test 20 b.test ", false, 0, 0, NULL },
	{ "alias.test", "10 a.test 20 b.test ", false, 0, 0, NULL },
	{ "twice.test", "10 a.test ", false, 0, 0, NULL },
	{ "implicit.test", "0 implicit.test ", true, 0, 0, NULL },
	{ "null.test", NULL, false, 1, 10, "the domain 'null.test' takes no mail (null MX)" },
	{ "nullplus.test", "10 a.test ", false, 0, 0, NULL },
	{ "self.test", NULL, false, 4, 6,
	  "no MX record of 'self.test' names a server: it is said to be this very host" },
	{ "self2.test", NULL, false, 4, 6,
	  "no MX record of 'self2.test' names a server: it is said to be this very host" },
	{ "selfplus.test", "10 a.test ", false, 0, 0, NULL },
	{ "literal.test", NULL, false, 4, 4, "no MX record of 'literal.test' names a server" },
	{ "literalplus.test", "10 a.test ", false, 0, 0, NULL },
	{ "odd.test", NULL, false, 4, 4, "no MX record of 'odd.test' names a server" },
	{ "nowhere.test", NULL, false, 0, 0, "the name 'nowhere.test' does not exist" },
};
/* clang-format on */

static struct dns start(struct dns_peer *peer)
{
	struct dns d;
	struct status st;
	dns_peer_start(peer);
	assert_int_equal(dns_init(&d, peer->address, &st), 0);
	d.patience = 100;
	return d;
}

static void check(const struct dns *d, size_t i)
{
	struct mx mx;
	struct status st = { 0 };
	struct buf hosts = { 0 };
	int result = mx_find(d, cases[i].domain, &mx, &st);
	for (size_t j = 0; j < mx.count; j++)
		buf_addf(&hosts, "%u %s ", mx.at[j].preference, mx.at[j].name);
	if (cases[i].hosts != NULL) {
		if (result != 0 || strcmp(buf_str(&hosts), cases[i].hosts) != 0)
			fail_msg("%s: '%s' %s", cases[i].domain, buf_str(&hosts), st.text);
		assert_int_equal(mx.implicit, cases[i].implicit);
		assert_true(mx.authentic);
	} else {
		assert_int_equal(result, -1);
		if (st.kind != STATUS_NO_HOST)
			fail_msg("%s: %s", cases[i].domain, st.text);
		assert_int_equal(st.stage, STAGE_LOOKUP);
		assert_string_equal(st.text, cases[i].text);
		assert_int_equal(st.enhanced[1], cases[i].subject);
		assert_int_equal(st.enhanced[2], cases[i].detail);
	}
	buf_release(&hosts);
}

static void test_domains(void **state)
{
	(void)state;
	struct dns_peer peer = { .zone = zone, .zone_count = COUNT(zone), .authentic = true };
	struct dns d = start(&peer);
	for (size_t i = 0; i < COUNT(cases); i++)
		check(&d, i);
	dns_peer_stop(&peer);
}

/*
 * Twenty of a hundred, the most preferred ones, and of the same preference not always the same.
 */
static void test_many(void **state)
{
	(void)state;
	static char data[100][8];
	static struct zone_record many[100];
	struct mx mx;
	struct status st;
	unsigned first_times = 0;
	for (unsigned i = 0; i < 100; i++) {
		char octets[] = { 0,
				  (char)(i < 50 ? 9 : 1),
				  2,
				  (char)('0' + i / 10),
				  (char)('a' + i % 10),
				  0 };
		memcpy(data[i], octets, sizeof octets);
		many[i] = (struct zone_record){ "many.test", DNS_MX, data[i], sizeof octets };
	}
	struct dns_peer peer = { .zone = many, .zone_count = 100 };
	struct dns d = start(&peer);
	for (unsigned i = 0; i < 64; i++) {
		assert_int_equal(mx_find(&d, "many.test", &mx, &st), 0);
		assert_int_equal(mx.count, MX_HOSTS_MAX);
		assert_int_equal(mx.at[MX_HOSTS_MAX - 1].preference, 1);
		assert_false(mx.authentic);
		first_times += strcmp(mx.at[0].name, "5a") == 0;
	}
	dns_peer_stop(&peer);
	assert_in_range(first_times, 0, 16);
}

static void test_trouble(void **state)
{
	(void)state;
	struct peer_step fails = { .act = PEER_RCODE, .rcode = DNS_SERVFAIL };
	struct dns_peer peer = { .steps = &fails, .step_count = 1 };
	struct dns d = start(&peer);
	struct mx mx;
	struct status st;
	assert_int_equal(mx_find(&d, "two.test", &mx, &st), -1);
	assert_int_equal(st.kind, STATUS_TEMPORARY);
	dns_peer_stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_domains),
		cmocka_unit_test(test_many),
		cmocka_unit_test(test_trouble),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
