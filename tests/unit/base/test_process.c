/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
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
		assert_true(process_wait(child) < 0);
	}
	assert_true(process_wait(getpid()) < 0);
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

/* Make the calls that NUMBERS has, up to a 0, fail from here on, as old kernels do. */
static bool take_away(const unsigned *numbers)
{
	struct sock_filter filter[16] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
	};
	struct sock_fprog program = { .len = 1, .filter = filter };
	for (; *numbers != 0; numbers++) {
		filter[program.len++] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, *numbers, 0, 1);
		filter[program.len++] =
			(struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
						     SECCOMP_RET_ERRNO | ENOSYS);
	}
	filter[program.len++] =
		(struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
	       prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

enum { NONE_LEFT, SOME_LEFT, CANNOT_TELL };

/* In a child. */
static int close_all_but(int kept, const unsigned *numbers)
{
	enum { LAST = 60 };
	const struct rlimit few = { 100, 100 };
	for (int fd = STDERR_FILENO + 1; fd <= LAST; fd++)
		dup2(STDIN_FILENO, fd);
	setrlimit(RLIMIT_NOFILE, &few);
	if (!take_away(numbers))
		return CANNOT_TELL;
	process_close_others(kept);
	for (int fd = 0; fd <= LAST; fd++) {
		if (is_open(fd) != (fd <= STDERR_FILENO || fd == kept))
			return SOME_LEFT;
	}
	return NONE_LEFT;
}

/* Also where the kernel has no close_range, and where there is no /proc besides. */
static void all_others_are_closed(void **state)
{
	static const unsigned gone[][3] = {
		{ 0 },
		{ SYS_close_range },
		{ SYS_close_range, SYS_openat },
	};
	static const int kept[] = { 3, 4, 20, 60 };
	(void)state;
	for (size_t i = 0; i < sizeof gone / sizeof *gone; i++) {
		for (size_t k = 0; k < sizeof kept / sizeof *kept; k++) {
			pid_t child = process_fork();
			if (child == 0)
				_exit(close_all_but(kept[k], gone[i]));
			int code = process_wait(child);
			if (code == CANNOT_TELL)
				skip();
			if (code != NONE_LEFT)
				fail_msg("case %zu, kept %d", i, kept[k]);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ends),
		cmocka_unit_test(signals_while_we_wait),
		cmocka_unit_test(nothing_ties_it_to_the_caller),
		cmocka_unit_test(the_dead_are_buried),
		cmocka_unit_test(all_others_are_closed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
