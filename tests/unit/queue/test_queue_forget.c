/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_forget.h"

#include "base/clock.h"
#include "queue/queue_id.h"
#include "scratch.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { DAY = 24 * 60 * 60 };

static bool is_there(const struct queue *q, const char *folder, const char *name)
{
	struct stat facts;
	return fstatat(q->fd, queue_path(folder, name).text, &facts, 0) == 0;
}

/* A file of that age, in seconds. */
static struct queue_id put(struct scratch *dir, const char *folder, int64_t age)
{
	struct queue_id id = queue_id_new();
	char name[80];
	snprintf(name, sizeof name, "queue/%s/%s", folder, id.text);
	const char *path = scratch_write(dir, name, 0600, "x");
	const struct timespec times[] = { { .tv_nsec = UTIME_OMIT },
					  { .tv_sec = clock_wall() - age } };
	assert_int_equal(utimensat(AT_FDCWD, path, times, 0), 0);
	return id;
}

static void only_what_is_old_and_failed_goes(void **state)
{
	(void)state;
	struct scratch dir;
	struct queue q;
	struct status st;
	scratch_open(&dir);
	struct queue_id old = put(&dir, QUEUE_FAILED, 31 * DAY);
	struct queue_id fresh = put(&dir, QUEUE_FAILED, 29 * DAY);
	struct queue_id waiting = put(&dir, QUEUE_MESSAGES, 31 * DAY);
	struct queue_id damaged = put(&dir, QUEUE_CORRUPT, 31 * DAY);
	struct queue_id reply = old;
	char name[80];
	snprintf(name, sizeof name, "queue/%s/%s", QUEUE_REPLIES, reply.text);
	scratch_write(&dir, name, 0600, "x");
	assert_int_equal(queue_open(&q, scratch_path(&dir, "queue"), false, &st), 0);
	queue_forget_failed(&q, clock_wall());
	assert_false(is_there(&q, QUEUE_FAILED, old.text));
	assert_false(is_there(&q, QUEUE_REPLIES, old.text));
	assert_true(is_there(&q, QUEUE_FAILED, fresh.text));
	assert_true(is_there(&q, QUEUE_MESSAGES, waiting.text));
	assert_true(is_there(&q, QUEUE_CORRUPT, damaged.text));
	queue_release(&q);
	scratch_close(&dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_old_and_failed_goes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
