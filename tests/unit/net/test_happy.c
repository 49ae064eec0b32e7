/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/happy.h"

#include "base/clock.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum {
	TRIED_AFTER = 250, /* RFC 8305, 5 */
	AT_ONCE = 250,
	FILLERS = 3,
	KINDS_OF_ADDRESS = 2,
};

enum behaviour {
	GOOD,
	DEAD, /* refuses */
	DEAF, /* drops what would connect, as a firewall does: its queue is full */
};

/* On 127.0.0.1 or ::1, with a port of its own. */
struct peer {
	enum behaviour how;
	bool six;
	struct sockaddr_ip address;
	int listener;
	int fill[FILLERS];
};

static void find_address(struct peer *p)
{
	p->address.len = p->six ? sizeof p->address.at.in6 : sizeof p->address.at.in;
	assert_int_equal(getsockname(p->listener, &p->address.at.any, &p->address.len), 0);
}

static void start(struct peer *p)
{
	int family = p->six ? AF_INET6 : AF_INET;
	assert_true(sockaddr_parse(p->six ? "::1" : "127.0.0.1", 0, &p->address));
	p->listener = socket(family, SOCK_STREAM, 0);
	assert_int_equal(bind(p->listener, &p->address.at.any, p->address.len), 0);
	find_address(p);
	if (p->how != DEAD)
		assert_int_equal(listen(p->listener, p->how == DEAF ? 0 : 10), 0);
	for (int i = 0; i < FILLERS; i++) {
		p->fill[i] = socket(family, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (p->how == DEAF)
			connect(p->fill[i], &p->address.at.any, p->address.len);
	}
}

static void stop(struct peer *p)
{
	for (int i = 0; i < FILLERS; i++)
		close(p->fill[i]);
	close(p->listener);
}

/* The port at the other end of S. */
static unsigned port_of(const struct stream *s)
{
	struct sockaddr_ip a = { .len = sizeof a.at };
	assert_int_equal(getpeername(s->ops->fd(s), &a.at.any, &a.len), 0);
	return a.at.any.sa_family == AF_INET6 ? a.at.in6.sin6_port : a.at.in.sin_port;
}

static unsigned port_at(const struct sockaddr_ip *a)
{
	return a->at.any.sa_family == AF_INET6 ? a->at.in6.sin6_port : a->at.in.sin_port;
}

static int open_descriptors(void)
{
	int count = 0;
	for (int fd = 0; fd < 100; fd++)
		count += fcntl(fd, F_GETFD) >= 0;
	return count;
}

/* The `ms` are those from the first try to the connection, or to giving up. */
static const struct {
	const char *name;
	struct peer peers[4];
	size_t count;
	int winner; /* -1: nobody */
	int64_t ms;
	int sys;
	size_t tried; /* of the peers */
} races[] = {
	{ "one that is there", { { .how = GOOD } }, 1, 0, 0, 0, 1 },
	{ "one that refuses", { { .how = DEAD } }, 1, -1, 0, ECONNREFUSED, 1 },
	{ "one that is deaf", { { .how = DEAF } }, 1, -1, 1000, ETIMEDOUT, 1 },
	{ "the first of two", { { .how = GOOD }, { .how = GOOD } }, 2, 0, 0, 0, 1 },
	{ "refused: the next at once", { { .how = DEAD }, { .how = GOOD } }, 2, 1, 0, 0, 2 },
	{ "deaf: the next after a moment",
	  { { .how = DEAF }, { .how = GOOD } },
	  2,
	  1,
	  TRIED_AFTER,
	  0,
	  2 },
	{ "two that are deaf",
	  { { .how = DEAF }, { .how = DEAF }, { .how = GOOD } },
	  3,
	  2,
	  2 * TRIED_AFTER,
	  0,
	  3 },
	{ "a refusal while one is deaf",
	  { { .how = DEAF }, { .how = DEAD }, { .how = GOOD } },
	  3,
	  2,
	  TRIED_AFTER,
	  0,
	  3 },
	{ "deaf and refusing: the last word is that nobody answered",
	  { { .how = DEAF }, { .how = DEAD } },
	  2,
	  -1,
	  1000,
	  ETIMEDOUT,
	  2 },
	{ "the other family takes its turn before the second of the first",
	  { { .how = DEAF, .six = true }, { .how = DEAF, .six = true }, { .how = GOOD } },
	  3,
	  2,
	  TRIED_AFTER,
	  0,
	  2 },
	{ "the first family comes first",
	  { { .how = GOOD }, { .how = GOOD, .six = true } },
	  2,
	  0,
	  0,
	  0,
	  1 },
	{ "IPv6 first, if the list says so",
	  { { .how = GOOD, .six = true }, { .how = GOOD } },
	  2,
	  0,
	  0,
	  0,
	  1 },
};

struct heard {
	size_t tried;
	size_t failed;
};

static void count_note(void *context, enum tap_kind kind, struct slice text)
{
	struct heard *heard = context;
	assert_int_equal(kind, TAP_NOTE);
	if (slice_starts_nocase(text, "connecting to x.test port 25 ("))
		heard->tried++;
	if (slice_starts_nocase(text, "cannot connect: "))
		heard->failed++;
}

/* The last failure is the caller's to tell. */
static void assert_heard(const struct heard *heard, size_t i)
{
	if (heard->tried != races[i].tried)
		fail_msg("%s: %zu were tried", races[i].name, heard->tried);
	if (races[i].winner < 0 && heard->failed != heard->tried - 1)
		fail_msg("%s: %zu failures were told", races[i].name, heard->failed);
}

static void assert_race(const struct happy *h, const struct addresses *list, size_t i)
{
	struct stream *s = NULL;
	struct status st = { 0 };
	int before = open_descriptors();
	int64_t began = clock_now();
	int result = happy_connect(h, list, &s, &st);
	int64_t took = clock_now() - began;
	if (took < races[i].ms || took >= races[i].ms + AT_ONCE)
		fail_msg("%s: it took %lld ms", races[i].name, (long long)took);
	if ((result == 0) != (races[i].winner >= 0))
		fail_msg("%s: %s", races[i].name, st.text);
	if (result == 0 && port_of(s) != port_at(&list->at[races[i].winner]))
		fail_msg("%s: somebody else won", races[i].name);
	if (open_descriptors() - before != (result == 0))
		fail_msg("%s: losers are left open", races[i].name);
	if (st.sys != races[i].sys && result != 0)
		fail_msg("%s: %s", races[i].name, st.text);
	stream_free(s);
}

static void test_races(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(races); i++) {
		struct peer peers[4];
		struct addresses list = { .count = races[i].count };
		struct heard heard = { 0 };
		const struct tap tap = { count_note, &heard };
		const struct happy h = {
			.name = "x.test",
			.port = 25,
			.timeout = 1,
			.deadline = clock_in(60),
			.tap = &tap,
		};
		for (size_t p = 0; p < list.count; p++) {
			peers[p] = races[i].peers[p];
			start(&peers[p]);
			list.at[p] = peers[p].address;
		}
		assert_race(&h, &list, i);
		assert_heard(&heard, i);
		for (size_t p = 0; p < list.count; p++)
			stop(&peers[p]);
	}
}

static void test_the_deadline_for_all_is_kept(void **state)
{
	(void)state;
	struct peer peers[KINDS_OF_ADDRESS] = { { .how = DEAF }, { .how = DEAF, .six = true } };
	struct addresses list = { .count = KINDS_OF_ADDRESS };
	struct stream *s;
	struct status st;
	for (size_t i = 0; i < list.count; i++) {
		start(&peers[i]);
		list.at[i] = peers[i].address;
	}
	int64_t began = clock_now();
	struct happy h = { .name = "x", .timeout = 60, .deadline = began + 400 };
	assert_int_equal(happy_connect(&h, &list, &s, &st), -1);
	assert_in_range(clock_now() - began, 400, 400 + AT_ONCE);
	assert_int_equal(st.kind, STATUS_TEMPORARY);
	assert_int_equal(st.stage, STAGE_CONNECT);
	assert_non_null(strstr(st.text, "no answer from"));
	for (size_t i = 0; i < list.count; i++)
		stop(&peers[i]);
}

static void test_source_address(void **state)
{
	(void)state;
	struct peer peer = { .how = GOOD };
	struct addresses list = { .count = 1 };
	struct sockaddr_ip source, seen = { .len = sizeof seen.at };
	struct stream *s;
	struct status st;
	start(&peer);
	list.at[0] = peer.address;
	struct happy h = {
		.name = "x", .source = &source, .timeout = 1, .deadline = clock_in(9)
	};
	assert_true(sockaddr_parse("127.0.0.9", 0, &source));
	assert_int_equal(happy_connect(&h, &list, &s, &st), 0);
	assert_int_equal(getsockname(s->ops->fd(s), &seen.at.any, &seen.len), 0);
	assert_int_equal(seen.at.in.sin_addr.s_addr, source.at.in.sin_addr.s_addr);
	stream_free(s);
	assert_true(sockaddr_parse("192.0.2.1", 0, &source));
	assert_int_equal(happy_connect(&h, &list, &s, &st), -1);
	assert_int_equal(st.sys, EADDRNOTAVAIL);
	assert_non_null(strstr(st.text, "cannot use source-address 192.0.2.1"));
	stop(&peer);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_races),
		cmocka_unit_test(test_the_deadline_for_all_is_kept),
		cmocka_unit_test(test_source_address),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
