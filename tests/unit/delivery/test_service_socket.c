/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/service_socket.h"

#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

/* Making it and connecting to it, at the one path there is, tests/e2e/test_service.py does. */

static const struct {
	int domain, type;
	bool bound, listens;
	bool is_one;
} cases[] = {
	{ AF_UNIX, SOCK_STREAM, true, true, true },
	{ AF_UNIX, SOCK_STREAM, true, false, false },
	{ AF_UNIX, SOCK_STREAM, false, false, false },
	{ AF_UNIX, SOCK_SEQPACKET, true, true, false },
	{ AF_UNIX, SOCK_DGRAM, true, false, false },
	{ AF_INET, SOCK_STREAM, false, true, false },
	{ AF_INET, SOCK_DGRAM, false, false, false },
};

static void what_is_such_a_socket(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct scratch scratch;
		struct sockaddr_un name = { .sun_family = AF_UNIX };
		scratch_open(&scratch);
		const char *path = scratch_path(&scratch, "socket");
		memcpy(name.sun_path, path, strlen(path) + 1);
		int fd = socket(cases[i].domain, cases[i].type | SOCK_CLOEXEC, 0);
		assert_true(fd >= 0);
		if (cases[i].bound)
			assert_int_equal(bind(fd, (struct sockaddr *)&name, sizeof name), 0);
		if (cases[i].listens)
			assert_int_equal(listen(fd, 1), 0);
		if (service_socket_is(fd) != cases[i].is_one)
			fail_msg("case %zu", i);
		close(fd);
		scratch_close(&scratch);
	}
	assert_false(service_socket_is(-1));
	assert_false(service_socket_is(STDIN_FILENO));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_such_a_socket),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
