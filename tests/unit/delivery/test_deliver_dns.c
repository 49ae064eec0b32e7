/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/deliver.h"

#include "base/mem.h"
#include "delivery/settings.h"
#include "net/dns_peer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* A server that is not there: nobody listens at port 9 of 127.0.0.1. */
static const struct zone_record zone[] = {
	ZONE_RECORD("dead.test", DNS_MX, "\0\12\4dead\4test\0"),
	ZONE_RECORD("dead.test", DNS_MX, "\0\24\6nobody\4test\0"),
	ZONE_RECORD("dead.test", DNS_A, "\177\0\0\1"),
	ZONE_RECORD("nobody.test", DNS_TXT, "\0"),
	ZONE_RECORD("null.test", DNS_MX, "\0\0\0"),
};

/* What becomes of one recipient. An account's own servers may come back; a domain that takes no
 * mail is gone for good. */
static const struct {
	const char *host, *to;
	enum status_kind kind;
	const char *enhanced;
} cases[] = {
	{ "mx", "a@nowhere.test", STATUS_NO_HOST, "5.1.2" },
	{ "mx", "a@null.test", STATUS_NO_HOST, "5.1.10" },
	{ "mx", "a@nobody.test", STATUS_NO_HOST, "5.1.2" },
	{ "mx", "a@dead.test", STATUS_TEMPORARY, "4.4.0" },
	{ "mx:nowhere.test", "a@dead.test", STATUS_NO_HOST, "4.4.4" },
	{ "srv:nowhere.test", "a@dead.test", STATUS_NO_HOST, "4.4.4" },
	{ "nowhere.test", "a@dead.test", STATUS_NO_HOST, "4.4.4" },
	{ "nowhere.test, 127.0.0.1", "a@dead.test", STATUS_TEMPORARY, "4.4.0" },
	{ "127.0.0.1, nowhere.test", "a@dead.test", STATUS_TEMPORARY, "4.4.0" },
	{ "mx, 127.0.0.1", "a@null.test", STATUS_NO_HOST, "5.1.10" },
};

static void test_who_is_not_there(void **state)
{
	struct dns_peer *peer = *state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct config c;
		struct envelope e = { .sender = mem_copy("") };
		struct message m = { 0 };
		struct delivery_report report;
		struct buf text = { 0 }, code = { 0 };
		buf_addf(&text, "host = %s\nport = 9\nresolver = %s\n", cases[i].host,
			 peer->address);
		settings_load(&c, buf_str(&text));
		envelope_add(&e, cases[i].to);
		const struct delivery d = {
			.config = &c, .account = &c.accounts[0], .envelope = &e, .message = &m
		};
		deliver(&d, &report);
		struct status st = { .kind = e.at[0].kind };
		memcpy(st.enhanced, e.at[0].enhanced, sizeof st.enhanced);
		status_enhanced(&st, &code);
		if (st.kind != cases[i].kind || strcmp(buf_str(&code), cases[i].enhanced) != 0)
			fail_msg("%s, %s: %s '%s'", cases[i].host, cases[i].to, buf_str(&code),
				 e.at[0].reply);
		assert_true(e.at[0].decided);
		buf_release(&text);
		buf_release(&code);
		envelope_release(&e);
		config_release(&c);
	}
}

static int set_up(void **state)
{
	static struct dns_peer peer = { .zone = zone,
					.zone_count = sizeof zone / sizeof *zone };
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
		cmocka_unit_test(test_who_is_not_there),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
