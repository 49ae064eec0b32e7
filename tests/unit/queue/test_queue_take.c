/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_take.h"

#include "queue/queue_case.h"
#include "queue/queue_file.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
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

static void assert_damaged(struct queue_case *c, const char *why)
{
	struct queue_entry e;
	struct status st = { 0 };
	assert_taken(c, QUEUE_DAMAGED, why);
	assert_int_equal(queue_take(&c->queue, c->id.text, &e, &st), QUEUE_DAMAGED);
	assert_int_equal(st.kind, STATUS_BAD_MESSAGE);
	queue_entry_release(&e);
}

static void test_take(void **state)
{
	struct queue_case *c = *state;
	struct queue_entry e;
	struct buf scratch = { 0 };
	struct slice piece;
	struct status st;
	queue_case_put(c, 3, CONTENT);
	queue_case_take(c, &e, QUEUE_TAKEN);
	assert_string_equal(e.id.text, c->id.text);
	assert_string_equal(e.account, "work & play");
	assert_int_equal(e.envelope.count, 3);
	assert_memory_equal(e.marks, "???", 3);
	assert_int_equal(fcntl(e.fd, F_GETFD), FD_CLOEXEC);
	assert_int_equal(store_read(&e.message.content, 0, &scratch, &piece, &st), 0);
	assert_true(slice_is(piece, CONTENT));
	queue_entry_release(&e);
	buf_release(&scratch);
}

static void test_busy(void **state)
{
	struct queue_case *c = *state;
	struct queue_entry e, other;
	struct status st;
	queue_case_put(c, 1, CONTENT);
	queue_case_take(c, &e, QUEUE_TAKEN);
	assert_taken(c, QUEUE_BUSY, NULL);
	assert_int_equal(queue_peek(&c->queue, c->id.text, &other, &st), QUEUE_TAKEN);
	assert_string_equal(other.envelope.sender, "me@x.test");
	queue_entry_release(&other);
	assert_taken(c, QUEUE_BUSY, NULL);
	queue_entry_release(&e);
	assert_taken(c, QUEUE_TAKEN, NULL);
}

/* Whoever only looks locks nobody out. */
static void test_peek_does_not_lock(void **state)
{
	struct queue_case *c = *state;
	struct queue_entry e, other;
	struct status st;
	queue_case_put(c, 1, CONTENT);
	assert_int_equal(queue_peek(&c->queue, c->id.text, &other, &st), QUEUE_TAKEN);
	queue_case_take(c, &e, QUEUE_TAKEN);
	assert_int_equal(queue_remove(&c->queue, &e, &st), 0);
	queue_entry_release(&e);
	queue_entry_release(&other);
	assert_int_equal(queue_peek(&c->queue, c->id.text, &other, &st), QUEUE_GONE);
	queue_entry_release(&other);
}

static void test_gone(void **state)
{
	struct queue_case *c = *state;
	struct queue nowhere = { .fd = -1 };
	struct queue_entry e;
	struct status st = { 0 };
	c->id = queue_id_new();
	assert_taken(c, QUEUE_GONE, NULL);
	assert_int_equal(queue_take(&nowhere, c->id.text, &e, &st), QUEUE_GONE);
	queue_entry_release(&e);
	assert_int_equal(rmdir(scratch_path(&c->scratch, "queue/q")), 0);
	assert_taken(c, QUEUE_GONE, NULL);
}

static void test_names_that_are_no_ids(void **state)
{
	struct queue_case *c = *state;
	static const char *const names[] = { "", "x", "../tmp/0123456789ABCDEFGH", ".." };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		struct queue_entry e;
		struct status st = { 0 };
		assert_int_equal(queue_take(&c->queue, names[i], &e, &st), QUEUE_DAMAGED);
		queue_entry_release(&e);
		assert_int_equal(queue_peek(&c->queue, names[i], &e, &st), QUEUE_DAMAGED);
		queue_entry_release(&e);
	}
}

static void test_cut_at_every_length(void **state)
{
	struct queue_case *c = *state;
	struct buf text = { 0 };
	queue_case_put(c, 2, CONTENT);
	const char *path = queue_case_path(c, "q", NULL);
	queue_case_read(path, &text);
	for (size_t len = 0; len < text.len; len++) {
		assert_int_equal(truncate(path, (off_t)len), 0);
		assert_taken(c, QUEUE_DAMAGED, NULL);
		queue_case_write(path, buf_slice(&text));
	}
	assert_taken(c, QUEUE_TAKEN, NULL);
	buf_add_char(&text, '\n');
	queue_case_write(path, buf_slice(&text));
	assert_damaged(c, "not as long");
	buf_release(&text);
}

static void test_every_byte_counts(void **state)
{
	struct queue_case *c = *state;
	struct queue_entry e;
	struct buf text = { 0 };
	queue_case_put(c, 1, CONTENT);
	const char *path = queue_case_path(c, "q", NULL);
	queue_case_take(c, &e, QUEUE_TAKEN);
	size_t head = e.head, mark = (size_t)e.places[0];
	queue_entry_release(&e);
	queue_case_read(path, &text);
	for (size_t at = 0; at < text.len; at++) {
		if (at >= QUEUE_TRIES_AT && at < QUEUE_TRIES_AT + 22)
			continue;
		text.data[at] = (char)(text.data[at] ^ 0x40);
		queue_case_write(path, buf_slice(&text));
		assert_taken(c, QUEUE_DAMAGED,
			     at >= head   ? "content's checksum"
			     : at == mark ? "'R'"
					  : NULL);
		text.data[at] = (char)(text.data[at] ^ 0x40);
	}
	buf_release(&text);
}

/* Pages that the disk never got. */
static void test_zeroed_pages(void **state)
{
	struct queue_case *c = *state;
	enum { PAGE = 4096, SIZE = 300 * 1024 };
	struct buf text = { 0 }, content = { 0 };
	buf_add_str(&content, CONTENT);
	while (content.len < SIZE / 3)
		buf_add_str(&content, "12345678901234567890123456789012345678\r\n");
	queue_case_put(c, 1000, buf_str(&content));
	const char *path = queue_case_path(c, "q", NULL);
	queue_case_read(path, &text);
	for (size_t at = 0; at < text.len; at += PAGE) {
		char page[PAGE];
		size_t len = text.len - at < PAGE ? text.len - at : PAGE;
		memcpy(page, text.data + at, len);
		memset(text.data + at, 0, len);
		queue_case_write(path, buf_slice(&text));
		assert_taken(c, QUEUE_DAMAGED, NULL);
		memcpy(text.data + at, page, len);
	}
	queue_case_write(path, buf_slice(&text));
	assert_taken(c, QUEUE_TAKEN, NULL);
	buf_release(&text);
	buf_release(&content);
}

static void test_foreign_text(void **state)
{
	struct queue_case *c = *state;
	static const char *const texts[] = {
		"",
		"\n",
		"\n\n",
		"PR1 ",
		"PR1 \n\n",
		"PR2 x\n\n",
		"From: me\r\n\r\ntext\r\n",
		"PR1 0123456789ABCDEFGHJKMNPQ\n\n",
		"PR1 0123456789ABCDEFGHJKMNPQ\nA x\n\n",
	};
	c->id = queue_id_new();
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		queue_case_write(queue_case_path(c, "q", NULL), slice_of(texts[i]));
		assert_damaged(c, NULL);
	}
}

/* A header without an end is not read on for ever. */
static void test_a_huge_file(void **state)
{
	struct queue_case *c = *state;
	c->id = queue_id_new();
	const char *path = queue_case_path(c, "q", NULL);
	queue_case_write(path, slice_of("PR1 "));
	assert_int_equal(truncate(path, (off_t)1 << 40), 0);
	assert_damaged(c, "its header has no end");
}

static void test_another_name(void **state)
{
	struct queue_case *c = *state;
	queue_case_put(c, 1, CONTENT);
	const char *before = queue_case_path(c, "q", NULL);
	c->id = queue_id_new();
	assert_int_equal(rename(before, queue_case_path(c, "q", NULL)), 0);
	assert_damaged(c, "not named as it says");
}

static void test_two_names(void **state)
{
	struct queue_case *c = *state;
	queue_case_put(c, 1, CONTENT);
	const char *other = scratch_path(&c->scratch, "other");
	assert_int_equal(link(queue_case_path(c, "q", NULL), other), 0);
	assert_damaged(c, "more than one name");
	assert_int_equal(unlink(other), 0);
	assert_taken(c, QUEUE_TAKEN, NULL);
}

static void test_modes(void **state)
{
	struct queue_case *c = *state;
	static const mode_t modes[] = { 0644, 0640, 0604, 0660, 0601, 0610 };
	queue_case_put(c, 1, CONTENT);
	const char *path = queue_case_path(c, "q", NULL);
	for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
		assert_int_equal(chmod(path, modes[i]), 0);
		assert_damaged(c, "others may read or write");
	}
}

static void test_owners(void **state)
{
	struct queue_case *c = *state;
	if (geteuid() != 0)
		skip();
	queue_case_put(c, 1, CONTENT);
	assert_int_equal(chown(queue_case_path(c, "q", NULL), 65534, 65534), 0);
	assert_damaged(c, "somebody else's");
}

static void make_socket(const char *path)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(strlen(path) < sizeof address.sun_path);
	memcpy(address.sun_path, path, strlen(path) + 1);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
	close(fd);
}

static void test_no_regular_files(void **state)
{
	struct queue_case *c = *state;
	static const char why[] = "no regular file";
	struct queue_entry e;
	struct status st;
	queue_case_put(c, 1, CONTENT);
	const char *target = queue_case_path(c, "q", NULL);
	for (int i = 0; i < 4; i++) {
		c->id = queue_id_new();
		const char *path = queue_case_path(c, "q", NULL);
		if (i == 0)
			assert_int_equal(symlink(target, path), 0);
		else if (i == 1)
			assert_int_equal(mkfifo(path, 0600), 0);
		else if (i == 2)
			assert_int_equal(mkdir(path, 0700), 0);
		else
			make_socket(path);
		assert_damaged(c, why);
		assert_int_equal(queue_peek(&c->queue, c->id.text, &e, &st), QUEUE_DAMAGED);
		queue_entry_release(&e);
	}
}

/* The disk fails, not the message: it stays where it is. */
static void test_unreadable(void **state)
{
	struct queue_case *c = *state;
	struct queue_entry e;
	struct status st;
	queue_case_put(c, 1, CONTENT);
	int full = open("/dev/null", O_RDONLY | O_CLOEXEC);
	struct queue broken = { .path = c->queue.path, .fd = full, .owner = geteuid() };
	assert_int_equal(queue_take(&broken, c->id.text, &e, &st), QUEUE_UNREADABLE);
	assert_int_equal(st.kind, STATUS_DISK);
	assert_int_equal(st.sys, ENOTDIR);
	queue_entry_release(&e);
	close(full);
	if (geteuid() == 0)
		return;
	assert_int_equal(chmod(queue_case_path(c, "q", NULL), 0), 0);
	assert_taken(c, QUEUE_UNREADABLE, c->id.text);
}

/* The one that took it removed it, and another message has the name, while this one waited. */
static void test_the_lock_is_on_the_file_not_on_the_name(void **state)
{
	struct queue_case *c = *state;
	struct queue_entry e;
	struct buf text = { 0 };
	queue_case_put(c, 1, CONTENT);
	const char *path = queue_case_path(c, "q", NULL);
	queue_case_read(path, &text);
	queue_case_take(c, &e, QUEUE_TAKEN);
	assert_int_equal(unlink(path), 0);
	queue_case_write(path, buf_slice(&text));
	assert_taken(c, QUEUE_TAKEN, NULL);
	queue_entry_release(&e);
	buf_release(&text);
}

int main(void)
{
#define IN_A_QUEUE(f) cmocka_unit_test_setup_teardown(f, queue_case_open, queue_case_close)
	const struct CMUnitTest tests[] = {
		IN_A_QUEUE(test_take),
		IN_A_QUEUE(test_busy),
		IN_A_QUEUE(test_peek_does_not_lock),
		IN_A_QUEUE(test_gone),
		IN_A_QUEUE(test_names_that_are_no_ids),
		IN_A_QUEUE(test_cut_at_every_length),
		IN_A_QUEUE(test_every_byte_counts),
		IN_A_QUEUE(test_zeroed_pages),
		IN_A_QUEUE(test_foreign_text),
		IN_A_QUEUE(test_a_huge_file),
		IN_A_QUEUE(test_another_name),
		IN_A_QUEUE(test_two_names),
		IN_A_QUEUE(test_modes),
		IN_A_QUEUE(test_owners),
		IN_A_QUEUE(test_no_regular_files),
		IN_A_QUEUE(test_unreadable),
		IN_A_QUEUE(test_the_lock_is_on_the_file_not_on_the_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
