/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_scan.h"

#include "base/clock.h"
#include "queue/queue_case.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static void scan(struct queue_case *c, const char *folder, struct queue_items *items)
{
	struct status st = { 0 };
	if (queue_scan(&c->queue, folder, items, &st) != 0)
		fail_msg("%s", st.text);
}

static void test_nothing(void **state)
{
	struct queue_case *c = *state;
	struct queue_items items = { 0 };
	struct queue nowhere = { .fd = -1 };
	struct status st;
	scan(c, "q", &items);
	assert_int_equal(rmdir(scratch_path(&c->scratch, "queue/q")), 0);
	scan(c, "q", &items);
	assert_int_equal(queue_scan(&nowhere, "q", &items, &st), 0);
	assert_int_equal(items.count + items.foreign.count, 0);
	queue_items_release(&items);
	queue_items_release(&items);
}

/* Whatever order the folder has them in. */
static void test_from_the_oldest_to_the_newest(void **state)
{
	struct queue_case *c = *state;
	enum { MANY = 500 };
	struct queue_items items = { 0 };
	for (int i = 0; i < MANY; i++) {
		clock_set_wall(1800000000 + (i * 7919) % MANY);
		struct queue_id id = queue_id_new();
		queue_case_write(queue_case_path(c, "q", id.text), slice_of("text"));
	}
	clock_set_wall(0);
	scan(c, "q", &items);
	assert_int_equal(items.count, MANY);
	for (size_t i = 1; i < MANY; i++)
		assert_true(strcmp(items.at[i - 1].id.text, items.at[i].id.text) < 0);
	queue_items_release(&items);
}

static void test_times_and_sizes(void **state)
{
	struct queue_case *c = *state;
	struct queue_items items = { 0 };
	struct queue_entry e;
	struct status st;
	queue_case_put(c, 3, "Subject: x\r\n\r\n");
	queue_case_take(c, &e, QUEUE_TAKEN);
	e.next = 1800054321;
	assert_int_equal(queue_put_back(&c->queue, &e, &st), 0);
	scan(c, "q", &items);
	assert_int_equal(items.count, 1);
	assert_string_equal(items.at[0].id.text, c->id.text);
	assert_int_equal(items.at[0].next, 1800054321);
	assert_int_equal(items.at[0].size, e.size);
	queue_entry_release(&e);
	queue_items_release(&items);
}

/* Names with a dot in front are the file system's; NFS keeps what is open under such a one. */
static void test_foreign_names(void **state)
{
	struct queue_case *c = *state;
	static const char *const names[] = { "README", "core.1", "0123456789abcdefghjkmnpq" };
	struct queue_items items = { 0 };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		queue_case_write(queue_case_path(c, "q", names[i]), slice_of("text"));
	queue_case_write(queue_case_path(c, "q", ".nfs000000000001"), slice_of("text"));
	queue_case_put(c, 1, "Subject: x\r\n\r\n");
	scan(c, "q", &items);
	assert_int_equal(items.count, 1);
	assert_int_equal(items.foreign.count, 3);
	queue_items_release(&items);
}

static void test_other_folders(void **state)
{
	struct queue_case *c = *state;
	struct queue_items items = { 0 };
	struct queue_entry e;
	struct status st;
	queue_case_put(c, 1, "Subject: x\r\n\r\n");
	queue_case_take(c, &e, QUEUE_TAKEN);
	assert_int_equal(queue_give_up(&c->queue, &e, &st), 0);
	queue_entry_release(&e);
	scan(c, "failed", &items);
	assert_int_equal(items.count, 1);
	queue_case_put(c, 1, "Subject: x\r\n\r\n");
	scan(c, "q", &items);
	assert_int_equal(items.count, 2);
	queue_items_release(&items);
}

static void test_what_is_no_folder(void **state)
{
	struct queue_case *c = *state;
	struct queue_items items = { 0 };
	struct status st;
	const char *path = scratch_path(&c->scratch, "queue/q");
	assert_int_equal(rmdir(path), 0);
	queue_case_write(path, slice_of("text"));
	assert_int_equal(queue_scan(&c->queue, "q", &items, &st), -1);
	assert_int_equal(st.kind, STATUS_DISK);
	assert_int_equal(st.sys, ENOTDIR);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(symlink("/etc", path), 0);
	assert_int_equal(queue_scan(&c->queue, "q", &items, &st), -1);
	assert_int_equal(st.kind, STATUS_DISK);
	assert_int_equal(items.count + items.foreign.count, 0);
}

int main(void)
{
#define IN_A_QUEUE(f) cmocka_unit_test_setup_teardown(f, queue_case_open, queue_case_close)
	const struct CMUnitTest tests[] = {
		IN_A_QUEUE(test_nothing),
		IN_A_QUEUE(test_from_the_oldest_to_the_newest),
		IN_A_QUEUE(test_times_and_sizes),
		IN_A_QUEUE(test_foreign_names),
		IN_A_QUEUE(test_other_folders),
		IN_A_QUEUE(test_what_is_no_folder),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
