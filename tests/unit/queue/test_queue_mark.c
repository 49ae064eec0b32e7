/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_take.h"

#include "queue/queue_case.h"
#include "queue/queue_reply.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define CONTENT "Subject: x\r\n\r\n.text\r\n"

/* It has to be that, and nothing else may happen to the file. */
static void assert_taken(struct queue_case *c, enum queue_taken result, const char *why)
{
	struct queue_entry e;
	const char *text = queue_case_take(c, &e, result);
	if (why != NULL && strstr(text, why) == NULL)
		fail_msg("'%s' instead of '%s'", text, why);
	queue_entry_release(&e);
}

static void test_marks_stay(void **state)
{
	struct queue_case *c = *state;
	struct queue_entry e;
	struct status st;
	queue_case_put(c, 4, CONTENT);
	queue_case_take(c, &e, QUEUE_TAKEN);
	memcpy(e.marks, "DF?B", 4);
	assert_int_equal(queue_mark(&c->queue, &e, &st), 0);
	queue_entry_release(&e);
	queue_case_take(c, &e, QUEUE_TAKEN);
	assert_memory_equal(e.marks, "DF?B", 4);
	assert_true(e.envelope.at[0].decided && e.envelope.at[1].decided);
	assert_false(e.envelope.at[2].decided);
	e.marks[1] = MARK_TOLD;
	assert_int_equal(queue_mark(&c->queue, &e, &st), 0);
	assert_int_equal(queue_mark(&c->queue, &e, &st), 0);
	queue_entry_release(&e);
	queue_case_take(c, &e, QUEUE_TAKEN);
	assert_memory_equal(e.marks, "DB?B", 4);
	queue_entry_release(&e);
}

/* The entry that was just committed can be marked as it is. */
static void test_marks_of_a_new_message(void **state)
{
	struct queue_case *c = *state;
	struct queue_entry e;
	struct queue_draft d = { 0 };
	struct status st;
	queue_case_entry(&e, 3, CONTENT);
	assert_int_equal(queue_draft_begin(&d, &c->queue, NULL, &st), 0);
	assert_int_equal(queue_draft_commit(&d, &e, &st), 0);
	queue_draft_release(&d);
	c->id = e.id;
	e.marks[1] = MARK_DELIVERED;
	e.attempts = 1;
	e.next = 1800000300;
	assert_int_equal(queue_mark(&c->queue, &e, &st), 0);
	assert_int_equal(queue_put_back(&c->queue, &e, &st), 0);
	queue_entry_release(&e);
	queue_case_take(c, &e, QUEUE_TAKEN);
	assert_memory_equal(e.marks, "?D?", 3);
	assert_int_equal(e.attempts, 1);
	queue_entry_release(&e);
}

/*
 * From the last to the first, so that a report that was half noted keeps its name: the write to
 * the first place fails here, because its mark's place is said to be far out of reach.
 */
static void test_marks_go_from_last_to_first(void **state)
{
	struct queue_case *c = *state;
	struct queue_entry e;
	struct status st;
	queue_case_put(c, 3, CONTENT);
	queue_case_take(c, &e, QUEUE_TAKEN);
	memset(e.marks, MARK_TOLD, 3);
	e.places[0] = (uint64_t)INT64_MAX;
	assert_int_equal(queue_mark(&c->queue, &e, &st), -1);
	assert_int_equal(st.kind, STATUS_DISK);
	assert_non_null(strstr(st.text, c->id.text));
	queue_entry_release(&e);
	queue_case_take(c, &e, QUEUE_TAKEN);
	assert_memory_equal(e.marks, "?BB", 3);
	queue_entry_release(&e);
}

static void test_put_back(void **state)
{
	struct queue_case *c = *state;
	static const struct {
		unsigned attempts;
		int64_t next;
		enum queue_state state;
		bool warned;
		int64_t time; /* of the file: what is held is never due */
	} cases[] = {
		{ 1, 1800000300, QUEUE_WAITING, false, 1800000300 },
		{ 12345, 1900000000, QUEUE_HELD, true, 4102444800 },
		{ 65535, 0, QUEUE_STUCK, false, 0 },
		{ 0, 999999999999, QUEUE_WAITING, true, 999999999999 },
	};
	struct status st;
	queue_case_put(c, 2, CONTENT);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct queue_entry e;
		struct stat facts;
		queue_case_take(c, &e, QUEUE_TAKEN);
		e.attempts = cases[i].attempts;
		e.next = cases[i].next;
		e.state = cases[i].state;
		e.warned = cases[i].warned;
		assert_int_equal(queue_put_back(&c->queue, &e, &st), 0);
		queue_entry_release(&e);
		queue_case_take(c, &e, QUEUE_TAKEN);
		assert_int_equal(e.attempts, cases[i].attempts);
		assert_int_equal(e.next, cases[i].next);
		assert_int_equal(e.state, cases[i].state);
		assert_int_equal(e.warned, cases[i].warned);
		assert_int_equal(fstat(e.fd, &facts), 0);
		if (cases[i].time < 5000000000)
			assert_int_equal(facts.st_mtime, cases[i].time);
		queue_entry_release(&e);
	}
}

static void test_a_descriptor_that_is_none(void **state)
{
	struct queue_case *c = *state;
	struct queue_entry e;
	struct status st;
	queue_case_put(c, 1, CONTENT);
	queue_case_take(c, &e, QUEUE_TAKEN);
	int fd = e.fd;
	e.fd = -1;
	e.marks[0] = MARK_DELIVERED;
	assert_int_equal(queue_mark(&c->queue, &e, &st), -1);
	assert_int_equal(st.sys, EBADF);
	assert_int_equal(queue_put_back(&c->queue, &e, &st), -1);
	assert_int_equal(st.sys, EBADF);
	close(fd);
	queue_entry_release(&e);
}

static void test_remove(void **state)
{
	struct queue_case *c = *state;
	static const struct status no = { .kind = STATUS_TEMPORARY, .text = "not now" };
	struct queue_entry e;
	struct status st;
	queue_case_put(c, 1, CONTENT);
	queue_case_take(c, &e, QUEUE_TAKEN);
	e.attempts = 1;
	recipient_note(&e.envelope.at[0], &no);
	queue_reply_save(&c->queue, &e);
	assert_int_equal(queue_case_count(c, "replies"), 1);
	assert_int_equal(queue_remove(&c->queue, &e, &st), 0);
	assert_int_equal(queue_case_count(c, "replies") + queue_case_count(c, "q"), 0);
	/* Somebody else may have removed it by hand: that is what was wanted. */
	assert_int_equal(queue_remove(&c->queue, &e, &st), 0);
	queue_entry_release(&e);
	assert_taken(c, QUEUE_GONE, NULL);
}

static void test_give_up(void **state)
{
	struct queue_case *c = *state;
	struct queue_entry e;
	struct status st;
	queue_case_put(c, 1, CONTENT);
	queue_case_take(c, &e, QUEUE_TAKEN);
	struct queue_id id = e.id;
	e.attempts = 7;
	assert_int_equal(queue_give_up(&c->queue, &e, &st), 0);
	assert_int_equal(queue_give_up(&c->queue, &e, &st), -1);
	queue_entry_release(&e);
	assert_int_equal(queue_peek_in(&c->queue, QUEUE_FAILED, id.text, &e, &st), QUEUE_TAKEN);
	assert_int_equal(e.attempts, 7);
	queue_entry_release(&e);
	assert_taken(c, QUEUE_GONE, NULL);
	assert_int_equal(access(queue_case_path(c, "failed", NULL), F_OK), 0);
}

static void set_aside(struct queue_case *c, const char *name)
{
	struct status st = { 0 };
	queue_case_write(queue_case_path(c, "q", name), slice_of("text"));
	if (queue_set_aside(&c->queue, name, &st) != 0)
		fail_msg("%s", st.text);
	assert_int_not_equal(access(queue_case_path(c, "q", name), F_OK), 0);
}

static void test_set_aside(void **state)
{
	struct queue_case *c = *state;
	struct status st;
	char longest[256];
	const char *const names[] = { "0123456789ABCDEFGHJKMNPQ", "core", "a b\n\xff",
				      longest };
	memset(longest, 'x', 255);
	longest[255] = '\0';
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct buf text = { 0 };
		set_aside(c, names[i]);
		assert_int_equal(queue_case_count(c, "corrupt"), 2 * i + 1);
		queue_case_write(queue_case_path(c, "corrupt", names[i]), slice_of("first"));
		set_aside(c, names[i]);
		assert_int_equal(queue_case_count(c, "corrupt"), 2 * i + 2);
		queue_case_read(queue_case_path(c, "corrupt", names[i]), &text);
		assert_string_equal(buf_str(&text), "first");
		buf_release(&text);
	}
	assert_int_equal(queue_set_aside(&c->queue, "nothing", &st), -1);
	assert_int_equal(st.kind, STATUS_DISK);
	assert_int_equal(st.sys, ENOENT);
}

static void test_set_aside_what_is_no_file(void **state)
{
	struct queue_case *c = *state;
	struct status st;
	assert_int_equal(mkdir(queue_case_path(c, "q", "folder"), 0700), 0);
	assert_int_equal(symlink("/etc/passwd", queue_case_path(c, "q", "link")), 0);
	assert_int_equal(rmdir(scratch_path(&c->scratch, "queue/corrupt")), 0);
	assert_int_equal(queue_set_aside(&c->queue, "folder", &st), 0);
	assert_int_equal(queue_set_aside(&c->queue, "link", &st), 0);
	assert_int_equal(queue_case_count(c, "corrupt"), 2);
	assert_int_equal(queue_case_count(c, "q"), 0);
}

/* A message that was damaged while it waited goes aside, and nothing else does. */
static void test_damaged_while_it_waits(void **state)
{
	struct queue_case *c = *state;
	struct status st;
	queue_case_put(c, 1, CONTENT);
	struct queue_id fine = c->id;
	queue_case_put(c, 1, CONTENT);
	assert_int_equal(truncate(queue_case_path(c, "q", NULL), 200), 0);
	assert_taken(c, QUEUE_DAMAGED, NULL);
	assert_int_equal(queue_set_aside(&c->queue, c->id.text, &st), 0);
	assert_taken(c, QUEUE_GONE, NULL);
	assert_int_equal(access(queue_case_path(c, "corrupt", NULL), F_OK), 0);
	c->id = fine;
	assert_taken(c, QUEUE_TAKEN, NULL);
}

int main(void)
{
#define IN_A_QUEUE(f) cmocka_unit_test_setup_teardown(f, queue_case_open, queue_case_close)
	const struct CMUnitTest tests[] = {
		IN_A_QUEUE(test_marks_stay),
		IN_A_QUEUE(test_marks_of_a_new_message),
		IN_A_QUEUE(test_marks_go_from_last_to_first),
		IN_A_QUEUE(test_put_back),
		IN_A_QUEUE(test_a_descriptor_that_is_none),
		IN_A_QUEUE(test_remove),
		IN_A_QUEUE(test_give_up),
		IN_A_QUEUE(test_set_aside),
		IN_A_QUEUE(test_set_aside_what_is_no_file),
		IN_A_QUEUE(test_damaged_while_it_waits),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
