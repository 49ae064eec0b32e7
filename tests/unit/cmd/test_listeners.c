/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/listeners.h"

#include "base/process.h"
#include "scratch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

/* A socket at a free port of 127.0.0.1, not listening. */
static int bind_any(unsigned *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(fd, (const struct sockaddr *)&a, len), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&a, &len), 0);
	*port = ntohs(a.sin_port);
	return fd;
}

static unsigned free_port(void)
{
	unsigned port;
	close(bind_any(&port));
	return port;
}

static int open_text(struct listeners *l, struct status *st, const char *format, unsigned port)
{
	struct strings texts = { 0 };
	struct buf text = { 0 };
	buf_addf(&text, "%s:%u", format, port);
	strings_add(&texts, buf_str(&text));
	int result = listeners_open(l, &texts, st);
	strings_release(&texts);
	buf_release(&text);
	return result;
}

static void somebody_can_connect(void **state)
{
	(void)state;
	struct listeners l = { 0 };
	struct status st;
	unsigned port = free_port();
	assert_int_equal(open_text(&l, &st, "127.0.0.1", port), 0);
	assert_int_equal(l.count, 1);
	assert_int_equal(l.at[0].kind, LISTENER_SMTP);
	assert_true(fcntl(l.at[0].fd, F_GETFL) & O_NONBLOCK);
	assert_true(fcntl(l.at[0].fd, F_GETFD) & FD_CLOEXEC);
	struct sockaddr_in a = { .sin_family = AF_INET,
				 .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int client = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(client, (const struct sockaddr *)&a, sizeof a), 0);
	close(client);
	int fd = l.at[0].fd;
	listeners_release(&l);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_int_equal(l.count, 0);
	/* At once, though a connection has been there. */
	assert_int_equal(open_text(&l, &st, "127.0.0.1", port), 0);
	listeners_release(&l);
}

/* Without an address it is this host alone, by the versions of IP that it has. */
static void the_loopback_addresses(void **state)
{
	(void)state;
	struct listeners l = { 0 };
	struct status st;
	assert_int_equal(open_text(&l, &st, "", free_port()), 0);
	assert_in_range(l.count, 1, 2);
	for (size_t i = 0; i < l.count; i++) {
		struct sockaddr_in6 a = { 0 };
		socklen_t len = sizeof a;
		assert_int_equal(getsockname(l.at[i].fd, (struct sockaddr *)&a, &len), 0);
		if (a.sin6_family == AF_INET6)
			assert_true(IN6_IS_ADDR_LOOPBACK(&a.sin6_addr));
		else
			assert_int_equal(((struct sockaddr_in *)&a)->sin_addr.s_addr,
					 htonl(INADDR_LOOPBACK));
	}
	listeners_release(&l);
}

static void what_cannot_be_had(void **state)
{
	(void)state;
	struct listeners l = { 0 };
	struct status st;
	unsigned port;
	int taken = bind_any(&port);
	assert_int_equal(listen(taken, 1), 0);
	assert_int_equal(open_text(&l, &st, "127.0.0.1", port), -1);
	assert_int_equal(st.kind, STATUS_SYSTEM);
	assert_int_equal(st.sys, EADDRINUSE);
	assert_non_null(strstr(st.text, "127.0.0.1:"));
	assert_int_equal(open_text(&l, &st, "192.0.2.1", port), -1);
	assert_int_equal(st.sys, EADDRNOTAVAIL);
	assert_int_equal(open_text(&l, &st, "somewhere.test", port), -1);
	assert_int_equal(st.kind, STATUS_BAD_USAGE);
	assert_int_equal(l.count, 0);
	close(taken);
}

static void no_sockets_were_passed(void **state)
{
	(void)state;
	struct listeners l = { 0 };
	struct status st;
	unsetenv("LISTEN_PID");
	assert_int_equal(listeners_take_passed(&l, &st), 0);
	assert_int_equal(l.count, 0);
	setenv("LISTEN_PID", "1", 1);
	setenv("LISTEN_FDS", "3", 1);
	assert_int_equal(listeners_take_passed(&l, &st), 0);
	assert_int_equal(l.count, 0);
	listeners_release(&l);
}

/* They begin at descriptor 3, where cmocka has its own; so this is for a process of its own. */
static bool pass_two(const char *path)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	char pid[16];
	unsigned port;
	for (int fd = 3; fd < 100; fd++)
		close(fd);
	memcpy(a.sun_path, path, strlen(path) + 1);
	snprintf(pid, sizeof pid, "%d", (int)getpid());
	setenv("LISTEN_PID", pid, 1);
	setenv("LISTEN_FDS", "2", 1);
	return socket(AF_UNIX, SOCK_STREAM, 0) == 3 &&
	       bind(3, (const struct sockaddr *)&a, sizeof a) == 0 && listen(3, 1) == 0 &&
	       bind_any(&port) == 4 && listen(4, 1) == 0;
}

static int take_two(const char *path)
{
	struct listeners l = { 0 };
	struct status st;
	if (!pass_two(path))
		return 1;
	if (listeners_take_passed(&l, &st) != 0 || l.count != 2)
		return 2;
	if (l.at[0].fd != 3 || l.at[0].kind != LISTENER_SUBMIT)
		return 3;
	if (l.at[1].fd != 4 || l.at[1].kind != LISTENER_SMTP)
		return 4;
	if (getenv("LISTEN_FDS") != NULL)
		return 5;
	if (listeners_find(&l, LISTENER_SUBMIT) != 3 || listeners_find(&l, LISTENER_SMTP) != 4)
		return 6;
	listeners_release(&l);
	return listeners_find(&l, LISTENER_SMTP) == -1 ? 0 : 7;
}

static void sockets_that_were_passed(void **state)
{
	(void)state;
	struct scratch dir;
	scratch_open(&dir);
	const char *path = scratch_path(&dir, "submit");
	pid_t child = process_fork();
	if (child == 0)
		_exit(take_two(path));
	assert_int_equal(process_wait(child), 0);
	scratch_close(&dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(somebody_can_connect),
		cmocka_unit_test(the_loopback_addresses),
		cmocka_unit_test(what_cannot_be_had),
		cmocka_unit_test(no_sockets_were_passed),
		cmocka_unit_test(sockets_that_were_passed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
