/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/route.h"

#include "config/options.h"
#include "delivery/settings.h"
#include "net/dns_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* A domain with all there is, one with STARTTLS alone at somebody else's, one that takes no
 * mail, one whose MX has no dot, one without records, and one in another script. */
static const struct zone_record zone[] = {
	ZONE_RECORD("_submissions._tcp.all.test", DNS_SRV, "\0\0\0\0\1\321\4mail\3all\4test\0"),
	ZONE_RECORD("_submission._tcp.all.test", DNS_SRV, "\0\1\0\0\11\51\4mail\3all\4test\0"),
	ZONE_RECORD("_submission._tcp.all.test", DNS_SRV, "\0\2\0\0\2\113\5other\4test\0"),
	ZONE_RECORD("_submission._tcp.away.test", DNS_SRV, "\0\0\0\0\2\113\4host\4test\0"),
	ZONE_RECORD("all.test", DNS_MX, "\0\24\3mx2\3all\4test\0"),
	ZONE_RECORD("all.test", DNS_MX, "\0\12\3mx1\3all\4test\0"),
	ZONE_RECORD("null.test", DNS_MX, "\0\0\0"),
	ZONE_RECORD("short.test", DNS_MX, "\0\0\4mail\0"),
	ZONE_RECORD("plain.test", DNS_A, "\177\0\0\1"),
	ZONE_RECORD("xn--bcher-kva.test", DNS_MX, "\0\0\2mx\11plainhost\4test\0"),
};

static const char *const modes[] = { [TLS_STARTTLS] = "starttls",
				     [TLS_IMPLICIT] = "implicit",
				     [TLS_OPPORTUNISTIC] = "opportunistic",
				     [TLS_NONE] = "none" };

/* "HOST:PORT MODE NAME[|OTHER NAME][ login]; ..." for each server. */
static const struct {
	const char *keys, *host, *domain;
	const char *expected;
} routes[] = {
	{ "", "h.test", NULL, "h.test:587 starttls h.test login; " },
	{ "", "h.test:25", NULL, "h.test:25 starttls h.test login; " },
	{ "", "h.test:465", NULL, "h.test:465 implicit h.test login; " },
	{ "port = 465\n", "h.test", NULL, "h.test:465 implicit h.test login; " },
	{ "port = 465\ntls = starttls\n", "h.test", NULL,
	  "h.test:465 starttls h.test login; " },
	{ "port = 2525\n", "h.test:26", NULL, "h.test:26 starttls h.test login; " },
	{ "tls = implicit\n", "h.test", NULL, "h.test:465 implicit h.test login; " },
	{ "tls-name = n.test\n", "h.test", NULL, "h.test:587 starttls n.test login; " },
	{ "protocol = lmtp\n", "h.test", NULL, "h.test:24 starttls h.test login; " },
	{ "", "[::1]:25", NULL, "[::1]:25 starttls ::1 login; " },
	{ "",
	  "b\xc3\xbc"
	  "cher.test",
	  NULL, "xn--bcher-kva.test:587 starttls xn--bcher-kva.test login; " },
	{ "", "unix:/run/x", NULL, "/run/x none  login; " },
	{ "tls = starttls\n", "unix:/run/x", NULL, "/run/x starttls  login; " },
	{ "", "maildir:/m", NULL, "/m starttls  login; " },

	{ "", "srv:all.test", NULL,
	  "mail.all.test:465 implicit mail.all.test|all.test login; "
	  "mail.all.test:2345 starttls mail.all.test|all.test login; "
	  "other.test:587 starttls all.test login; " },
	{ "port = 25\n", "srv:away.test", NULL, "host.test:587 starttls away.test login; " },
	{ "tls = implicit\n", "srv:all.test", NULL,
	  "mail.all.test:465 implicit mail.all.test|all.test login; " },
	{ "tls = none\n", "srv:away.test", NULL, "host.test:587 none away.test login; " },
	{ "tls-name = n.test\n", "srv:all.test", NULL,
	  "mail.all.test:465 implicit n.test login; "
	  "mail.all.test:2345 starttls n.test login; other.test:587 starttls n.test login; " },

	{ "", "mx", "all.test",
	  "mx1.all.test:25 opportunistic mx1.all.test; "
	  "mx2.all.test:25 opportunistic mx2.all.test; " },
	{ "", "mx:all.test", "plain.test",
	  "mx1.all.test:25 opportunistic mx1.all.test; "
	  "mx2.all.test:25 opportunistic mx2.all.test; " },
	{ "port = 2525\ntls = starttls\n", "mx", "plain.test",
	  "plain.test:2525 starttls plain.test; " },
	{ "port = 465\n", "mx", "plain.test", "plain.test:465 implicit plain.test; " },
	{ "", "mx", "short.test", "mail.:25 opportunistic mail.; " },
	{ "", "mx",
	  "B\xc3\xbc"
	  "cher.test",
	  "mx.plainhost.test:25 opportunistic mx.plainhost.test; " },
	{ "", "mx", "[192.0.2.1]", "192.0.2.1:25 opportunistic 192.0.2.1; " },
	{ "", "mx", "[IPv6:2001:db8::1]", "[2001:db8::1]:25 opportunistic 2001:db8::1; " },
};

static void describe(const struct route *r, struct buf *out)
{
	for (size_t i = 0; i < r->count; i++) {
		const struct server *s = &r->at[i];
		server_name(s, out);
		buf_addf(out, " %s %s", modes[s->tls], s->tls_name);
		buf_addf(out, s->other_name[0] != '\0' ? "|%s" : "%s", s->other_name);
		buf_add_str(out, s->may_log_in ? " login; " : "; ");
	}
}

/* The account that KEYS make, which asks PEER. */
static void configure(struct config *c, const struct dns_peer *peer, const char *keys)
{
	struct buf text = { 0 };
	buf_addf(&text, "host = h\nresolver = %s\n%s", peer->address, keys);
	settings_load(c, buf_str(&text));
	buf_release(&text);
}

static int find(struct config *c, struct route *r, const char *host, const char *domain,
		struct status *st)
{
	struct endpoint e;
	*r = (struct route){ .account = &c->accounts[0] };
	assert_int_equal(endpoint_parse(host, &e, st), 0);
	return route_find(r, &e, domain, st);
}

static void test_routes(void **state)
{
	struct dns_peer *peer = *state;
	for (size_t i = 0; i < COUNT(routes); i++) {
		struct config c;
		struct route r;
		struct status st;
		struct buf seen = { 0 };
		configure(&c, peer, routes[i].keys);
		if (find(&c, &r, routes[i].host, routes[i].domain, &st) != 0)
			fail_msg("%s: %s", routes[i].host, st.text);
		describe(&r, &seen);
		assert_string_equal(buf_str(&seen), routes[i].expected);
		buf_release(&seen);
		route_release(&r);
		config_release(&c);
	}
}

static const struct {
	const char *keys, *host, *domain;
	enum status_kind kind;
	const char *text;
} failures[] = {
	{ "", "srv:none.test", NULL, STATUS_NO_HOST, "names no submission server" },
	{ "tls = implicit\n", "srv:away.test", NULL, STATUS_NO_HOST,
	  "goes with the tls that is set" },
	{ "", "mx", "none.test", STATUS_NO_HOST, "does not exist" },
	{ "", "mx:none.test", NULL, STATUS_NO_HOST, "does not exist" },
	{ "", "mx", "null.test", STATUS_NO_HOST, "takes no mail" },
	{ "", "mx", "[192.0.2.256]", STATUS_BAD_MESSAGE, "is no address of a server" },
	{ "", "mx", "[IPv6:x]", STATUS_BAD_MESSAGE, "is no address of a server" },
};

static void test_failures(void **state)
{
	struct dns_peer *peer = *state;
	for (size_t i = 0; i < COUNT(failures); i++) {
		struct config c;
		struct route r;
		struct status st = { 0 };
		configure(&c, peer, failures[i].keys);
		if (find(&c, &r, failures[i].host, failures[i].domain, &st) == 0)
			fail_msg("%s, %s", failures[i].host, failures[i].domain);
		if (st.kind != failures[i].kind || strstr(st.text, failures[i].text) == NULL)
			fail_msg("%s, %s: '%s'", failures[i].host, failures[i].domain, st.text);
		assert_int_equal(r.count, 0);
		route_release(&r);
		config_release(&c);
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
		cmocka_unit_test(test_routes),
		cmocka_unit_test(test_failures),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
