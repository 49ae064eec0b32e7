/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/dial.h"

#include "base/clock.h"
#include "net/sockaddr.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { SOON = 300 };

/* A socket of TYPE on loopback, and where it is. */
static int listen_here(int type, struct sockaddr_ip *where)
{
	assert_true(sockaddr_parse("127.0.0.1", 0, where));
	int fd = socket(AF_INET, type | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(fd, &where->at.any, where->len), 0);
	assert_int_equal(getsockname(fd, &where->at.any, &where->len), 0);
	return fd;
}

static int dial_soon(int type, const struct sockaddr_ip *to, struct stream **s,
		     struct status *st)
{
	return dial(type, &to->at.any, to->len, clock_now() + SOON, s, st);
}

static void test_connection(void **state)
{
	(void)state;
	struct sockaddr_ip here;
	struct stream *s;
	struct status st;
	struct slice line;
	int listener = listen_here(SOCK_STREAM, &here);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(dial_soon(SOCK_STREAM, &here, &s, &st), 0);
	int fd = accept(listener, NULL, NULL);
	assert_int_equal(write(fd, "hello\n", 6), 6);
	assert_int_equal(stream_getline(s, 10, &line, &st), 0);
	assert_true(slice_is(line, "hello"));
	assert_int_equal(stream_getline(s, 10, &line, &st), -1);
	assert_int_equal(st.sys, ETIMEDOUT);
	stream_free(s);
	close(fd);
	close(listener);
	assert_int_equal(dial_soon(SOCK_STREAM, &here, &s, &st), -1);
	assert_int_equal(st.kind, STATUS_TEMPORARY);
	assert_int_equal(st.sys, ECONNREFUSED);
}

/* A listener whose queue is full lets a connection wait. */
static void test_no_answer(void **state)
{
	(void)state;
	struct sockaddr_ip here;
	struct stream *taken[8] = { NULL };
	struct status st;
	int result = 0, listener = listen_here(SOCK_STREAM, &here);
	assert_int_equal(listen(listener, 0), 0);
	for (size_t i = 0; i < 8 && result == 0; i++)
		result = dial_soon(SOCK_STREAM, &here, &taken[i], &st);
	assert_int_equal(result, -1);
	assert_int_equal(st.kind, STATUS_TEMPORARY);
	assert_int_equal(st.sys, ETIMEDOUT);
	for (size_t i = 0; i < 8; i++)
		stream_free(taken[i]);
	close(listener);
}

/* One packet a flush; and those of anybody but the peer do not come in. */
static void test_packets(void **state)
{
	(void)state;
	struct sockaddr_ip here, other, from;
	struct stream *s;
	struct status st;
	struct slice bytes;
	char packet[16];
	int fd = listen_here(SOCK_DGRAM, &here), stranger = listen_here(SOCK_DGRAM, &other);
	assert_int_equal(dial_soon(SOCK_DGRAM, &here, &s, &st), 0);
	for (int i = 0; i < 2; i++) {
		stream_put(s, "ask", 3);
		assert_int_equal(stream_flush(s, &st), 0);
	}
	from.len = sizeof from.at;
	for (int i = 0; i < 2; i++)
		assert_int_equal(recvfrom(fd, packet, sizeof packet, 0, &from.at.any,
					  &from.len),
				 3);
	assert_int_equal(sendto(stranger, "lie", 3, 0, &from.at.any, from.len), 3);
	assert_int_equal(sendto(fd, "truth", 5, 0, &from.at.any, from.len), 5);
	assert_int_equal(stream_get(s, &bytes, &st), 0);
	assert_true(slice_is(bytes, "truth"));
	stream_free(s);
	close(fd);
	close(stranger);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_connection),
		cmocka_unit_test(test_no_answer),
		cmocka_unit_test(test_packets),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
