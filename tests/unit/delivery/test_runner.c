/* SPDX-License-Identifier: GPL-3.0-or-later */
#undef _FORTIFY_SOURCE
#include "delivery/runner.h"

#include "base/clock.h"
#include "delivery/round.h"
#include "delivery/worker.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static struct runner_report report;

/* Of this file no more can be read than the header. */
static ino_t bad_file;

/* No mark can be written. */
static bool is_full;

/* These stand in for those of the C library. */
ssize_t pwrite(int fd, const void *from, size_t size, off_t offset)
{
	if (is_full && size == 1) {
		errno = ENOSPC;
		return -1;
	}
	return syscall(SYS_pwrite64, fd, from, size, offset);
}

ssize_t pread(int fd, void *into, size_t size, off_t offset)
{
	enum { GOOD = 16 * 1024 };
	struct stat facts;
	if (bad_file != 0 && fstat(fd, &facts) == 0 && facts.st_ino == bad_file &&
	    offset + (off_t)size > GOOD) {
		errno = EIO;
		return -1;
	}
	return syscall(SYS_pread64, fd, into, size, offset);
}

static int run_with(struct round *r, const struct runner *how, struct status *st)
{
	struct runner run = *how;
	run.with = r->with;
	return runner_run(&run, &report, st);
}

static void run(struct round *r)
{
	struct status st = { 0 };
	if (run_with(r, &(struct runner){ 0 }, &st) != 0)
		fail_msg("%s", st.text);
}

static void every_group_has_its_turn(void **state)
{
	struct round *r = *state;
	round_configure(r, "[account fine]\nhost = maildir:~/fine\n"
			   "[account other]\nhost = maildir:~/other\n"
			   "[account broken]\nhost = maildir:/dev/null/x\n");
	for (size_t i = 0; i < 25; i++) {
		round_put(r, "fine", "a@x.test");
		round_put(r, "other", "a@x.test");
		round_put(r, "broken", "a@x.test");
	}
	run(r);
	assert_int_equal(report.tried, 75);
	assert_int_equal(report.busy, 0);
	assert_false(report.failed);
	assert_int_equal(round_arrived(r, "fine"), 25);
	assert_int_equal(round_arrived(r, "other"), 25);
	assert_int_equal(queue_case_count(r->at, "q"), 25);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	run(r);
	assert_int_equal(report.tried, 0);
}

static void nothing_to_do(void **state)
{
	struct round *r = *state;
	const struct queue nowhere = { .fd = -1 };
	run(r);
	assert_int_equal(report.tried, 0);
	r->with.queue = &nowhere;
	run(r);
	assert_int_equal(report.tried, 0);
}

/* One try shows that the place is away; the others wait as long as that one. */
static void a_place_that_is_down_is_tried_once(void **state)
{
	struct round *r = *state;
	struct queue_id last = { 0 };
	struct queue_entry e;
	for (size_t i = 0; i < 10; i++)
		last = round_put(r, "refused", "a@x.test");
	run(r);
	assert_int_equal(report.tried, 10);
	assert_int_equal(queue_case_count(r->at, "q"), 10);
	round_take(r, last, &e);
	assert_int_equal(e.attempts, 1);
	assert_true(e.next > clock_wall());
	queue_entry_release(&e);
}

static void a_run_that_is_to_stop_begins_nothing(void **state)
{
	struct round *r = *state;
	static const volatile bool stop = true;
	struct status st;
	for (size_t i = 0; i < 5; i++)
		round_put(r, "fine", "a@x.test");
	assert_int_equal(run_with(r, &(struct runner){ .stop = &stop }, &st), 0);
	assert_int_equal(report.tried, 0);
	assert_int_equal(queue_case_count(r->at, "q"), 5);
}

static void a_busy_place_is_left_to_others(void **state)
{
	struct round *r = *state;
	struct status st;
	round_put(r, "fine", "a@x.test");
	round_put(r, "broken", "a@x.test");
	int lock = queue_lock_key(&r->at->queue, "fine");
	run(r);
	assert_int_equal(report.busy, 1);
	assert_int_equal(report.tried, 1);
	assert_int_equal(round_arrived(r, "fine"), 0);
	int64_t start = clock_now();
	assert_int_equal(run_with(r, &(struct runner){ .patience = 200 }, &st), 0);
	assert_true(report.busy == 1 && clock_now() - start >= 200);
	queue_unlock_key(lock);
	run(r);
	assert_int_equal(round_arrived(r, "fine"), 1);
}

/* It waits for a place that becomes free in time. */
static void who_has_patience_gets_it(void **state)
{
	struct round *r = *state;
	struct status st;
	round_put(r, "fine", "a@x.test");
	int lock = queue_lock_key(&r->at->queue, "fine");
	pid_t child = fork();
	if (child == 0) {
		usleep(150 * 1000);
		queue_unlock_key(lock);
		_exit(0);
	}
	close(lock);
	assert_int_equal(run_with(r, &(struct runner){ .patience = 10000 }, &st), 0);
	assert_int_equal(report.tried, 1);
	assert_int_equal(round_arrived(r, "fine"), 1);
	assert_int_equal(waitpid(child, NULL, 0), child);
}

static void what_somebody_has_in_hand_is_left_to_him(void **state)
{
	struct round *r = *state;
	struct queue_entry e;
	struct queue_id id = round_put(r, "fine", "a@x.test");
	round_put(r, "fine", "b@x.test");
	round_take(r, id, &e);
	run(r);
	assert_int_equal(report.tried, 1);
	assert_int_equal(round_arrived(r, "fine"), 1);
	assert_int_equal(queue_case_count(r->at, "q"), 1);
	run(r);
	assert_int_equal(report.tried, 0);
	queue_entry_release(&e);
}

static void note(void *context, const char *what)
{
	buf_addf(context, "%s;", what);
}

static void what_is_damaged_is_named(void **state)
{
	struct round *r = *state;
	struct buf said = { 0 };
	r->at->id = round_put(r, "fine", "a@x.test");
	round_put(r, "fine", "b@x.test");
	assert_int_equal(truncate(queue_case_path(r->at, "q", NULL), 50), 0);
	r->with.damaged = note;
	r->with.context = &said;
	run(r);
	assert_non_null(strstr(buf_str(&said), r->at->id.text));
	assert_int_equal(queue_case_count(r->at, "corrupt"), 1);
	assert_int_equal(round_arrived(r, "fine"), 1);
	buf_release(&said);
}

static void die(void *context, const struct queue_entry *e, const struct account *a,
		const struct delivery_report *unread, int64_t took)
{
	(void)context;
	(void)e;
	(void)a;
	(void)unread;
	(void)took;
	raise(SIGKILL);
}

static void a_worker_that_dies_is_noticed(void **state)
{
	struct round *r = *state;
	struct status st;
	round_put(r, "fine", "a@x.test");
	r->with.told = die;
	assert_int_equal(run_with(r, &(struct runner){ 0 }, &st), -1);
	assert_true(report.failed);
	assert_int_equal(st.kind, STATUS_SYSTEM);
	assert_non_null(strstr(st.text, "signal 9"));
	r->with.told = NULL;
	run(r);
	assert_int_equal(round_arrived(r, "fine"), 1);
	assert_int_equal(queue_case_count(r->at, "q"), 0);
}

static void big(struct queue_entry *e, const char *account)
{
	struct buf text = { 0 };
	round_entry(e, account, "a@x.test");
	store_release(&e->message.content);
	buf_add_str(&text, "From: me@x.test\r\n\r\n");
	for (size_t i = 0; i < 2000; i++)
		buf_add_str(&text, "A line of twenty.....\r\n");
	queue_case_content(e, buf_str(&text));
	buf_release(&text);
}

/* A sector in the midst of it: its header shows nothing. */
static void what_the_disk_does_not_give_keeps_up_nobody(void **state)
{
	struct round *r = *state;
	struct queue_entry e;
	struct stat facts;
	struct status st = { 0 };
	big(&e, "fine");
	struct queue_id id = round_commit(r, &e);
	assert_int_equal(stat(queue_case_path(r->at, "q", id.text), &facts), 0);
	round_put(r, "fine", "a@x.test");
	round_put(r, "fine", "a@x.test");
	bad_file = facts.st_ino;
	int result = run_with(r, &(struct runner){ 0 }, &st);
	bad_file = 0;
	assert_int_equal(result, -1);
	assert_true(report.failed && st.kind == STATUS_DISK);
	assert_non_null(strstr(st.text, id.text));
	assert_int_equal(round_arrived(r, "fine"), 2);
	assert_string_equal(round_marks(r, id), "?");
	run(r);
	assert_int_equal(round_arrived(r, "fine"), 3);
}

/* Or it would be sent again in each run. */
static void what_cannot_be_marked_is_not_sent(void **state)
{
	struct round *r = *state;
	struct status st = { 0 };
	round_put(r, "fine", "a@x.test b@x.test");
	is_full = true;
	int result = run_with(r, &(struct runner){ 0 }, &st);
	is_full = false;
	assert_int_equal(result, -1);
	assert_int_equal(st.sys, ENOSPC);
	assert_int_equal(round_arrived(r, "fine"), 0);
	run(r);
	assert_int_equal(round_arrived(r, "fine"), 1);
}

/* There is no room for its report, but the others need none. */
static void who_cannot_be_told_keeps_up_nobody(void **state)
{
	struct round *r = *state;
	struct queue_entry e;
	struct status st = { 0 };
	round_entry(&e, "fine", "a@x.test");
	e.marks[0] = MARK_FAILED;
	struct queue_id id = round_commit(r, &e);
	round_put(r, "fine", "a@x.test");
	assert_int_equal(rmdir(queue_case_path(r->at, ".", "tmp")), 0);
	queue_case_write(queue_case_path(r->at, ".", "tmp"), slice_of(""));
	assert_int_equal(run_with(r, &(struct runner){ 0 }, &st), -1);
	assert_true(report.failed && st.kind == STATUS_DISK);
	assert_int_equal(round_arrived(r, "fine"), 1);
	assert_string_equal(round_marks(r, id), "F");
	round_take(r, id, &e);
	assert_true(e.next > clock_wall());
	queue_entry_release(&e);
}

static void turns_are_counted(void **state)
{
	(void)state;
	struct worker_share *s = worker_share_new(3);
	assert_non_null(s);
	assert_int_equal(worker_share_left(s), 3);
	assert_int_equal(worker_share_tried(s), 0);
	assert_false(worker_share_is_open(s));
	worker_share_free(s);
}

/* Told to stop, it ends in order, and has had nothing. */
static void a_worker_that_is_stopped(void **state)
{
	struct round *r = *state;
	struct queue_id id = round_put(r, "fine", "a@x.test");
	const struct due_group g = { .account = config_find(&r->config, "fine"),
				     .at = &id,
				     .count = 1 };
	struct worker_share *s = worker_share_new(1);
	struct worker w;
	struct status st;
	worker_share_stop(s);
	assert_true(worker_start(&w, &r->with, &g, s));
	assert_true(worker_end(&w, &st));
	assert_int_equal(worker_share_tried(s), 0);
	assert_int_equal(round_arrived(r, "fine"), 0);
	worker_share_free(s);
}

static void a_worker_shows_first_contact(void **state)
{
	struct round *r = *state;
	struct queue_id ids[] = { round_put(r, "fine", "a@x.test"),
				  round_put(r, "fine", "b@x.test") };
	const struct due_group g = { .account = config_find(&r->config, "fine"),
				     .at = ids,
				     .count = 2 };
	struct worker_share *s = worker_share_new(2);
	struct worker w;
	struct status st;
	char told[4];
	assert_true(worker_start(&w, &r->with, &g, s));
	assert_int_equal(read(w.fd, told, 1), 1);
	assert_int_equal(read(w.fd, told, 1), 0);
	assert_true(worker_end(&w, &st));
	assert_true(worker_share_is_open(s));
	assert_int_equal(worker_share_left(s), 0);
	assert_int_equal(round_arrived(r, "fine"), 2);
	worker_share_free(s);
}

int main(void)
{
#define IN_A_ROUND(f) cmocka_unit_test_setup_teardown(f, round_open, round_close)
	const struct CMUnitTest tests[] = {
		IN_A_ROUND(every_group_has_its_turn),
		IN_A_ROUND(nothing_to_do),
		IN_A_ROUND(a_place_that_is_down_is_tried_once),
		IN_A_ROUND(a_run_that_is_to_stop_begins_nothing),
		IN_A_ROUND(a_busy_place_is_left_to_others),
		IN_A_ROUND(who_has_patience_gets_it),
		IN_A_ROUND(what_somebody_has_in_hand_is_left_to_him),
		IN_A_ROUND(what_is_damaged_is_named),
		IN_A_ROUND(a_worker_that_dies_is_noticed),
		IN_A_ROUND(what_the_disk_does_not_give_keeps_up_nobody),
		IN_A_ROUND(who_cannot_be_told_keeps_up_nobody),
		IN_A_ROUND(what_cannot_be_marked_is_not_sent),
		IN_A_ROUND(turns_are_counted),
		IN_A_ROUND(a_worker_that_is_stopped),
		IN_A_ROUND(a_worker_shows_first_contact),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
