/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_draft.h"

#include "queue/queue_case.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define CONTENT "Subject: x\r\n\r\ntext\r\n"

static const struct queue_id given = { "1K52WM9H000ABCDEFGHJKMNP" };

static void begin(struct queue_case *c, struct queue_draft *d, const struct queue_id *id)
{
	struct status st = { 0 };
	if (queue_draft_begin(d, &c->queue, id, &st) != 0)
		fail_msg("%s", st.text);
}

/* Whoever dies while he makes a message with a given name, does not keep others from it. */
static void test_leftovers_under_a_given_id(void **state)
{
	struct queue_case *c = *state;
	struct queue_entry got;
	pid_t child = fork();
	if (child == 0) {
		struct queue_draft d = { 0 };
		struct status st;
		if (queue_draft_begin(&d, &c->queue, &given, &st) == 0 &&
		    pwrite(d.fd, "PR1 half", 8, 0) == 8)
			kill(getpid(), SIGKILL);
		_exit(1);
	}
	int how = 0;
	assert_int_equal(waitpid(child, &how, 0), child);
	assert_true(WIFSIGNALED(how));
	assert_int_equal(queue_case_count(c, "tmp"), 1);
	struct queue_entry e;
	struct queue_draft d = { 0 };
	struct status st;
	begin(c, &d, &given);
	queue_case_entry(&e, 1, CONTENT);
	assert_int_equal(queue_draft_commit(&d, &e, &st), 0);
	queue_draft_release(&d);
	queue_entry_release(&e);
	c->id = given;
	queue_case_take(c, &got, QUEUE_TAKEN);
	queue_entry_release(&got);
	assert_int_equal(queue_case_count(c, "tmp"), 0);
}

static void test_what_is_in_the_way_of_a_draft(void **state)
{
	struct queue_case *c = *state;
	struct queue_draft d = { 0 };
	struct status st;
	const char *path = queue_case_path(c, "tmp", given.text);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_equal(queue_draft_begin(&d, &c->queue, &given, &st), -1);
	assert_int_equal(st.kind, STATUS_DISK);
	queue_draft_release(&d);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(queue_draft_begin(&d, &c->queue, &given, &st), -1);
	assert_int_not_equal(st.sys, EEXIST);
	queue_draft_release(&d);
}

static void age(const char *path, int64_t seconds)
{
	const struct timespec times[] = { { .tv_sec = seconds }, { .tv_sec = seconds } };
	assert_int_equal(utimensat(AT_FDCWD, path, times, AT_SYMLINK_NOFOLLOW), 0);
}

static void test_sweep(void **state)
{
	struct queue_case *c = *state;
	enum { NOW = 1800000000, HOUR = 3600 };
	static const struct {
		const char *name;
		int64_t time;
		bool locked;
		bool stays;
	} cases[] = {
		{ "0000000000000000000000AB", NOW - HOUR - 1, false, false },
		{ "0000000000000000000000AC", NOW - HOUR, false, false },
		{ "0000000000000000000000AD", NOW - HOUR + 1, false, true },
		{ "0000000000000000000000AE", NOW + HOUR, false, true },
		{ "0000000000000000000000AF", NOW - 100 * HOUR, true, true },
		{ "notes-of-a-person", NOW - 100 * HOUR, false, true },
	};
	int locked = -1;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const char *path = queue_case_path(c, "tmp", cases[i].name);
		queue_case_write(path, slice_of("text"));
		if (cases[i].locked) {
			locked = open(path, O_RDWR | O_CLOEXEC);
			assert_int_equal(flock(locked, LOCK_EX | LOCK_NB), 0);
		}
		age(path, cases[i].time);
	}
	queue_case_put(c, 1, CONTENT);
	age(queue_case_path(c, "q", NULL), NOW - 100 * HOUR);
	queue_sweep(&c->queue, NOW);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
		assert_int_equal(access(queue_case_path(c, "tmp", cases[i].name), F_OK) == 0,
				 cases[i].stays);
	assert_int_equal(queue_case_count(c, "q"), 1);
	close(locked);
	queue_sweep(&c->queue, NOW);
	assert_int_equal(queue_case_count(c, "tmp"), 3);
}

static void test_sweep_of_strange_things(void **state)
{
	struct queue_case *c = *state;
	const char *link = queue_case_path(c, "tmp", "0000000000000000000000AB");
	const char *folder = queue_case_path(c, "tmp", "0000000000000000000000AC");
	const char *pipe = queue_case_path(c, "tmp", "0000000000000000000000AD");
	assert_int_equal(symlink(scratch_write(&c->scratch, "precious", 0600, "x"), link), 0);
	assert_int_equal(mkdir(folder, 0700), 0);
	assert_int_equal(mkfifo(pipe, 0600), 0);
	queue_sweep(&c->queue, INT64_MAX);
	assert_int_equal(access(scratch_path(&c->scratch, "precious"), F_OK), 0);
	assert_int_equal(access(folder, F_OK), 0);
	assert_int_not_equal(access(pipe, F_OK), 0);
	struct queue nowhere = { .fd = -1 };
	queue_sweep(&nowhere, INT64_MAX);
}

int main(void)
{
#define IN_A_QUEUE(f) cmocka_unit_test_setup_teardown(f, queue_case_open, queue_case_close)
	const struct CMUnitTest tests[] = {
		IN_A_QUEUE(test_leftovers_under_a_given_id),
		IN_A_QUEUE(test_what_is_in_the_way_of_a_draft),
		IN_A_QUEUE(test_sweep),
		IN_A_QUEUE(test_sweep_of_strange_things),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
