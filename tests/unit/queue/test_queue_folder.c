/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_folder.h"

#include "queue/queue_case.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static const char *const folders[] = { "q", "tmp", "replies", "failed", "corrupt" };

static mode_t mode_of(const char *path)
{
	struct stat facts;
	assert_int_equal(lstat(path, &facts), 0);
	return facts.st_mode & 07777;
}

static int try_open(const char *path, bool make, struct status *st)
{
	struct queue q;
	*st = (struct status){ 0 };
	int result = queue_open(&q, path, make, st);
	assert_true(result == 0 || (st->kind == STATUS_DISK && st->hint[0] != '\0'));
	if (result == 0)
		assert_string_equal(q.path, path);
	queue_release(&q);
	queue_release(&q);
	return result;
}

static void test_made_with_what_is_above(void **state)
{
	struct queue_case *c = *state;
	static const char *const names[] = { "a/b/c/queue", "d/queue/", "e//f///queue//" };
	struct status st;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		assert_int_equal(try_open(scratch_path(&c->scratch, names[i]), true, &st), 0);
		assert_int_equal(mode_of(scratch_path(&c->scratch, names[i])), 0700);
	}
	assert_int_equal(mode_of(scratch_path(&c->scratch, "a")), 0700);
	assert_int_equal(mode_of(scratch_path(&c->scratch, "e/f")), 0700);
}

static void test_relative(void **state)
{
	struct queue_case *c = *state;
	struct status st;
	char before[512];
	assert_non_null(getcwd(before, sizeof before));
	assert_int_equal(chdir(c->scratch.folder), 0);
	assert_int_equal(try_open("one", true, &st), 0);
	assert_int_equal(try_open("two/three", true, &st), 0);
	assert_int_equal(chdir(before), 0);
	assert_int_equal(mode_of(scratch_path(&c->scratch, "two/three")), 0700);
}

static void test_not_made(void **state)
{
	struct queue_case *c = *state;
	struct status st;
	struct queue q;
	const char *path = scratch_path(&c->scratch, "none/queue");
	assert_int_equal(queue_open(&q, path, false, &st), 0);
	assert_int_equal(q.fd, -1);
	assert_false(queue_is_remote(&q));
	queue_release(&q);
	assert_int_not_equal(access(scratch_path(&c->scratch, "none"), F_OK), 0);
	assert_int_equal(try_open("", false, &st), 0);
	assert_int_equal(try_open("", true, &st), -1);
	assert_non_null(strstr(st.text, "home directory"));
}

static void test_what_cannot_be_a_queue(void **state)
{
	struct queue_case *c = *state;
	struct status st;
	const char *file = scratch_write(&c->scratch, "file", 0600, "x");
	assert_int_equal(try_open(file, true, &st), -1);
	assert_int_equal(st.sys, ENOTDIR);
	assert_int_equal(try_open(file, false, &st), -1);
	assert_int_equal(try_open(scratch_path(&c->scratch, "file/queue"), true, &st), -1);
	assert_int_equal(symlink("nowhere", scratch_path(&c->scratch, "link")), 0);
	assert_int_equal(try_open(scratch_path(&c->scratch, "link"), true, &st), -1);
	assert_int_equal(try_open("/proc/self/queue/x", true, &st), -1);
}

static void test_others_may_write(void **state)
{
	struct queue_case *c = *state;
	static const struct {
		mode_t mode;
		bool fine;
	} cases[] = {
		{ 0700, true },  { 0755, true },   { 0750, true },  { 0770, false },
		{ 0777, false }, { 01777, false }, { 0702, false },
	};
	struct status st;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		assert_int_equal(chmod(c->queue.path, cases[i].mode), 0);
		assert_int_equal(try_open(c->queue.path, false, &st) == 0, cases[i].fine);
		assert_true(cases[i].fine || strstr(st.text, "others may write") != NULL);
	}
}

/* In a child that is another user: what FN returns. */
static int as_nobody(struct queue_case *c, int (*fn)(struct queue_case *c))
{
	int how = 0;
	pid_t child = fork();
	if (child == 0)
		_exit(setgid(65534) == 0 && setuid(65534) == 0 ? fn(c) : 99);
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_true(WIFEXITED(how));
	return WEXITSTATUS(how);
}

static int open_it(struct queue_case *c)
{
	struct status st;
	return try_open(c->queue.path, false, &st) == 0 ? 0
	       : strstr(st.text, "somebody else's")     ? 1
							: 2;
}

static int lock_it(struct queue_case *c)
{
	struct status st;
	struct queue q;
	int result = queue_open(&q, c->queue.path, false, &st) == 0 ? 0 : 1;
	if (result == 0 && queue_lock_key(&q, "work") < 0)
		result = 2;
	queue_release(&q);
	return result;
}

static void test_somebody_elses(void **state)
{
	struct queue_case *c = *state;
	if (geteuid() != 0)
		skip();
	assert_int_equal(chmod(c->scratch.folder, 0755), 0);
	assert_int_equal(chmod(c->queue.path, 0755), 0);
	assert_int_equal(as_nobody(c, open_it), 1);
	assert_int_equal(chown(c->queue.path, 65534, 65534), 0);
	assert_int_equal(as_nobody(c, open_it), 0);
}

/* What root makes in the queue of the service is the service's. */
static void test_root_leaves_files_to_the_owner(void **state)
{
	struct queue_case *c = *state;
	struct status st;
	struct stat facts;
	struct queue q;
	if (geteuid() != 0)
		skip();
	const char *path = scratch_path(&c->scratch, "service");
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(chown(path, 65534, 65533), 0);
	assert_int_equal(queue_open(&q, path, true, &st), 0);
	assert_int_equal(queue_make_folders(&q, &st), 0);
	int lock = queue_lock_key(&q, "work");
	assert_true(lock >= 0);
	close(lock);
	for (size_t i = 0; i <= sizeof folders / sizeof folders[0]; i++) {
		const char *name = i == 0 ? "run.lock" : folders[i - 1];
		assert_int_equal(fstatat(q.fd, name, &facts, AT_SYMLINK_NOFOLLOW), 0);
		assert_int_equal(facts.st_uid, 65534);
		assert_int_equal(facts.st_gid, 65533);
	}
	queue_release(&c->queue);
	c->queue = q;
	assert_int_equal(chmod(c->scratch.folder, 0755), 0);
	assert_int_equal(as_nobody(c, lock_it), 0);
	queue_case_put(c, 1, "Subject: x\r\n\r\n");
	struct queue_path message = queue_path("q", c->id.text);
	assert_int_equal(fstatat(c->queue.fd, message.text, &facts, AT_SYMLINK_NOFOLLOW), 0);
	assert_int_equal(facts.st_uid, 65534);
}

/* Under sudo, HOME may be somebody else's. */
/* In a child that is another process: what FN returns. */
static int elsewhere(const struct queue_case *c, int (*fn)(const struct queue_case *c))
{
	int how = 0;
	pid_t child = fork();
	if (child == 0)
		_exit(fn(c));
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_true(WIFEXITED(how));
	return WEXITSTATUS(how);
}

static int lock_work(const struct queue_case *c)
{
	return queue_lock_key(&c->queue, "work") >= 0 ? 0 : errno == EAGAIN ? 1 : 2;
}

static void test_one_at_a_time(void **state)
{
	struct queue_case *c = *state;
	int work = queue_lock_key(&c->queue, "work");
	assert_true(work >= 0);
	assert_int_equal(mode_of(scratch_path(&c->scratch, "queue/run.lock")), 0600);
	assert_int_equal(fcntl(work, F_GETFD), FD_CLOEXEC);
	assert_int_equal(queue_lock_key(&c->queue, "work"), -1);
	assert_int_equal(elsewhere(c, lock_work), 1);
	int play = queue_lock_key(&c->queue, "play");
	assert_true(play >= 0);
	close(play);
	assert_int_equal(elsewhere(c, lock_work), 1);
	close(work);
	assert_int_equal(elsewhere(c, lock_work), 0);
	struct queue nowhere = { .fd = -1 };
	assert_int_equal(queue_lock_key(&nowhere, "work"), -1);
}

/* A child with all that is open here. It lives until end_child. */
static pid_t bear_child(int pipes[2])
{
	char end;
	assert_int_equal(pipe(pipes), 0);
	pid_t child = fork();
	if (child == 0) {
		close(pipes[1]);
		_exit(read(pipes[0], &end, 1) == 0 ? 0 : 1);
	}
	return child;
}

static void end_child(pid_t child, const int pipes[2])
{
	close(pipes[0]);
	close(pipes[1]);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

/* A child that works with the lock keeps it when the parent is gone. */
static void test_children_have_the_lock(void **state)
{
	struct queue_case *c = *state;
	int pipes[2];
	int work = queue_lock_key(&c->queue, "work");
	pid_t child = bear_child(pipes);
	close(work);
	assert_int_equal(queue_lock_key(&c->queue, "work"), -1);
	end_child(child, pipes);
	work = queue_lock_key(&c->queue, "work");
	assert_true(work >= 0);
	close(work);
}

/* One that has it only because it was born meanwhile keeps nobody away. */
static void test_what_is_unlocked_is_so_for_children(void **state)
{
	struct queue_case *c = *state;
	int pipes[2];
	int work = queue_lock_key(&c->queue, "work");
	pid_t child = bear_child(pipes);
	queue_unlock_key(work);
	assert_int_equal(fcntl(work, F_GETFD), -1);
	assert_int_equal(elsewhere(c, lock_work), 0);
	end_child(child, pipes);
}

static bool is_awake(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	return poll(&p, 1, 0) == 1;
}

static void test_wake(void **state)
{
	struct queue_case *c = *state;
	struct queue nowhere = { .fd = -1 };
	char some[8];
	queue_wake(&c->queue);
	queue_wake(&nowhere);
	assert_int_equal(queue_listen(&nowhere), -1);
	int fd = queue_listen(&c->queue);
	assert_true(fd >= 0);
	assert_int_equal(mode_of(scratch_path(&c->scratch, "queue/wake")), 0600);
	assert_false(is_awake(fd));
	queue_wake(&c->queue);
	queue_wake(&c->queue);
	assert_true(is_awake(fd));
	assert_int_equal(read(fd, some, sizeof some), 2);
	assert_false(is_awake(fd));
	for (int i = 0; i < 100000; i++)
		queue_wake(&c->queue);
	assert_true(is_awake(fd));
	close(fd);
	queue_wake(&c->queue);
	fd = queue_listen(&c->queue);
	assert_true(fd >= 0);
	assert_false(is_awake(fd));
	close(fd);
}

static void test_what_is_no_fifo(void **state)
{
	struct queue_case *c = *state;
	const char *path = scratch_write(&c->scratch, "queue/wake", 0600, "text");
	assert_int_equal(queue_listen(&c->queue), -1);
	assert_int_equal(errno, EEXIST);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/dev/null", path), 0);
	assert_int_equal(queue_listen(&c->queue), -1);
	queue_wake(&c->queue);
}

static void test_root_makes_nothing_in_other_homes(void **state)
{
	struct queue_case *c = *state;
	struct status st;
	if (geteuid() != 0)
		skip();
	const char *home = scratch_path(&c->scratch, "home");
	assert_int_equal(mkdir(home, 0700), 0);
	assert_int_equal(chown(home, 65534, 65534), 0);
	assert_int_equal(try_open(scratch_path(&c->scratch, "home/queue"), true, &st), -1);
	assert_int_equal(st.sys, EPERM);
	assert_int_equal(try_open(scratch_path(&c->scratch, "home/a/queue"), true, &st), -1);
	assert_int_equal(st.sys, EPERM);
}

static void test_folders_in_it(void **state)
{
	struct queue_case *c = *state;
	struct status st = { 0 };
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		char name[32];
		snprintf(name, sizeof name, "queue/%s", folders[i]);
		const char *path = scratch_path(&c->scratch, name);
		assert_int_equal(mode_of(path), 0700);
		assert_int_equal(rmdir(path), 0);
		assert_false(queue_sync_folder(&c->queue, folders[i]));
		assert_int_equal(errno, ENOENT);
		assert_int_equal(queue_make_folders(&c->queue, &st), 0);
		assert_int_equal(queue_make_folders(&c->queue, &st), 0);
		assert_int_equal(mode_of(path), 0700);
		assert_true(queue_sync_folder(&c->queue, folders[i]));
	}
}

static void test_paths(void **state)
{
	(void)state;
	char name[256];
	memset(name, 'x', 255);
	name[255] = '\0';
	assert_string_equal(queue_path("q", "name").text, "q/name");
	assert_int_equal(strlen(queue_path("corrupt", name).text), 8 + 255);
}

static void test_move(void **state)
{
	struct queue_case *c = *state;
	queue_case_write(queue_case_path(c, "q", "a"), slice_of("text"));
	assert_false(queue_move(&c->queue, "q/b", "failed/b"));
	assert_int_equal(errno, ENOENT);
	assert_int_equal(rmdir(scratch_path(&c->scratch, "queue/failed")), 0);
	assert_true(queue_move(&c->queue, "q/a", "failed/a"));
	assert_int_equal(queue_case_count(c, "failed"), 1);
	assert_int_equal(queue_case_count(c, "q"), 0);
}

static void test_local(void **state)
{
	struct queue_case *c = *state;
	assert_false(queue_is_remote(&c->queue));
}

int main(void)
{
#define IN_A_QUEUE(f) cmocka_unit_test_setup_teardown(f, queue_case_open, queue_case_close)
	const struct CMUnitTest tests[] = {
		IN_A_QUEUE(test_made_with_what_is_above),
		IN_A_QUEUE(test_relative),
		IN_A_QUEUE(test_not_made),
		IN_A_QUEUE(test_what_cannot_be_a_queue),
		IN_A_QUEUE(test_others_may_write),
		IN_A_QUEUE(test_somebody_elses),
		IN_A_QUEUE(test_root_leaves_files_to_the_owner),
		IN_A_QUEUE(test_root_makes_nothing_in_other_homes),
		IN_A_QUEUE(test_folders_in_it),
		IN_A_QUEUE(test_paths),
		IN_A_QUEUE(test_move),
		IN_A_QUEUE(test_one_at_a_time),
		IN_A_QUEUE(test_children_have_the_lock),
		IN_A_QUEUE(test_what_is_unlocked_is_so_for_children),
		IN_A_QUEUE(test_wake),
		IN_A_QUEUE(test_what_is_no_fifo),
		IN_A_QUEUE(test_local),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
