/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/input.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void ring(int signal)
{
	(void)signal;
}

/* A child of ours sends us a signal, then writes "late" into the pipe. */
static pid_t write_late(const int ends[2])
{
	pid_t child = fork();
	if (child == 0) {
		usleep(20000);
		kill(getppid(), SIGUSR1);
		usleep(20000);
		_exit(write(ends[1], "late", 4) == 4 ? 0 : 1);
	}
	return child;
}

static void a_late_writer_is_waited_for(void **state)
{
	(void)state;
	struct sigaction action = { .sa_handler = ring };
	assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
	for (int flags = 0; flags < 2; flags++) {
		int ends[2];
		char bytes[10];
		assert_int_equal(pipe2(ends, flags == 0 ? 0 : O_NONBLOCK), 0);
		pid_t child = write_late(ends);
		assert_int_equal(input_read(ends[0], bytes, sizeof bytes), 4);
		assert_memory_equal(bytes, "late", 4);
		assert_int_equal(waitpid(child, NULL, 0), child);
		close(ends[1]);
		assert_int_equal(input_read(ends[0], bytes, sizeof bytes), 0);
		close(ends[0]);
	}
}

static void an_error_is_one(void **state)
{
	(void)state;
	char byte;
	int folder = open("/", O_RDONLY | O_CLOEXEC);
	assert_int_equal(input_read(folder, &byte, 1), -1);
	assert_int_equal(errno, EISDIR);
	close(folder);
	assert_int_equal(input_read(-1, &byte, 1), -1);
	assert_int_equal(errno, EBADF);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_late_writer_is_waited_for),
		cmocka_unit_test(an_error_is_one),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
