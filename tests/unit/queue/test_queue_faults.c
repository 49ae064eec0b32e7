/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every system call on the way into the queue, and of a try, fails once, or is the last thing
 * that the process does. What is on the disk afterwards is a whole message or none.
 *
 * The calls here stand in for those of the C library.
 */
#undef _FORTIFY_SOURCE
#include "queue/queue_draft.h"

#include "queue/queue_case.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#define CONTENT "Subject: x\r\n\r\ntext\r\n"

enum call { OPEN, LOCK, READ, WRITE, SYNC, SYNC_DATA, RENAME, UNLINK, TIME, CALLS };
static const char *const call_names[CALLS] = { "openat",   "flock",    "pread",
					       "pwrite",   "fsync",    "fdatasync",
					       "renameat", "unlinkat", "futimens" };

enum how { FAIL, BE_SHORT, DIE_BEFORE, DIE_HALF_WAY, DIE_AFTER };
static const char *const hows[] = { "fails", "short", "dies before", "dies half way",
				    "dies after" };

static struct fault {
	bool on;
	enum call call;
	int at; /* counted from 1 */
	enum how how;
	int error;
	int seen;
} faults[2], present;

enum { DONE, REFUSED, DIED, STRUCK = 64 };

static struct fault *strikes(enum call call)
{
	for (size_t i = 0; i < 2; i++) {
		struct fault *f = &faults[i];
		if (f->on && f->call == call && ++f->seen == f->at)
			return f;
	}
	return NULL;
}

/* True if the call is to fail. */
static bool before(const struct fault *f)
{
	if (f == NULL)
		return false;
	if (f->how == DIE_BEFORE)
		_exit(DIED | STRUCK);
	errno = f->error;
	return f->how == FAIL;
}

static int after(const struct fault *f, long result)
{
	if (f != NULL && (f->how == DIE_AFTER || f->how == DIE_HALF_WAY))
		_exit(DIED | STRUCK);
	return (int)result;
}

int openat(int folder, const char *name, int flags, ...)
{
	struct fault *f = strikes(OPEN);
	va_list args;
	va_start(args, flags);
	mode_t mode = (flags & (O_CREAT | O_TMPFILE)) != 0 ? va_arg(args, mode_t) : 0;
	va_end(args);
	return before(f) ? -1 : after(f, syscall(SYS_openat, folder, name, flags, mode));
}

int flock(int fd, int operation)
{
	struct fault *f = strikes(LOCK);
	return before(f) ? -1 : after(f, syscall(SYS_flock, fd, operation));
}

static size_t part(const struct fault *f, size_t size)
{
	bool half = f != NULL && (f->how == BE_SHORT || f->how == DIE_HALF_WAY);
	return half ? (size + 1) / 2 : size;
}

ssize_t pread(int fd, void *into, size_t size, off_t offset)
{
	struct fault *f = strikes(READ);
	return before(f) ? -1 : after(f, syscall(SYS_pread64, fd, into, part(f, size), offset));
}

ssize_t pwrite(int fd, const void *from, size_t size, off_t offset)
{
	struct fault *f = strikes(WRITE);
	return before(f) ? -1
			 : after(f, syscall(SYS_pwrite64, fd, from, part(f, size), offset));
}

int fsync(int fd)
{
	struct fault *f = strikes(SYNC);
	return before(f) ? -1 : after(f, syscall(SYS_fsync, fd));
}

int fdatasync(int fd)
{
	struct fault *f = strikes(SYNC_DATA);
	return before(f) ? -1 : after(f, syscall(SYS_fdatasync, fd));
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
	struct fault *f = strikes(RENAME);
	return before(f)
		       ? -1
		       : after(f, syscall(SYS_renameat2, from_folder, from, to_folder, to, 0));
}

int unlinkat(int folder, const char *name, int flags)
{
	struct fault *f = strikes(UNLINK);
	return before(f) ? -1 : after(f, syscall(SYS_unlinkat, folder, name, flags));
}

int futimens(int fd, const struct timespec times[2])
{
	struct fault *f = strikes(TIME);
	return before(f) ? -1 : after(f, syscall(SYS_utimensat, fd, NULL, times, 0));
}

static const struct queue_id id = { "1K52WM9H000ABCDEFGHJKMNP" };

/* What is done in a process of its own: its result, and whether a fault struck. */
static int in_child(struct queue_case *c, const struct fault *f,
		    int (*work)(struct queue_case *))
{
	int status = 0;
	pid_t child = fork();
	if (child == 0) {
		for (size_t i = 0; i < 2; i++)
			faults[i] = f[i];
		int result = work(c);
		bool struck = faults[0].seen >= faults[0].at;
		_exit(result | (struck ? STRUCK : 0));
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

struct spool {
	struct queue_draft draft;
	struct queue_entry *entry;
};

static int give_place(void *context, uint64_t *base)
{
	struct spool *s = context;
	return queue_draft_spool(&s->draft, s->entry, base);
}

/* In pieces, if it is LARGE, so that it goes to the draft. */
static int fill(struct queue_entry *e, bool large, struct status *st)
{
	static const char line[] = "123456789 123456789 123456789 123456789 12345678\r\n";
	struct facts body = e->message.body;
	for (int i = 0; large && i < 7000; i++) {
		if (store_add(&e->message.content, slice_of(line), st) != 0)
			return -1;
		body.size += strlen(line);
	}
	body.longest_line = large ? strlen(line) - 2 : body.longest_line;
	e->message.body = body;
	e->message.facts = facts_sum(&e->message.head, &e->message.body);
	return 0;
}

static int put(struct queue_case *c, bool large)
{
	struct queue_entry e;
	struct spool s = { .entry = &e };
	struct status st;
	queue_case_entry(&e, 5, CONTENT);
	e.id = id;
	e.next = e.created + 300;
	int result = queue_draft_begin(&s.draft, &c->queue, &id, &st);
	if (result == 0 && large)
		e.message.content.place = (struct store_place){ give_place, &s };
	if (result == 0)
		result = fill(&e, large, &st);
	if (result == 0)
		result = queue_draft_commit(&s.draft, &e, &st);
	queue_draft_release(&s.draft);
	queue_entry_release(&e);
	return result == 0 ? DONE : REFUSED;
}

static int put_small(struct queue_case *c)
{
	return put(c, false);
}

static int put_large(struct queue_case *c)
{
	return put(c, true);
}

static void assert_whole(struct queue_case *c, bool large)
{
	struct queue_entry e;
	c->id = id;
	queue_case_take(c, &e, QUEUE_TAKEN);
	assert_int_equal(e.message.content.size, large ? 350020 : strlen(CONTENT));
	queue_entry_release(&e);
	assert_int_equal(unlink(queue_case_path(c, "q", NULL)), 0);
}

/* Those who come later find a message or none, and can put one there. */
static void check_put(struct queue_case *c, int result, bool large)
{
	size_t count = queue_case_count(c, "q");
	if (result == DONE)
		assert_int_equal(count, 1);
	if (result == REFUSED)
		assert_int_equal(count, 0);
	if (count != 0)
		assert_whole(c, large);
	assert_int_equal(put(c, large), DONE);
	assert_whole(c, large);
	queue_sweep(&c->queue, INT64_MAX);
	assert_int_equal(queue_case_count(c, "tmp"), 0);
}

static const struct fault kinds[] = {
	{ .how = FAIL, .error = EIO },
	{ .how = FAIL, .error = ENOSPC },
	{ .how = FAIL, .error = EMFILE },
	{ .how = FAIL, .error = EINTR },
	{ .how = DIE_BEFORE },
	{ .how = DIE_AFTER },
	{ .how = BE_SHORT },
	{ .how = DIE_HALF_WAY },
};

static bool can_be_half(enum call call)
{
	return call == READ || call == WRITE;
}

/* Each call that WORK makes, in each way; how often that was. */
static int for_all(struct queue_case *c, int (*work)(struct queue_case *),
		   void (*check)(struct queue_case *, int result, bool large), bool large)
{
	int runs = 0;
	present.on = true;
	for (enum call call = 0; call < CALLS; call++) {
		for (size_t k = 0; k < sizeof kinds / sizeof kinds[0]; k++) {
			struct fault f[2] = { kinds[k] };
			bool half = f[0].how == BE_SHORT || f[0].how == DIE_HALF_WAY;
			int result = STRUCK;
			f[0].on = !half || can_be_half(call);
			f[0].call = call;
			while (f[0].on && (result & STRUCK) != 0) {
				f[0].at++;
				result = in_child(c, f, work);
				present = f[0];
				check(c, result & ~STRUCK, large);
				runs++;
			}
		}
	}
	present.on = false;
	return runs;
}

/* If a check failed: which fault was it? */
static int close_and_say(void **state)
{
	if (present.on)
		print_message("call %d of %s, %s\n", present.at, call_names[present.call],
			      present.how == FAIL ? strerror(present.error)
						  : hows[present.how]);
	present.on = false;
	return queue_case_close(state);
}

static void test_a_small_message(void **state)
{
	assert_true(for_all(*state, put_small, check_put, false) > 60);
}

static void test_a_large_message(void **state)
{
	assert_true(for_all(*state, put_large, check_put, true) > 100);
}

/* The message is visible, and neither can the folder be synced nor the message be removed: it
 * will be sent, so that is no failure. */
static void test_what_cannot_be_taken_back(void **state)
{
	struct queue_case *c = *state;
	struct fault f[2] = {
		{ .on = true, .call = SYNC, .at = 2, .error = EIO },
		{ .on = true, .call = UNLINK, .at = 1, .error = EIO },
	};
	assert_int_equal(in_child(c, f, put_small), DONE | STRUCK);
	check_put(c, DONE, false);
	f[1].on = false;
	assert_int_equal(in_child(c, f, put_small), REFUSED | STRUCK);
	check_put(c, REFUSED, false);
}

/* A try: two have it, one is refused, the others wait. */
static int try_it(struct queue_case *c)
{
	struct queue_entry e;
	struct status st;
	int result = REFUSED;
	if (queue_take(&c->queue, id.text, &e, &st) == QUEUE_TAKEN) {
		memcpy(e.marks, "DFD??", 5);
		e.attempts = 12345;
		e.next += 1000;
		if (queue_mark(&c->queue, &e, &st) == 0 &&
		    queue_put_back(&c->queue, &e, &st) == 0)
			result = DONE;
	}
	queue_entry_release(&e);
	return result;
}

/* Each mark is the one before or the one behind; the first is written last. */
static void check_try(struct queue_case *c, int result, bool large)
{
	struct queue_entry e;
	(void)large;
	c->id = id;
	queue_case_take(c, &e, QUEUE_TAKEN);
	for (size_t i = 0; i < 5; i++)
		assert_true(e.marks[i] == '?' || e.marks[i] == "DFD??"[i]);
	if (result == DONE) {
		assert_memory_equal(e.marks, "DFD??", 5);
		assert_int_equal(e.attempts, 12345);
	}
	if (e.marks[0] == 'D')
		assert_memory_equal(e.marks, "DFD??", 5);
	queue_entry_release(&e);
	assert_int_equal(unlink(queue_case_path(c, "q", NULL)), 0);
	assert_int_equal(put_small(c), DONE);
}

static void test_a_try(void **state)
{
	struct queue_case *c = *state;
	assert_int_equal(put_small(c), DONE);
	assert_true(for_all(c, try_it, check_try, false) > 40);
}

/* What could not be synced is no mark: a second try does not take it for one. */
static int mark_twice(struct queue_case *c)
{
	struct queue_entry e;
	struct status st;
	int result = REFUSED;
	if (queue_take(&c->queue, id.text, &e, &st) == QUEUE_TAKEN) {
		memcpy(e.marks, "DDDDD", 5);
		if (queue_mark(&c->queue, &e, &st) != 0 && queue_mark(&c->queue, &e, &st) == 0)
			result = DONE;
	}
	queue_entry_release(&e);
	return result;
}

static void test_a_mark_that_was_not_synced(void **state)
{
	static const struct {
		struct fault second;
		int result;
	} rows[] = {
		{ { .on = true, .call = SYNC_DATA, .at = 1, .error = EIO }, REFUSED },
		{ { .on = true, .call = WRITE, .at = 6, .error = EIO }, REFUSED },
		{ { .on = false }, DONE },
	};
	struct queue_case *c = *state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		const struct fault f[2] = {
			{ .on = true, .call = SYNC_DATA, .at = 1, .error = EIO },
			rows[i].second,
		};
		assert_int_equal(put_small(c), DONE);
		assert_int_equal(in_child(c, f, mark_twice), rows[i].result | STRUCK);
		assert_whole(c, false);
	}
}

static int hold_it(struct queue_case *c)
{
	struct queue_entry e;
	struct status st;
	int result = REFUSED;
	if (queue_take(&c->queue, id.text, &e, &st) == QUEUE_TAKEN) {
		e.state = QUEUE_HELD;
		result = queue_put_back_synced(&c->queue, &e, &st) == 0 ? DONE : REFUSED;
	}
	queue_entry_release(&e);
	return result;
}

static void check_held(struct queue_case *c, int result, bool large)
{
	struct queue_entry e;
	(void)large;
	c->id = id;
	queue_case_take(c, &e, QUEUE_TAKEN);
	if (result == DONE)
		assert_int_equal(e.state, QUEUE_HELD);
	queue_entry_release(&e);
	assert_int_equal(unlink(queue_case_path(c, "q", NULL)), 0);
	assert_int_equal(put_small(c), DONE);
}

static void test_holding(void **state)
{
	struct queue_case *c = *state;
	const struct fault f[2] = { { .on = true, .call = SYNC_DATA, .at = 1, .error = EIO } };
	assert_int_equal(put_small(c), DONE);
	assert_true(for_all(c, hold_it, check_held, false) > 40);
	assert_int_equal(in_child(c, f, hold_it), REFUSED | STRUCK);
}

static int finish_it(struct queue_case *c)
{
	struct queue_entry e;
	struct status st;
	int result = REFUSED;
	if (queue_take(&c->queue, id.text, &e, &st) == QUEUE_TAKEN &&
	    queue_give_up(&c->queue, &e, &st) == 0)
		result = DONE;
	queue_entry_release(&e);
	return result;
}

/* In one of the two places, and whole. */
static void check_finished(struct queue_case *c, int result, bool large)
{
	(void)large;
	c->id = id;
	if (queue_case_count(c, "q") == 0)
		assert_int_equal(rename(queue_case_path(c, "failed", NULL),
					queue_case_path(c, "q", NULL)),
				 0);
	else
		assert_int_not_equal(result, DONE);
	assert_int_equal(queue_case_count(c, "failed"), 0);
	assert_whole(c, false);
	assert_int_equal(put_small(c), DONE);
}

static void test_giving_up(void **state)
{
	struct queue_case *c = *state;
	assert_int_equal(put_small(c), DONE);
	assert_true(for_all(c, finish_it, check_finished, false) > 25);
}

int main(void)
{
#define IN_A_QUEUE(f) cmocka_unit_test_setup_teardown(f, queue_case_open, close_and_say)
	const struct CMUnitTest tests[] = {
		IN_A_QUEUE(test_a_small_message),
		IN_A_QUEUE(test_a_large_message),
		IN_A_QUEUE(test_what_cannot_be_taken_back),
		IN_A_QUEUE(test_a_try),
		IN_A_QUEUE(test_a_mark_that_was_not_synced),
		IN_A_QUEUE(test_holding),
		IN_A_QUEUE(test_giving_up),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
