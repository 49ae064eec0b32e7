/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void ends(void **state)
{
	static const int codes[] = { 0, 1, 75, 255, -SIGKILL, -SIGTERM };
	(void)state;
	for (size_t i = 0; i < sizeof codes / sizeof *codes; i++) {
		pid_t child = process_fork();
		assert_true(child >= 0);
		if (child == 0 && codes[i] < 0)
			raise(-codes[i]);
		if (child == 0)
			_exit(codes[i]);
		assert_int_equal(process_wait(child), codes[i]);
	}
	assert_int_equal(process_wait(getpid()), 0);
}

static void note(int number)
{
	(void)number;
}

/* A signal that comes while we wait is not the end of the child. */
static void signals_while_we_wait(void **state)
{
	(void)state;
	const struct sigaction action = { .sa_handler = note };
	assert_int_equal(sigaction(SIGUSR1, &action, NULL), 0);
	pid_t child = process_fork();
	if (child == 0) {
		usleep(50 * 1000);
		kill(getppid(), SIGUSR1);
		usleep(50 * 1000);
		_exit(7);
	}
	assert_int_equal(process_wait(child), 7);
	signal(SIGUSR1, SIG_DFL);
}

/* 0 if nothing of the caller's is left but its folder. */
static int look_around(dev_t dev, ino_t folder)
{
	struct stat null, here, facts;
	process_detach();
	if (stat("/dev/null", &null) != 0 || stat(".", &here) != 0)
		return 1;
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fstat(fd, &facts) != 0 || facts.st_rdev != null.st_rdev)
			return 2;
	}
	if (fcntl(STDERR_FILENO + 1, F_GETFD) >= 0)
		return 3;
	if (getsid(0) != getpid())
		return 4;
	return here.st_dev == dev && here.st_ino == folder ? 0 : 5;
}

static void nothing_ties_it_to_the_caller(void **state)
{
	(void)state;
	struct stat here;
	assert_int_equal(stat(".", &here), 0);
	pid_t child = process_fork();
	if (child == 0) {
		for (int fd = STDERR_FILENO + 1; fd < 100; fd++)
			close(fd);
		_exit(look_around(here.st_dev, here.st_ino));
	}
	assert_int_equal(process_wait(child), 0);
}

static void the_dead_are_buried(void **state)
{
	(void)state;
	int pipes[2];
	char end;
	assert_int_equal(pipe(pipes), 0);
	process_bury();
	for (size_t i = 0; i < 5; i++) {
		if (process_fork() == 0)
			_exit(0);
	}
	pid_t living = process_fork();
	if (living == 0) {
		close(pipes[1]);
		_exit(read(pipes[0], &end, 1) == 0 ? 9 : 8);
	}
	for (size_t i = 0; i < 40; i++) {
		process_bury();
		usleep(5 * 1000);
	}
	siginfo_t dead = { 0 };
	assert_int_equal(waitid(P_ALL, 0, &dead, WEXITED | WNOHANG | WNOWAIT), 0);
	assert_int_equal(dead.si_pid, 0);
	close(pipes[0]);
	close(pipes[1]);
	assert_int_equal(process_wait(living), 9);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends),
		cmocka_unit_test(signals_while_we_wait),
		cmocka_unit_test(nothing_ties_it_to_the_caller),
		cmocka_unit_test(the_dead_are_buried),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
