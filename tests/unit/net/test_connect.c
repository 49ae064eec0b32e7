/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/connect.h"

#include "base/clock.h"
#include "scratch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

/* A listener on a free port of 127.0.0.1, with room for BACKLOG connections. */
static int listen_anywhere(int backlog, uint16_t *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET };
	socklen_t len = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_true(fd >= 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(listen(fd, backlog), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

static struct connect_settings settings_of(int64_t timeout)
{
	return (struct connect_settings){
		.family = AF_UNSPEC,
		.timeout = timeout,
		.deadline = clock_in(20),
	};
}

static void hear(void *context, enum tap_kind kind, struct slice text)
{
	struct buf *heard = context;
	assert_int_equal(kind, TAP_NOTE);
	buf_add_slice(heard, text);
	buf_add_char(heard, '\n');
}

static void a_listener_is_talked_to(void **state)
{
	(void)state;
	uint16_t port;
	int listener = listen_anywhere(5, &port);
	struct connect_settings settings = settings_of(5);
	struct buf heard = { 0 }, literal = { 0 };
	struct tap tap = { hear, &heard };
	struct stream *s;
	struct slice line;
	struct status st;
	assert_int_equal(connect_host("127.0.0.1", port, &settings, &tap, &s, &st), 0);
	assert_non_null(strstr(buf_str(&heard), "127.0.0.1"));
	connect_local_literal(s->ops->fd(s), &literal);
	assert_string_equal(buf_str(&literal), "[127.0.0.1]");
	int peer = accept(listener, NULL, NULL);
	assert_int_equal(write(peer, "220 hi\r\n", 8), 8);
	stream_set_deadline(s, clock_in(5));
	assert_int_equal(stream_getline(s, 100, &line, &st), 0);
	assert_true(slice_is(line, "220 hi"));
	stream_free(s);
	close(peer);
	close(listener);
	buf_release(&heard);
	buf_release(&literal);
}

static void nobody_there_is_said_at_once(void **state)
{
	(void)state;
	uint16_t port;
	struct connect_settings settings = settings_of(5);
	struct stream *s;
	struct status st;
	close(listen_anywhere(1, &port));
	assert_int_equal(connect_host("127.0.0.1", port, &settings, NULL, &s, &st), -1);
	assert_int_equal(st.kind, STATUS_TEMPORARY);
	assert_int_equal(st.stage, STAGE_CONNECT);
	assert_int_equal(st.sys, ECONNREFUSED);
}

static void a_silent_server_is_waited_for_so_long(void **state)
{
	(void)state;
	uint16_t port;
	int listener = listen_anywhere(5, &port);
	struct connect_settings settings = settings_of(5);
	struct stream *s;
	struct slice line;
	struct status st;
	assert_int_equal(connect_host("127.0.0.1", port, &settings, NULL, &s, &st), 0);
	stream_set_deadline(s, clock_now() + 50);
	assert_int_equal(stream_getline(s, 100, &line, &st), -1);
	assert_int_equal(st.sys, ETIMEDOUT);
	stream_free(s);
	close(listener);
}

/* A full backlog: the kernel answers nothing, as a firewall does. */
static void no_answer_at_all_has_an_end(void **state)
{
	(void)state;
	uint16_t port;
	int listener = listen_anywhere(0, &port);
	struct connect_settings settings = settings_of(1);
	struct stream *s, *others[4];
	struct status st;
	size_t count = 0;
	int64_t start = clock_now();
	while (count < 4 &&
	       connect_host("127.0.0.1", port, &settings, NULL, &others[count], &st) == 0)
		count++;
	if (count == 4)
		skip();
	assert_int_equal(st.kind, STATUS_TEMPORARY);
	assert_int_equal(st.stage, STAGE_CONNECT);
	assert_true(clock_now() - start >= 900 && clock_now() - start < 10000);
	settings.deadline = clock_now() - 1;
	assert_int_equal(connect_host("127.0.0.1", port, &settings, NULL, &s, &st), -1);
	while (count > 0)
		stream_free(others[--count]);
	close(listener);
}

static void the_source_address_is_ours_to_choose(void **state)
{
	(void)state;
	uint16_t port;
	int listener = listen_anywhere(5, &port);
	struct connect_settings settings = settings_of(5);
	struct buf literal = { 0 };
	struct stream *s;
	struct status st;
	settings.source_address = "127.0.0.9";
	assert_int_equal(connect_host("127.0.0.1", port, &settings, NULL, &s, &st), 0);
	connect_local_literal(s->ops->fd(s), &literal);
	assert_string_equal(buf_str(&literal), "[127.0.0.9]");
	stream_free(s);
	settings.source_address = "192.0.2.1";
	assert_int_equal(connect_host("127.0.0.1", port, &settings, NULL, &s, &st), -1);
	assert_non_null(strstr(st.text, "192.0.2.1"));
	settings.source_address = NULL;
	settings.family = AF_INET6;
	assert_int_equal(connect_host("127.0.0.1", port, &settings, NULL, &s, &st), -1);
	close(listener);
	buf_release(&literal);
}

static void sockets_have_paths(void **state)
{
	(void)state;
	struct scratch dir;
	struct connect_settings settings = settings_of(5);
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	struct stream *s;
	struct status st;
	struct buf literal = { 0 };
	scratch_open(&dir);
	const char *path = scratch_path(&dir, "socket");
	assert_int_equal(connect_unix(path, &settings, NULL, &s, &st), -1);
	assert_int_equal(st.sys, ENOENT);
	assert_int_equal(st.stage, STAGE_CONNECT);
	assert_int_equal(st.kind, STATUS_TEMPORARY);
	int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	memcpy(a.sun_path, path, strlen(path) + 1);
	assert_int_equal(bind(listener, (const struct sockaddr *)&a, sizeof a), 0);
	assert_int_equal(connect_unix(path, &settings, NULL, &s, &st), -1);
	assert_int_equal(st.sys, ECONNREFUSED);
	assert_int_equal(listen(listener, 5), 0);
	assert_int_equal(connect_unix(path, &settings, NULL, &s, &st), 0);
	connect_local_literal(s->ops->fd(s), &literal);
	assert_string_equal(buf_str(&literal), "[127.0.0.1]");
	stream_free(s);
	close(listener);
	buf_release(&literal);
	scratch_close(&dir);
}

static void a_path_may_be_too_long(void **state)
{
	(void)state;
	struct connect_settings settings = settings_of(5);
	struct stream *s;
	struct status st;
	char path[200];
	memset(path, 'x', sizeof path - 1);
	path[sizeof path - 1] = '\0';
	assert_int_equal(connect_unix(path, &settings, NULL, &s, &st), -1);
	assert_int_equal(st.kind, STATUS_BAD_CONFIG);
}

static void addresses_become_literals(void **state)
{
	(void)state;
	static const char *const cases[][2] = {
		{ "192.0.2.1", "[192.0.2.1]" },   { "2001:db8::1", "[IPv6:2001:db8::1]" },
		{ "mx.example", "mx.example" },   { "192.0.2", "192.0.2" },
		{ "[192.0.2.1]", "[192.0.2.1]" }, { "", "" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf out = { 0 };
		connect_literal(cases[i][0], &out);
		assert_string_equal(buf_str(&out), cases[i][1]);
		buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_listener_is_talked_to),
		cmocka_unit_test(nobody_there_is_said_at_once),
		cmocka_unit_test(a_silent_server_is_waited_for_so_long),
		cmocka_unit_test(no_answer_at_all_has_an_end),
		cmocka_unit_test(the_source_address_is_ours_to_choose),
		cmocka_unit_test(sockets_have_paths),
		cmocka_unit_test(a_path_may_be_too_long),
		cmocka_unit_test(addresses_become_literals),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
