/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/sandbox.h"

#include "scratch.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

/* What a child says with its exit code: 0 for "as it should be", else one of these, or the
 * number of what went wrong. */
enum { NO_SANDBOX = 100, REFUSED = 101, WRONG_REACH = 102, FIRST_WRONG = 1 };

/* As good as any later one, for what is tried here. */
enum { LATEST = 7 };

static struct scratch world;
static struct sockaddr_in port; /* where somebody listens */
static int listener;

static int make_world(void **state)
{
	(void)state;
	socklen_t len = sizeof port;
	port = (struct sockaddr_in){ .sin_family = AF_INET };
	port.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_int_equal(bind(listener, (struct sockaddr *)&port, sizeof port), 0);
	assert_int_equal(listen(listener, 4), 0);
	assert_int_equal(getsockname(listener, (struct sockaddr *)&port, &len), 0);
	scratch_open(&world);
	scratch_write(&world, "queue/tmp/new", 0600, "text");
	scratch_write(&world, "queue/q/old", 0600, "text");
	scratch_write(&world, "queue/program", 0700, "text");
	scratch_write(&world, "config/file", 0600, "text");
	scratch_write(&world, "outside/file", 0600, "text");
	scratch_write(&world, "outside/writable", 0600, "text");
	return 0;
}

static int release_world(void **state)
{
	(void)state;
	close(listener);
	scratch_close(&world);
	return 0;
}

static int opens(const char *name, int flags)
{
	int fd = open(scratch_path(&world, name), flags | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	close(fd);
	return 0;
}

static int made(int result)
{
	return result == 0 ? 0 : errno;
}

static int reads_config(void)
{
	return opens("config/file", O_RDONLY);
}

static int lists_config(void)
{
	return opens("config", O_RDONLY | O_DIRECTORY);
}

static int writes_config(void)
{
	return opens("config/file", O_WRONLY);
}

static int adds_to_config(void)
{
	return opens("config/more", O_WRONLY | O_CREAT);
}

static int removes_config(void)
{
	return made(unlink(scratch_path(&world, "config/file")));
}

static int truncates_config(void)
{
	return made(truncate(scratch_path(&world, "config/file"), 0));
}

static int reads_outside(void)
{
	return opens("outside/file", O_RDONLY);
}

static int lists_outside(void)
{
	return opens("outside", O_RDONLY | O_DIRECTORY);
}

static int writes_one_outside(void)
{
	return opens("outside/writable", O_RDWR | O_TRUNC);
}

static int reads_queue(void)
{
	return opens("queue/q/old", O_RDONLY);
}

static int lists_queue(void)
{
	return opens("queue/q", O_RDONLY | O_DIRECTORY);
}

static int adds_to_queue(void)
{
	return opens("queue/tmp/newer", O_RDWR | O_CREAT | O_EXCL);
}

static int truncates_in_queue(void)
{
	return made(truncate(scratch_path(&world, "queue/q/old"), 1));
}

static int renames_in_queue(void)
{
	return made(rename(scratch_path(&world, "queue/tmp/new"),
			   scratch_path(&world, "queue/q/new")));
}

static int removes_from_queue(void)
{
	return made(unlink(scratch_path(&world, "queue/q/old")));
}

static int makes_a_folder(void)
{
	return made(mkdir(scratch_path(&world, "queue/failed"), 0700));
}

static int makes_a_pipe(void)
{
	return made(mkfifo(scratch_path(&world, "queue/wake"), 0600));
}

static int makes_a_link(void)
{
	return made(symlink("/etc/passwd", scratch_path(&world, "queue/link")));
}

static int moves_in_from_outside(void)
{
	int errnum = made(rename(scratch_path(&world, "outside/file"),
				 scratch_path(&world, "queue/q/stolen")));
	return errnum == EXDEV ? EACCES : errnum;
}

/* It is no program, so it never starts. */
static int executes(void)
{
	execl(scratch_path(&world, "queue/program"), "program", (char *)NULL);
	return errno;
}

static int connects(void)
{
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int errnum = made(connect(fd, (struct sockaddr *)&port, sizeof port));
	close(fd);
	return errnum;
}

static int listens(void)
{
	struct sockaddr_in any = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	int errnum = made(bind(fd, (struct sockaddr *)&any, sizeof any));
	close(fd);
	return errnum;
}

static int gains_nothing(void)
{
	return prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 ? 0 : EPERM;
}

struct act {
	const char *what;
	int (*act)(void);
	int errnum; /* expected; 0: it works */
	int abi;    /* since when that is so; before, it works */
};

static const struct act acts[] = {
	{ "read what may be read", reads_config, 0, 0 },
	{ "list what may be read", lists_config, 0, 0 },
	{ "write what may be read", writes_config, EACCES, 2 },
	{ "add to what may be read", adds_to_config, EACCES, 2 },
	{ "remove what may be read", removes_config, EACCES, 2 },
	{ "read what lies outside", reads_outside, EACCES, 2 },
	{ "list what lies outside", lists_outside, EACCES, 2 },
	{ "write to the one file", writes_one_outside, 0, 0 },
	{ "read the queue", reads_queue, 0, 0 },
	{ "list the queue", lists_queue, 0, 0 },
	{ "add to the queue", adds_to_queue, 0, 0 },
	{ "rename in the queue", renames_in_queue, 0, 0 },
	{ "truncate in the queue", truncates_in_queue, 0, 0 },
	{ "make a folder in the queue", makes_a_folder, 0, 0 },
	{ "make a pipe in the queue", makes_a_pipe, 0, 0 },
	{ "make a symbolic link", makes_a_link, EACCES, 2 },
	{ "move in from outside", moves_in_from_outside, EACCES, 2 },
	{ "execute", executes, EACCES, 2 },
	{ "remove from the queue", removes_from_queue, 0, 0 },
	{ "gain privileges", gains_nothing, 0, 0 },
	{ "truncate what may be read", truncates_config, EACCES, 3 },
};

static const struct act with_network[] = {
	{ "connect", connects, 0, 0 },
	{ "listen", listens, 0, 0 },
};

static const struct act without_network[] = {
	{ "connect", connects, EACCES, 4 },
	{ "listen", listens, EACCES, 4 },
};

static int kernel_abi(void)
{
#ifdef SYS_landlock_create_ruleset
	return (int)syscall(SYS_landlock_create_ruleset, NULL, 0, 1);
#else
	return 0;
#endif
}

static int act_all(int abi, const struct act *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		if (list[i].act() != (abi >= list[i].abi ? list[i].errnum : 0))
			return FIRST_WRONG + (int)i;
	}
	return 0;
}

/* In a child, whose sandbox ends with it. */
static int enter_and_act(bool network, int abi, const struct act *list, size_t count)
{
	enum sandbox_reach reach;
	struct status st;
	struct sandbox_rule rules[] = {
		{ scratch_path(&world, "queue"), true },
		{ scratch_path(&world, "config"), false },
		{ scratch_path(&world, "outside/writable"), true },
		{ scratch_path(&world, "missing/file"), true },
		{ scratch_path(&world, "config/file/below"), false },
	};
	struct sandbox s = { rules, sizeof rules / sizeof *rules, network, abi };
	if (sandbox_enter(&s, &reach, &st) != 0)
		return REFUSED;
	if (reach == SANDBOX_NONE)
		return NO_SANDBOX;
	abi = kernel_abi() < abi ? kernel_abi() : abi;
	if (reach != (network || abi >= 4 ? SANDBOX_FULL : SANDBOX_FILES))
		return WRONG_REACH;
	return act_all(abi, list, count);
}

static int result_of(bool network, int abi, const struct act *list, size_t count)
{
	int status = 0;
	pid_t child = fork();
	if (child == 0)
		_exit(enter_and_act(network, abi, list, count));
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

/* Skips the test where the kernel has no Landlock. */
static void check(bool network, int abi, const struct act *list, size_t count)
{
	int result = result_of(network, abi, list, count);
	if (result == NO_SANDBOX)
		skip();
	if (result >= REFUSED)
		fail_msg("not entered: %d", result);
	if (result != 0)
		fail_msg("%s", list[result - FIRST_WRONG].what);
}

#define CHECK(network, abi, list) check(network, abi, list, sizeof list / sizeof *list)

static void test_files(void **state)
{
	(void)state;
	CHECK(false, LATEST, acts);
}

static void test_files_and_network(void **state)
{
	(void)state;
	CHECK(true, LATEST, acts);
}

static void test_older_kernels(void **state)
{
	(void)state;
	for (int abi = 2; abi <= 5; abi++) {
		CHECK(false, abi, acts);
		release_world(state);
		make_world(state);
	}
}

static void test_network(void **state)
{
	(void)state;
	CHECK(true, LATEST, with_network);
	CHECK(false, 4, without_network);
	CHECK(false, 3, without_network);
}

/* It would stop every rename; but privileges are given up all the same. */
static void test_the_first_version_counts_as_none(void **state)
{
	(void)state;
	assert_int_equal(result_of(false, 1, acts, 1), NO_SANDBOX);
}

static void test_no_privileges_without_a_sandbox(void **state)
{
	(void)state;
	int status = 0;
	pid_t child = fork();
	if (child == 0) {
		enum sandbox_reach reach;
		struct status st;
		struct sandbox s = { .newest_abi = 1 };
		_exit(sandbox_enter(&s, &reach, &st) == 0 ? gains_nothing() : REFUSED);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* No descriptor is left for the rules: better no service than one that is not confined. */
static void test_failure_is_told(void **state)
{
	(void)state;
	int status = 0;
	pid_t child = fork();
	if (child == 0) {
		enum sandbox_reach reach = SANDBOX_NONE;
		struct status st = { 0 };
		struct sandbox s = { 0 };
		while (dup(STDIN_FILENO) >= 0)
			;
		int result = sandbox_enter(&s, &reach, &st);
		_exit(result == 0 ? (reach == SANDBOX_NONE ? NO_SANDBOX : REFUSED)
				  : (st.kind == STATUS_SYSTEM && st.sys == EMFILE ? 0 : 1));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	if (WEXITSTATUS(status) == NO_SANDBOX)
		skip();
	assert_int_equal(status, 0);
}

int main(void)
{
#define IN_A_FOLDER(f) cmocka_unit_test_setup_teardown(f, make_world, release_world)
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(test_files),
		IN_A_FOLDER(test_files_and_network),
		IN_A_FOLDER(test_older_kernels),
		IN_A_FOLDER(test_network),
		IN_A_FOLDER(test_the_first_version_counts_as_none),
		IN_A_FOLDER(test_no_privileges_without_a_sandbox),
		IN_A_FOLDER(test_failure_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
