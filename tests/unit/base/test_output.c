/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/output.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { MUCH = 300000 }; /* more than a pipe holds */

/* A child that begins to read late. It ends with 0 if MUCH octets came, each an 'x'. */
static pid_t read_late(const int ends[2])
{
	pid_t child = fork();
	if (child != 0)
		return child;
	char piece[4096];
	size_t seen = 0;
	ssize_t n;
	close(ends[1]);
	usleep(50000);
	while ((n = read(ends[0], piece, sizeof piece)) > 0) {
		for (ssize_t i = 0; i < n; i++)
			seen += piece[i] == 'x';
	}
	_exit(seen == MUCH ? 0 : 1);
}

static void a_late_reader_is_waited_for(void **state)
{
	(void)state;
	char *much = malloc(MUCH);
	assert_non_null(much);
	memset(much, 'x', MUCH);
	for (int flags = 0; flags < 2; flags++) {
		int ends[2], how = -1;
		assert_int_equal(pipe2(ends, flags == 0 ? 0 : O_NONBLOCK), 0);
		fcntl(ends[0], F_SETFL, 0);
		pid_t child = read_late(ends);
		close(ends[0]);
		assert_true(output_write(ends[1], slice_n(much, MUCH)));
		close(ends[1]);
		assert_int_equal(waitpid(child, &how, 0), child);
		assert_int_equal(how, 0);
	}
	free(much);
}

static void who_does_not_read_is_no_trouble(void **state)
{
	(void)state;
	int ends[2];
	signal(SIGPIPE, SIG_IGN);
	assert_int_equal(pipe(ends), 0);
	close(ends[0]);
	assert_false(output_write(ends[1], slice_of("a line\n")));
	assert_int_equal(errno, EPIPE);
	assert_true(output_write(ends[1], slice_of("")));
	close(ends[1]);
	int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	assert_false(output_write(full, slice_of("a line\n")));
	assert_int_equal(errno, ENOSPC);
	close(full);
	assert_false(output_write(-1, slice_of("a line\n")));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_late_reader_is_waited_for),
		cmocka_unit_test(who_does_not_read_is_no_trouble),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
