/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/srv.h"

#include "dns_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define SRV(owner, priority, port, to)                                                         \
	ZONE_RECORD(owner, DNS_SRV, "\0" priority "\0\1" port to "\0")
#define IMPLICIT(domain, priority, to)                                                         \
	SRV("_submissions._tcp." domain, priority, "\x01\xd1", to)
#define STARTTLS(domain, priority, to) SRV("_submission._tcp." domain, priority, "\x02\x4b", to)

static const struct zone_record zone[] = {
	STARTTLS("both.test", "\0", "\1a\4both\4test"),
	IMPLICIT("both.test", "\x14", "\1c\4both\4test"),
	IMPLICIT("both.test", "\x0a", "\1b\5other\4test"),
	IMPLICIT("implicit.test", "\0", "\4mail\10implicit\4test"),
	STARTTLS("starttls.test", "\0", "\10starttls\4test"),
	IMPLICIT("stopped.test", "\0", ""),
	STARTTLS("stopped.test", "\0", "\1a\7stopped\4test"),
	IMPLICIT("none.test", "\0", ""),
	STARTTLS("none.test", "\0", ""),
	SRV("_submissions._tcp.bad.test", "\0", "\0\0", "\1a\3bad\4test"),
	STARTTLS("bad.test", "\0",
		 "\3"
		 "192\1"
		 "0"
		 "\1"
		 "2"
		 "\1"
		 "1"),
};

/* clang-format off */
static const struct {
	const char *domain;
	const char *servers; /* "NAME:PORT", '*' for implicit TLS, '+' if inside; NULL: none */
} cases[] = {
	{ "both.test", "b.other.test:465* c.both.test:465*+ a.both.test:587+ " },
	{ "Both.Test.", "b.other.test:465* c.both.test:465*+ a.both.test:587+ " },
	{ "implicit.test", "mail.implicit.test:465*+ " },
	{ "starttls.test", "starttls.test:587+ " },
	{ "stopped.test", "a.stopped.test:587+ " },
	{ "none.test", NULL },
	{ "bad.test", NULL },
	{ "nowhere.test", NULL },
	{ "no name", NULL },
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

static void describe(const struct srv *srv, struct buf *out)
{
	for (size_t i = 0; i < srv->count; i++) {
		const struct srv_server *server = &srv->at[i];
		buf_addf(out, "%s:%u%s%s ", server->name, server->port,
			 server->implicit_tls ? "*" : "", server->inside ? "+" : "");
	}
}

static void test_domains(void **state)
{
	(void)state;
	struct dns_peer peer = { 0 };
	struct dns d = start(&peer);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct srv srv;
		struct status st = { 0 };
		struct buf servers = { 0 };
		int result = srv_find(&d, cases[i].domain, &srv, &st);
		describe(&srv, &servers);
		if (cases[i].servers != NULL) {
			if (result != 0 || strcmp(buf_str(&servers), cases[i].servers) != 0)
				fail_msg("%s: '%s' %s", cases[i].domain, buf_str(&servers),
					 st.text);
		} else {
			assert_int_equal(result, -1);
			if (st.kind != STATUS_NO_HOST)
				fail_msg("%s: %s", cases[i].domain, st.text);
			assert_int_equal(st.stage, STAGE_LOOKUP);
			assert_non_null(strstr(st.text, "names no submission server"));
			assert_true(st.hint[0] != '\0');
		}
		buf_release(&servers);
	}
	dns_peer_stop(&peer);
}

/* One of the two questions fails: that counts only if the other one finds nothing. */
static void test_one_service_fails(void **state)
{
	(void)state;
	static const struct peer_step fails_first[] = {
		{ .act = PEER_RCODE, .rcode = DNS_SERVFAIL }, { .act = PEER_ANSWER }
	};
	static const struct {
		const char *domain;
		int result;
	} domains[] = { { "both.test", 0 }, { "implicit.test", -1 }, { "none.test", -1 } };
	for (size_t i = 0; i < COUNT(domains); i++) {
		struct dns_peer peer = { .steps = fails_first, .step_count = 2 };
		struct dns d = start(&peer);
		struct srv srv;
		struct status st = { 0 };
		assert_int_equal(srv_find(&d, domains[i].domain, &srv, &st), domains[i].result);
		assert_int_equal(st.kind,
				 domains[i].result == 0 ? STATUS_OK : STATUS_TEMPORARY);
		dns_peer_stop(&peer);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_domains),
		cmocka_unit_test(test_one_service_fails),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
