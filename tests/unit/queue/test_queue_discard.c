/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_take.h"

#include "queue/queue_id.h"
#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

struct place {
	struct scratch scratch;
	struct queue queue;
	struct queue_id id;
};

static void open_place(struct place *p)
{
	struct status st;
	scratch_open(&p->scratch);
	p->id = queue_id_new();
	assert_int_equal(queue_open(&p->queue, p->scratch.folder, true, &st), 0);
	assert_int_equal(queue_make_folders(&p->queue, &st), 0);
}

static void close_place(struct place *p)
{
	queue_release(&p->queue);
	scratch_close(&p->scratch);
}

static void put(struct place *p, const char *folder, const char *name)
{
	scratch_write(&p->scratch, queue_path(folder, name).text, 0600, "anything");
}

static bool is_there(const struct place *p, const char *folder, const char *name)
{
	struct stat ignored;
	return fstatat(p->queue.fd, queue_path(folder, name).text, &ignored,
		       AT_SYMLINK_NOFOLLOW) == 0;
}

static void whatever_it_is_it_goes(void **state)
{
	static const char *const folders[] = { QUEUE_MESSAGES, QUEUE_FAILED, QUEUE_CORRUPT };
	(void)state;
	for (size_t i = 0; i < sizeof folders / sizeof folders[0]; i++) {
		struct place p;
		struct status st;
		open_place(&p);
		put(&p, folders[i], p.id.text);
		put(&p, QUEUE_REPLIES, p.id.text);
		assert_int_equal(queue_discard(&p.queue, folders[i], p.id.text, &st),
				 QUEUE_TAKEN);
		assert_false(is_there(&p, folders[i], p.id.text));
		assert_false(is_there(&p, QUEUE_REPLIES, p.id.text));
		assert_int_equal(queue_discard(&p.queue, folders[i], p.id.text, &st),
				 QUEUE_GONE);
		close_place(&p);
	}
}

/* Not what it points to. */
static void a_link_goes_alone(void **state)
{
	struct place p;
	struct status st;
	(void)state;
	open_place(&p);
	put(&p, QUEUE_FAILED, "target");
	assert_int_equal(symlinkat("../failed/target", p.queue.fd,
				   queue_path(QUEUE_CORRUPT, "link").text),
			 0);
	assert_int_equal(queue_discard(&p.queue, QUEUE_CORRUPT, "link", &st), QUEUE_TAKEN);
	assert_true(is_there(&p, QUEUE_FAILED, "target"));
	assert_false(is_there(&p, QUEUE_CORRUPT, "link"));
	close_place(&p);
}

static void what_is_in_hand_stays(void **state)
{
	struct place p;
	struct status st;
	(void)state;
	open_place(&p);
	put(&p, QUEUE_MESSAGES, p.id.text);
	int fd = openat(p.queue.fd, queue_path(QUEUE_MESSAGES, p.id.text).text, O_RDONLY);
	assert_int_equal(flock(fd, LOCK_EX), 0);
	assert_int_equal(queue_discard(&p.queue, QUEUE_MESSAGES, p.id.text, &st), QUEUE_BUSY);
	assert_true(is_there(&p, QUEUE_MESSAGES, p.id.text));
	close(fd);
	assert_int_equal(queue_discard(&p.queue, QUEUE_MESSAGES, p.id.text, &st), QUEUE_TAKEN);
	close_place(&p);
}

static void what_cannot_go_is_said(void **state)
{
	struct place p;
	struct status st = { 0 };
	(void)state;
	open_place(&p);
	scratch_write(&p.scratch, "q/folder/file", 0600, "");
	assert_int_equal(queue_discard(&p.queue, QUEUE_MESSAGES, "folder", &st),
			 QUEUE_UNREADABLE);
	assert_int_equal(st.kind, STATUS_DISK);
	assert_int_equal(st.sys, EISDIR);
	close_place(&p);
}

static void no_folder_has_nothing(void **state)
{
	struct queue q;
	struct status st;
	(void)state;
	assert_int_equal(queue_open(&q, "/proc/none/queue", false, &st), 0);
	assert_int_equal(queue_discard(&q, QUEUE_MESSAGES, queue_id_new().text, &st),
			 QUEUE_GONE);
	queue_release(&q);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_it_is_it_goes),
		cmocka_unit_test(a_link_goes_alone),
		cmocka_unit_test(what_is_in_hand_stays),
		cmocka_unit_test(what_cannot_go_is_said),
		cmocka_unit_test(no_folder_has_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
