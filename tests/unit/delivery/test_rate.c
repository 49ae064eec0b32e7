/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/rate.h"

#include "base/clock.h"
#include "base/crc32c.h"
#include "delivery/round.h"

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/file.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { NOW = 1800000000 };

static int64_t take(const struct round *r, char *name, int64_t rate)
{
	const struct account a = { .name = name, .rate = rate };
	return rate_take(&r->at->queue, &a);
}

static const char *ring(const struct round *r, const char *name)
{
	char file[40];
	snprintf(file, sizeof file, "queue/rate-%08" PRIx32, crc32c(0, slice_of(name)));
	return scratch_path(&r->at->scratch, file);
}

static char work[] = "work", play[] = "play";

static void so_many_a_minute(void **state)
{
	struct round *r = *state;
	clock_set_wall(NOW);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(take(r, work, 3), 0);
	assert_int_equal(take(r, work, 3), 61);
	clock_set_wall(NOW + 50);
	assert_int_equal(take(r, work, 3), 11);
	assert_int_equal(take(r, play, 1), 0);
	assert_int_equal(take(r, play, 1), 61);
	clock_set_wall(NOW + 60);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(take(r, work, 3), 0);
	assert_int_equal(take(r, work, 3), 61);
}

/* The window slides: it is no bucket that is emptied at once. */
static void any_minute_counts(void **state)
{
	struct round *r = *state;
	for (int i = 0; i < 40; i++) {
		clock_set_wall(NOW + 20 * i);
		assert_int_equal(take(r, work, 3), 0);
		if (i >= 2)
			assert_int_equal(take(r, work, 3), 21);
	}
}

static void no_limit(void **state)
{
	struct round *r = *state;
	for (size_t i = 0; i < 100; i++)
		assert_int_equal(take(r, work, 0), 0);
	assert_int_not_equal(access(ring(r, work), F_OK), 0);
	assert_int_equal(take(r, work, 1), 0);
	assert_int_equal(access(ring(r, work), F_OK), 0);
}

static void another_limit_begins_anew(void **state)
{
	struct round *r = *state;
	clock_set_wall(NOW);
	assert_int_equal(take(r, work, 1), 0);
	assert_int_equal(take(r, work, 1), 61);
	assert_int_equal(take(r, work, 2), 0);
	assert_int_equal(take(r, work, 2), 0);
	assert_int_equal(take(r, work, 2), 61);
	assert_int_equal(take(r, work, 1), 0);
	assert_int_equal(take(r, work, 1), 61);
}

static void a_clock_that_was_wrong_stops_nobody(void **state)
{
	struct round *r = *state;
	clock_set_wall(NOW + 1000000);
	assert_int_equal(take(r, work, 2), 0);
	assert_int_equal(take(r, work, 2), 0);
	clock_set_wall(NOW);
	assert_int_equal(take(r, work, 2), 0);
	assert_int_equal(take(r, work, 2), 0);
	assert_int_equal(take(r, work, 2), 61);
}

static void what_cannot_be_counted_may_go(void **state)
{
	struct round *r = *state;
	const struct queue nowhere = { .fd = -1 };
	const struct account a = { .name = work, .rate = 1 };
	assert_int_equal(rate_take(&nowhere, &a), 0);
	assert_int_equal(rate_take(&nowhere, &a), 0);
	(void)r;
}

static void processes_count_together(void **state)
{
	struct round *r = *state;
	enum { PROCESSES = 12, RATE = 5 };
	pid_t children[PROCESSES];
	int passed = 0, how;
	for (size_t i = 0; i < PROCESSES; i++) {
		children[i] = fork();
		if (children[i] == 0)
			_exit(take(r, work, RATE) == 0 ? 1 : 0);
	}
	for (size_t i = 0; i < PROCESSES; i++) {
		assert_int_equal(waitpid(children[i], &how, 0), children[i]);
		passed += WEXITSTATUS(how);
	}
	assert_int_equal(passed, RATE);
}

/* A process that has the ring of PLAY locked, for MS, or until it is killed. */
static pid_t lock_for(const struct round *r, int ms)
{
	int ends[2];
	char ready;
	assert_int_equal(pipe(ends), 0);
	pid_t pid = fork();
	if (pid == 0) {
		int fd = open(ring(r, play), O_RDWR);
		if (flock(fd, LOCK_EX) != 0 || write(ends[1], "", 1) != 1)
			_exit(1);
		poll(NULL, 0, ms);
		_exit(0);
	}
	assert_int_equal(read(ends[0], &ready, 1), 1);
	close(ends[0]);
	close(ends[1]);
	return pid;
}

static void who_was_stopped_stops_nobody(void **state)
{
	struct round *r = *state;
	int how;
	assert_int_equal(take(r, play, 100), 0);
	int64_t start = clock_now();
	pid_t pid = lock_for(r, -1);
	assert_int_equal(take(r, play, 100), 60);
	assert_in_range(clock_now() - start, 1000, 10000);
	assert_int_equal(take(r, work, 100), 0);
	assert_int_equal(kill(pid, SIGKILL), 0);
	assert_int_equal(waitpid(pid, &how, 0), pid);
	assert_int_equal(take(r, play, 100), 0);
}

static void who_is_slow_is_waited_for(void **state)
{
	struct round *r = *state;
	int how;
	assert_int_equal(take(r, play, 100), 0);
	pid_t pid = lock_for(r, 300);
	assert_int_equal(take(r, play, 100), 0);
	assert_int_equal(waitpid(pid, &how, 0), pid);
	assert_int_equal(how, 0);
}

int main(void)
{
#define IN_A_ROUND(f) cmocka_unit_test_setup_teardown(f, round_open, round_close)
	const struct CMUnitTest tests[] = {
		IN_A_ROUND(so_many_a_minute),
		IN_A_ROUND(any_minute_counts),
		IN_A_ROUND(no_limit),
		IN_A_ROUND(another_limit_begins_anew),
		IN_A_ROUND(a_clock_that_was_wrong_stops_nobody),
		IN_A_ROUND(what_cannot_be_counted_may_go),
		IN_A_ROUND(processes_count_together),
		IN_A_ROUND(who_was_stopped_stops_nobody),
		IN_A_ROUND(who_is_slow_is_waited_for),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
