/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/dns.h"

#include "base/clock.h"
#include "dns_peer.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* Long enough for a busy machine to answer in, where an answer comes. */
enum { PATIENCE = 150, NOT_LONG = 4000 };

static const struct zone_record zone[] = {
	ZONE_RECORD("alias.test", DNS_CNAME, "\1a\4test\0"),
	ZONE_RECORD("a.test", DNS_A, "\xc0\0\2\1"),
	ZONE_RECORD("a.test", DNS_AAAA, "\x20\1\xd\xb8\0\0\0\0\0\0\0\0\0\0\0\1"),
};

/* Ready to ask PEER, started, and those behind it in MORE ("" or ",ADDRESS"). */
static struct dns start(struct dns_peer *peer, const char *more)
{
	struct dns d;
	struct status st;
	char resolver[128];
	peer->zone = zone;
	peer->zone_count = COUNT(zone);
	dns_peer_start(peer);
	snprintf(resolver, sizeof resolver, "%s%s", peer->address, more);
	assert_int_equal(dns_init(&d, resolver, &st), 0);
	d.patience = NOT_LONG / 2;
	d.deadline = clock_in(10);
	return d;
}

/* clang-format off */
static const struct {
	const char *name;
	struct peer_step steps[6];
	size_t step_count;
	enum peer_tcp tcp;
	bool found;            /* else it is temporary */
	unsigned by_udp, by_tcp; /* queries that the server saw */
	const char *text;      /* in the sentence of the failure */
	int sys;
} servers[] = {
	{ "a good one", { { 0 } }, 0, 0, true, 1, 0, "", 0 },
	{ "a lost packet", { { .act = PEER_SILENT }, { 0 } }, 2, 0, true, 2, 0, "", 0 },
	{ "two lost packets", { { .act = PEER_SILENT }, { .act = PEER_SILENT }, { 0 } }, 3, 0,
	  true, 3, 0, "", 0 },
	{ "no answer ever", { { .act = PEER_SILENT } }, 1, 0, false, 3, 0, "timed out",
	  ETIMEDOUT },
	{ "an answer that is late, but not too late", { { .delay_ms = PATIENCE / 2 } }, 1, 0,
	  true, 1, 0, "", 0 },
	{ "an answer that comes after the next question",
	  { { .delay_ms = PATIENCE + 20 }, { 0 } }, 2, 0, true, 2, 0, "", 0 },
	{ "a forged one first, with another id", { { .act = PEER_OTHER_ID } }, 1, 0, true, 1,
	  0, "", 0 },
	{ "an answer to another question first", { { .act = PEER_OTHER_QUESTION } }, 1, 0,
	  true, 1, 0, "", 0 },
	{ "our own question first", { { .act = PEER_ECHO } }, 1, 0, true, 1, 0, "", 0 },
	{ "an empty packet first", { { .act = PEER_EMPTY } }, 1, 0, true, 1, 0, "", 0 },
	{ "a flood of forged ones", { { .act = PEER_FLOOD }, { 0 } }, 2, 0, true, 2, 0, "", 0 },
	{ "forged ones only", { { .act = PEER_FLOOD } }, 1, 0, false, 3, 0,
	  "too many false answers", 0 },
	{ "SERVFAIL", { { .act = PEER_RCODE, .rcode = DNS_SERVFAIL } }, 1, 0, false, 1, 0,
	  "SERVFAIL", 0 },
	{ "REFUSED", { { .act = PEER_RCODE, .rcode = DNS_REFUSED } }, 1, 0, false, 1, 0,
	  "REFUSED", 0 },
	{ "an error of another kind", { { .act = PEER_RCODE, .rcode = 9 } }, 1, 0, false, 1, 0,
	  "the server answers with an error", 0 },
	{ "malformed", { { .act = PEER_MALFORMED } }, 1, 0, false, 1, 0, "malformed", 0 },
	{ "FORMERR to EDNS", { { .act = PEER_RCODE, .rcode = DNS_FORMERR }, { 0 } }, 2, 0,
	  true, 2, 0, "", 0 },
	{ "FORMERR to EDNS, a header only",
	  { { .act = PEER_HEADER, .rcode = DNS_FORMERR }, { 0 } }, 2, 0, true, 2, 0, "", 0 },
	{ "NOTIMP to everything", { { .act = PEER_RCODE, .rcode = DNS_NOTIMP } }, 1, 0, false,
	  2, 0, "NOTIMP", 0 },
	{ "a long answer", { { .act = PEER_TRUNCATE } }, 1, PEER_TCP_ANSWER, true, 1, 1, "",
	  0 },
	{ "a long answer in pieces", { { .act = PEER_TRUNCATE } }, 1, PEER_TCP_PIECES, true,
	  1, 1, "", 0 },
	{ "a long answer, cut", { { .act = PEER_TRUNCATE } }, 1, PEER_TCP_CUT, false, 1, 1,
	  "the server closed the connection", ECONNRESET },
	{ "a long answer that never comes", { { .act = PEER_TRUNCATE } }, 1, PEER_TCP_SILENT,
	  false, 1, 1,
	  "timed out", ETIMEDOUT },
	{ "a long answer, cut short again", { { .act = PEER_TRUNCATE } }, 1,
	  PEER_TCP_TRUNCATE, false, 1, 1,
	  "cut short", 0 },
	{ "a long answer to another question", { { .act = PEER_TRUNCATE } }, 1,
	  PEER_TCP_OTHER, false, 1, 1,
	  "another question", 0 },
};
/* clang-format on */

/* Does somebody have to wait in vain? */
static bool tries_patience(size_t row)
{
	bool tries = servers[row].tcp == PEER_TCP_SILENT;
	for (size_t i = 0; i < servers[row].step_count; i++)
		tries = tries || servers[row].steps[i].act == PEER_SILENT ||
			servers[row].steps[i].delay_ms != 0;
	return tries;
}

static void test_one_server(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(servers); i++) {
		struct dns_peer peer = { .steps = servers[i].steps,
					 .step_count = servers[i].step_count,
					 .tcp = servers[i].tcp };
		struct dns d = start(&peer, "");
		struct dns_question q = { .name = "a.test", .type = DNS_A };
		struct status st = { 0 };
		int64_t begin = clock_now();
		if (tries_patience(i))
			d.patience = PATIENCE;
		int result = dns_lookup(&d, &q, &st);
		dns_peer_stop(&peer);
		if ((result == 0) != servers[i].found || peer.by_udp != servers[i].by_udp ||
		    peer.by_tcp != servers[i].by_tcp ||
		    strstr(st.text, servers[i].text) == NULL || clock_now() - begin > NOT_LONG)
			fail_msg("%s: %d, %u by UDP, %u by TCP, '%s'", servers[i].name, result,
				 peer.by_udp, peer.by_tcp, st.text);
		assert_int_equal(st.sys, servers[i].sys);
		if (result != 0) {
			assert_int_equal(st.kind, STATUS_TEMPORARY);
			assert_int_equal(st.stage, STAGE_LOOKUP);
			assert_int_equal(st.enhanced[2], 3);
			assert_int_equal(q.answer.count, 0);
		} else {
			assert_memory_equal(q.answer.at[0].data.data, "\xc0\0\2\1", 4);
		}
		dns_answer_release(&q.answer);
	}
}

static void test_what_there_is_not(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		enum dns_type type;
		unsigned rcode;
		const char *text;
	} cases[] = {
		{ "b.test", DNS_A, DNS_NXDOMAIN, "the name 'b.test' does not exist" },
		{ "a.test", DNS_MX, DNS_NOERROR, "the name 'a.test' has no MX record" },
		{ "alias.test.", DNS_MX, DNS_NOERROR,
		  "the name 'alias.test.' has no MX record" },
		{ "a..test", DNS_A, DNS_NOERROR, "'a..test' is no name that DNS can hold" },
	};
	struct dns_peer peer = { 0 };
	struct dns d = start(&peer, "");
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct dns_question q = { .name = cases[i].name, .type = cases[i].type };
		struct status st = { 0 };
		assert_int_equal(dns_lookup(&d, &q, &st), -1);
		assert_int_equal(st.kind, STATUS_NO_HOST);
		assert_int_equal(st.stage, STAGE_LOOKUP);
		assert_string_equal(st.text, cases[i].text);
		assert_int_equal(q.answer.rcode, cases[i].rcode);
		dns_answer_release(&q.answer);
	}
	dns_peer_stop(&peer);
	assert_int_equal(peer.by_udp, 3);
}

/* The second server is asked when the first one is no help, at once unless it was silent. */
static void test_two_servers(void **state)
{
	(void)state;
	static const struct {
		struct peer_step step;
		unsigned first, second;
	} cases[] = {
		{ { .act = PEER_ANSWER }, 1, 0 },
		{ { .act = PEER_SILENT }, 1, 1 },
		{ { .act = PEER_RCODE, .rcode = DNS_SERVFAIL }, 1, 1 },
		{ { .act = PEER_MALFORMED }, 1, 1 },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct dns_peer second = { .zone = zone, .zone_count = COUNT(zone) };
		struct dns_peer first = { .steps = &cases[i].step, .step_count = 1 };
		struct dns_question q = { .name = "a.test", .type = DNS_A };
		struct status st;
		char more[64];
		dns_peer_start(&second);
		snprintf(more, sizeof more, ", %s", second.address);
		struct dns d = start(&first, more);
		if (cases[i].step.act == PEER_SILENT)
			d.patience = PATIENCE;
		assert_int_equal(dns_lookup(&d, &q, &st), 0);
		dns_peer_stop(&first);
		dns_peer_stop(&second);
		assert_int_equal(first.by_udp, cases[i].first);
		assert_int_equal(second.by_udp, cases[i].second);
		dns_answer_release(&q.answer);
	}
}

/* A port where nobody listens is not asked twice, and costs no time. */
static void test_nobody_there(void **state)
{
	(void)state;
	struct dns_peer gone = { 0 };
	struct dns d = start(&gone, "");
	struct dns_question q = { .name = "a.test", .type = DNS_A };
	struct status st;
	d.patience = NOT_LONG;
	dns_peer_stop(&gone);
	int64_t begin = clock_now();
	assert_int_equal(dns_lookup(&d, &q, &st), -1);
	assert_int_equal(st.kind, STATUS_TEMPORARY);
	assert_int_equal(st.sys, ECONNREFUSED);
	assert_true(clock_now() - begin < NOT_LONG / 2);
}

static void test_deadline(void **state)
{
	(void)state;
	struct peer_step silent = { .act = PEER_SILENT };
	struct dns_peer peer = { .steps = &silent, .step_count = 1 };
	struct dns d = start(&peer, "");
	struct dns_question q = { .name = "a.test", .type = DNS_A };
	struct status st;
	int64_t begin = clock_now();
	d.patience = NOT_LONG;
	d.deadline = begin + PATIENCE;
	assert_int_equal(dns_lookup(&d, &q, &st), -1);
	assert_int_equal(st.kind, STATUS_TEMPORARY);
	assert_int_equal(st.sys, ETIMEDOUT);
	assert_true(clock_now() - begin < NOT_LONG / 2);
	assert_int_equal(peer.by_udp, 1);
	assert_int_equal(dns_lookup(&d, &q, &st), -1);
	assert_int_equal(st.sys, ETIMEDOUT);
	assert_non_null(strstr(st.text, "no time left"));
	dns_peer_stop(&peer);
	assert_int_equal(peer.by_udp, 1);
}

/* Both questions are on their way before an answer comes; and the answers come in any order. */
static void test_two_at_once(void **state)
{
	(void)state;
	struct peer_step steps[] = { { .act = PEER_LATER }, { .act = PEER_ANSWER } };
	struct dns_peer peer = { .steps = steps, .step_count = COUNT(steps) };
	struct dns d = start(&peer, "");
	struct dns_question q[] = { { .name = "a.test", .type = DNS_A },
				    { .name = "a.test", .type = DNS_AAAA } };
	d.patience = NOT_LONG;
	int64_t begin = clock_now();
	dns_ask(&d, q, 2);
	assert_true(clock_now() - begin < NOT_LONG);
	dns_peer_stop(&peer);
	assert_int_equal(q[0].answer.at[0].data.len, 4);
	assert_int_equal(q[1].answer.at[0].data.len, 16);
	assert_int_equal(peer.by_udp, 2);
	dns_answer_release(&q[0].answer);
	dns_answer_release(&q[1].answer);
}

/* What only one of them lacks is asked again alone. */
static void test_two_questions(void **state)
{
	(void)state;
	struct peer_step steps[] = { { .act = PEER_SILENT }, { .act = PEER_TRUNCATE }, { 0 } };
	struct dns_peer peer = { .steps = steps, .step_count = COUNT(steps) };
	struct dns d = start(&peer, "");
	struct dns_question q[] = { { .name = "a.test", .type = DNS_A },
				    { .name = "alias.test", .type = DNS_AAAA } };
	d.patience = PATIENCE;
	dns_ask(&d, q, 2);
	dns_peer_stop(&peer);
	assert_int_equal(q[0].outcome.kind, STATUS_OK);
	assert_int_equal(q[0].answer.at[0].data.len, 4);
	assert_int_equal(q[1].outcome.kind, STATUS_OK);
	assert_int_equal(q[1].answer.at[0].data.len, 16);
	assert_string_equal(q[1].answer.name, "a.test");
	assert_int_equal(peer.by_udp, 3);
	assert_int_equal(peer.by_tcp, 1);
	dns_answer_release(&q[0].answer);
	dns_answer_release(&q[1].answer);
}

static void test_without_edns_at_last(void **state)
{
	(void)state;
	struct peer_step steps[] = { { .act = PEER_RCODE, .rcode = DNS_FORMERR }, { 0 } };
	struct dns_peer peer = { .steps = steps, .step_count = COUNT(steps) };
	struct dns d = start(&peer, "");
	struct dns_question q = { .name = "a.test", .type = DNS_A };
	struct status st;
	assert_int_equal(dns_lookup(&d, &q, &st), 0);
	dns_peer_stop(&peer);
	assert_true(peer.without_edns);
	dns_answer_release(&q.answer);
}

static void test_whose_word_counts(void **state)
{
	(void)state;
	for (int authentic = 0; authentic < 2; authentic++) {
		for (int trusted = 0; trusted < 2; trusted++) {
			struct dns_peer peer = { .authentic = authentic };
			struct dns d = start(&peer, "");
			struct dns_question q = { .name = "a.test", .type = DNS_A };
			struct status st;
			assert_true(d.servers.at[0].trusted);
			d.servers.at[0].trusted = trusted;
			assert_int_equal(dns_lookup(&d, &q, &st), 0);
			dns_peer_stop(&peer);
			assert_int_equal(q.answer.authentic, authentic && trusted);
			dns_answer_release(&q.answer);
		}
	}
}

static void hear(void *context, enum tap_kind kind, struct slice text)
{
	assert_int_equal(kind, TAP_NOTE);
	buf_add_slice(context, text);
	buf_add_char(context, '\n');
}

static void test_what_the_transcript_hears(void **state)
{
	(void)state;
	struct buf heard = { 0 };
	struct tap tap = { hear, &heard };
	struct peer_step steps[] = { { .act = PEER_SILENT }, { 0 } };
	struct dns_peer peer = { .steps = steps, .step_count = COUNT(steps) };
	struct dns d = start(&peer, "");
	struct dns_question q = { .name = "alias.test", .type = DNS_A };
	struct status st;
	char expected[300];
	d.tap = &tap;
	assert_int_equal(dns_lookup(&d, &q, &st), 0);
	dns_peer_stop(&peer);
	snprintf(expected, sizeof expected,
		 "looking up the A records of alias.test\n"
		 "cannot look up the A records of 'alias.test' at %s: timed out\n"
		 "alias.test is an alias of a.test\n",
		 peer.address);
	assert_string_equal(buf_str(&heard), expected);
	dns_answer_release(&q.answer);
	buf_release(&heard);
}

static void test_trouble(void **state)
{
	(void)state;
	struct dns_question q[2] = { { .outcome.kind = STATUS_NO_HOST },
				     { .outcome.kind = STATUS_TEMPORARY } };
	assert_ptr_equal(dns_trouble(q, 2), &q[1].outcome);
	q[1].outcome.kind = STATUS_NO_HOST;
	assert_ptr_equal(dns_trouble(q, 2), &q[0].outcome);
}

static void test_init(void **state)
{
	(void)state;
	struct dns d;
	struct status st;
	assert_int_equal(dns_init(&d, NULL, &st), 0);
	assert_true(d.servers.count >= 1);
	assert_int_equal(dns_init(&d, "example.com", &st), -1);
	assert_int_equal(st.kind, STATUS_BAD_CONFIG);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_server),
		cmocka_unit_test(test_what_there_is_not),
		cmocka_unit_test(test_two_servers),
		cmocka_unit_test(test_nobody_there),
		cmocka_unit_test(test_deadline),
		cmocka_unit_test(test_two_at_once),
		cmocka_unit_test(test_two_questions),
		cmocka_unit_test(test_without_edns_at_last),
		cmocka_unit_test(test_whose_word_counts),
		cmocka_unit_test(test_what_the_transcript_hears),
		cmocka_unit_test(test_trouble),
		cmocka_unit_test(test_init),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
