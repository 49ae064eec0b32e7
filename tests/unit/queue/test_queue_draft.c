/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_draft.h"

#include "base/mem.h"
#include "queue/queue_case.h"
#include "queue/queue_file.h"

#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
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

static void test_a_small_message(void **state)
{
	struct queue_case *c = *state;
	struct queue_entry e, got;
	struct queue_draft d = { 0 };
	struct stat facts;
	struct buf text = { 0 };
	struct status st;
	queue_case_entry(&e, 2, CONTENT);
	begin(c, &d, NULL);
	assert_int_equal(queue_case_count(c, "tmp"), 1);
	assert_int_equal(queue_case_count(c, "q"), 0);
	assert_int_equal(queue_draft_commit(&d, &e, &st), 0);
	queue_draft_release(&d);
	c->id = e.id;
	assert_int_equal(queue_case_count(c, "tmp"), 0);
	assert_int_equal(stat(queue_case_path(c, "q", NULL), &facts), 0);
	assert_int_equal(facts.st_mode & 07777, 0600);
	assert_int_equal(facts.st_size, e.size);
	queue_case_read(queue_case_path(c, "q", NULL), &text);
	assert_memory_equal(text.data + e.head, CONTENT, strlen(CONTENT));
	queue_case_take(c, &got, QUEUE_BUSY);
	queue_entry_release(&got);
	queue_entry_release(&e);
	queue_case_take(c, &got, QUEUE_TAKEN);
	queue_entry_release(&got);
	buf_release(&text);
}

/* A writer of large messages, as submissions are. */
struct large {
	struct queue_draft draft;
	struct queue_entry *entry;
};

static int spool(void *context, uint64_t *base)
{
	struct large *l = context;
	return queue_draft_spool(&l->draft, l->entry, base);
}

static char octet(uint64_t at)
{
	return at % 64 == 62 ? '\r' : at % 64 == 63 ? '\n' : (char)('a' + at / 64 % 26);
}

/* SIZE octets, in pieces of STEP, spooled to a draft and committed. */
static void put_large(struct queue_case *c, struct queue_entry *e, uint64_t size, size_t step)
{
	struct large l = { .entry = e };
	struct buf piece = { 0 };
	struct status st;
	queue_case_entry(e, 3, "");
	e->id = (struct queue_id){ 0 };
	begin(c, &l.draft, NULL);
	e->message.content.place = (struct store_place){ spool, &l };
	for (uint64_t at = 0; at < size; at++) {
		buf_add_char(&piece, octet(at));
		if (piece.len < step && at + 1 < size)
			continue;
		assert_int_equal(store_add(&e->message.content, buf_slice(&piece), &st), 0);
		buf_reset(&piece);
	}
	e->message.body = (struct facts){ .size = size, .longest_line = 62 };
	e->message.facts = e->message.body;
	e->attempts = 7;
	assert_int_equal(store_is_in_place(&e->message.content), size > STORE_MEMORY);
	if (queue_draft_commit(&l.draft, e, &st) != 0)
		fail_msg("%s", st.text);
	queue_draft_release(&l.draft);
	c->id = e->id;
	buf_release(&piece);
}

static void assert_content(const struct queue_entry *e)
{
	struct buf scratch = { 0 };
	struct slice piece = { 0 };
	struct status st;
	for (uint64_t at = 0; at < e->message.content.size; at += piece.len) {
		assert_int_equal(store_read(&e->message.content, at, &scratch, &piece, &st), 0);
		for (size_t i = 0; i < piece.len; i++)
			assert_int_equal(piece.data[i], octet(at + i));
	}
	buf_release(&scratch);
}

static void test_messages_of_all_sizes(void **state)
{
	struct queue_case *c = *state;
	static const uint64_t sizes[] = {
		0,      1,      16000, 20000, STORE_MEMORY - 1, STORE_MEMORY, STORE_MEMORY + 1,
		600000, 3000000
	};
	static const size_t steps[] = { 1000, 65536, 262144, 1000000 };
	for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
		struct queue_entry e, got;
		put_large(c, &e, sizes[i], steps[i % 4]);
		assert_content(&e);
		queue_entry_release(&e);
		queue_case_take(c, &got, QUEUE_TAKEN);
		assert_int_equal(got.message.content.size, sizes[i]);
		assert_int_equal(got.attempts, 7);
		assert_true(got.message.content.memory.len <= STORE_MEMORY);
		assert_content(&got);
		queue_entry_release(&got);
	}
	assert_int_equal(queue_case_count(c, "tmp"), 0);
}

/* A header that needs more than a read, and a message behind it that does not fit in memory. */
static void test_many_recipients(void **state)
{
	struct queue_case *c = *state;
	enum { MANY = 10000 };
	struct queue_entry got;
	struct buf content = { 0 };
	buf_add_str(&content, CONTENT);
	while (content.len < STORE_MEMORY - 100)
		buf_add_str(&content, "12345678901234567890123456789012345678\r\n");
	queue_case_put(c, MANY, buf_str(&content));
	queue_case_take(c, &got, QUEUE_TAKEN);
	assert_int_equal(got.envelope.count, MANY);
	assert_int_equal(got.message.content.size, content.len);
	queue_entry_release(&got);
	buf_release(&content);
}

static void test_more_than_memory_behind_a_large_header(void **state)
{
	struct queue_case *c = *state;
	struct queue_entry e, got;
	struct buf content = { 0 }, scratch = { 0 };
	struct slice piece;
	struct queue_draft d = { 0 };
	struct status st;
	setenv("TMPDIR", "/proc/none", 1);
	queue_case_entry(&e, 20000, CONTENT);
	buf_add_str(&content, CONTENT);
	while (content.len < 2 * STORE_MEMORY)
		buf_add_str(&content, "12345678901234567890123456789012345678\r\n");
	store_release(&e.message.content);
	queue_case_content(&e, buf_str(&content));
	begin(c, &d, NULL);
	assert_int_equal(queue_draft_commit(&d, &e, &st), 0);
	queue_draft_release(&d);
	c->id = e.id;
	queue_entry_release(&e);
	queue_case_take(c, &got, QUEUE_TAKEN);
	assert_true(store_is_in_place(&got.message.content));
	assert_int_equal(store_read(&got.message.content, content.len - 42, &scratch, &piece,
				    &st),
			 0);
	assert_int_equal(piece.len, 42);
	assert_memory_equal(piece.data, content.data + content.len - 42, 42);
	queue_entry_release(&got);
	buf_release(&content);
	buf_release(&scratch);
	unsetenv("TMPDIR");
}

static void test_not_committed(void **state)
{
	struct queue_case *c = *state;
	struct queue_draft d = { 0 };
	queue_draft_release(&d);
	begin(c, &d, NULL);
	assert_int_equal(queue_case_count(c, "tmp"), 1);
	queue_draft_release(&d);
	queue_draft_release(&d);
	assert_int_equal(queue_case_count(c, "tmp"), 0);
	assert_int_equal(queue_case_count(c, "q"), 0);
}

/* What is marked before the message is committed, because it was tried before. */
static void test_marks_come_from_the_envelope(void **state)
{
	struct queue_case *c = *state;
	static const struct status done = { .kind = STATUS_OK };
	static const struct status no_user = { .kind = STATUS_NO_USER };
	static const struct status later = { .kind = STATUS_TEMPORARY };
	struct queue_entry e, got;
	struct queue_draft d = { 0 };
	struct status st;
	queue_case_entry(&e, 4, CONTENT);
	recipient_decide(&e.envelope.at[0], &done);
	recipient_decide(&e.envelope.at[1], &no_user);
	recipient_decide(&e.envelope.at[2], &later);
	begin(c, &d, NULL);
	assert_int_equal(queue_draft_commit(&d, &e, &st), 0);
	queue_draft_release(&d);
	c->id = e.id;
	queue_entry_release(&e);
	queue_case_take(c, &got, QUEUE_TAKEN);
	assert_memory_equal(got.marks, "DF??", 4);
	queue_entry_release(&got);
}

static void test_the_time_of_the_file(void **state)
{
	struct queue_case *c = *state;
	struct queue_entry e;
	struct queue_draft d = { 0 };
	struct stat facts;
	struct status st;
	queue_case_entry(&e, 1, CONTENT);
	e.next = e.created + 12345;
	begin(c, &d, NULL);
	assert_int_equal(queue_draft_commit(&d, &e, &st), 0);
	queue_draft_release(&d);
	assert_int_equal(fstat(e.fd, &facts), 0);
	assert_int_equal(facts.st_mtime, 1800012345);
	queue_entry_release(&e);
}

static void test_a_given_id(void **state)
{
	struct queue_case *c = *state;
	struct queue_entry e;
	struct queue_draft d = { 0 }, other = { 0 };
	struct status st;
	begin(c, &d, &given);
	assert_int_equal(queue_draft_begin(&other, &c->queue, &given, &st), -1);
	assert_int_equal(st.kind, STATUS_DISK);
	assert_int_equal(st.sys, EAGAIN);
	queue_draft_release(&other);
	assert_int_equal(queue_case_count(c, "tmp"), 1);
	queue_case_entry(&e, 1, CONTENT);
	assert_int_equal(queue_draft_commit(&d, &e, &st), 0);
	assert_string_equal(e.id.text, given.text);
	queue_draft_release(&d);
	queue_entry_release(&e);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(queue_draft_begin(&other, &c->queue, &given, &st), -1);
		assert_int_equal(st.kind, STATUS_DISK);
		assert_int_equal(st.sys, EEXIST);
		queue_draft_release(&other);
	}
	assert_int_equal(queue_case_count(c, "tmp"), 0);
	assert_int_equal(queue_case_count(c, "q"), 1);
}

/* What it was made of, there, is never gone without it. */
static void test_another_folder(void **state)
{
	struct queue_case *c = *state;
	struct queue_entry e;
	struct queue_draft d = { 0 };
	struct status st;
	struct buf text = { 0 };
	const char *path = queue_case_path(c, QUEUE_IMPORTS, given.text);
	assert_int_equal(mkdirat(c->queue.fd, QUEUE_IMPORTS, 0700), 0);
	queue_case_write(path, slice_of("what it was"));
	begin(c, &d, &given);
	d.folder = QUEUE_IMPORTS;
	queue_case_entry(&e, 1, CONTENT);
	assert_int_equal(queue_draft_commit(&d, &e, &st), 0);
	queue_draft_release(&d);
	queue_entry_release(&e);
	queue_case_read(path, &text);
	assert_memory_equal(buf_str(&text), QUEUE_MAGIC, strlen(QUEUE_MAGIC));
	assert_int_equal(queue_case_count(c, QUEUE_MESSAGES), 0);
	assert_int_equal(queue_case_count(c, QUEUE_IMPORTS), 1);
	assert_int_equal(queue_case_count(c, QUEUE_DRAFTS), 0);
	assert_true(queue_move(&c->queue, queue_path(QUEUE_IMPORTS, given.text).text,
			       queue_path(QUEUE_MESSAGES, given.text).text));
	assert_int_equal(queue_take(&c->queue, given.text, &e, &st), QUEUE_TAKEN);
	queue_entry_release(&e);
	buf_release(&text);
}

/* An entry that could be written, but not read again, stays with the caller. */
static void test_what_could_not_be_read_again(void **state)
{
	struct queue_case *c = *state;
	for (int i = 0; i < 6; i++) {
		struct queue_entry e;
		struct queue_draft d = { 0 };
		struct status st;
		queue_case_entry(&e, i == 0 ? 0 : 2, CONTENT);
		char *account = mem_copy(i == 1 ? "" : i == 2 ? "a\nR ? evil@x.test" : "fine");
		free(e.account);
		e.account = account;
		if (i == 3)
			e.envelope.sender[0] = '\n';
		if (i == 4)
			e.envelope.at[1].address[0] = '>';
		if (i == 5)
			e.message.facts.size++;
		begin(c, &d, NULL);
		assert_int_equal(queue_draft_commit(&d, &e, &st), -1);
		assert_int_equal(st.kind, STATUS_BAD_MESSAGE);
		queue_draft_release(&d);
		queue_entry_release(&e);
	}
	assert_int_equal(queue_case_count(c, "q") + queue_case_count(c, "tmp"), 0);
}

static void test_too_many_recipients(void **state)
{
	struct queue_case *c = *state;
	enum { LONG = 60, ENOUGH = QUEUE_ID_LENGTH * 6000 };
	struct queue_entry e;
	struct queue_draft d = { 0 };
	struct status st;
	queue_case_entry(&e, 0, CONTENT);
	for (int i = 0; i < ENOUGH; i++) {
		char address[LONG + 20];
		memset(address, 'a', LONG);
		snprintf(address + LONG, sizeof address - LONG, "%d@x.test", i);
		envelope_add(&e.envelope, address);
	}
	free(e.marks);
	e.marks = NULL;
	begin(c, &d, NULL);
	assert_int_equal(queue_draft_commit(&d, &e, &st), -1);
	assert_int_equal(st.kind, STATUS_BAD_MESSAGE);
	queue_draft_release(&d);
	queue_entry_release(&e);
}

/* The content stands behind a header of another length than the one that is to be written. */
static void test_an_envelope_that_changed_after_spooling(void **state)
{
	struct queue_case *c = *state;
	struct large l = { 0 };
	struct queue_entry e;
	struct buf piece = { 0 };
	struct status st;
	queue_case_entry(&e, 3, "");
	l.entry = &e;
	begin(c, &l.draft, NULL);
	e.message.content.place = (struct store_place){ spool, &l };
	while (piece.len < 300000)
		buf_add_str(&piece, "text\r\n");
	assert_int_equal(store_add(&e.message.content, buf_slice(&piece), &st), 0);
	e.message.body = (struct facts){ .size = piece.len };
	e.message.facts = e.message.body;
	free(e.account);
	e.account = mem_copy("another");
	assert_int_equal(queue_draft_commit(&l.draft, &e, &st), -1);
	assert_int_equal(st.kind, STATUS_SYSTEM);
	queue_draft_release(&l.draft);
	queue_entry_release(&e);
	buf_release(&piece);
	assert_int_equal(queue_case_count(c, "q") + queue_case_count(c, "tmp"), 0);
}

/* A disk that is full, in a way that needs no disk. */
static void test_no_room(void **state)
{
	struct queue_case *c = *state;
	struct rlimit old, tight;
	struct queue_entry e;
	struct queue_draft d = { 0 };
	struct status st = { 0 };
	signal(SIGXFSZ, SIG_IGN);
	queue_case_entry(&e, 3, CONTENT);
	begin(c, &d, NULL);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	tight = old;
	tight.rlim_cur = 100;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	int result = queue_draft_commit(&d, &e, &st);
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_int_equal(result, -1);
	assert_int_equal(st.kind, STATUS_DISK);
	assert_int_equal(st.sys, EFBIG);
	queue_draft_release(&d);
	queue_entry_release(&e);
	assert_int_equal(queue_case_count(c, "q") + queue_case_count(c, "tmp"), 0);
}

/* Folders that somebody removed come back. */
static void test_folders_that_are_gone(void **state)
{
	struct queue_case *c = *state;
	static const char *const names[] = { "tmp", "q" };
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		char name[16];
		snprintf(name, sizeof name, "queue/%s", names[i]);
		while (queue_case_count(c, names[i]) != 0)
			assert_int_equal(unlink(queue_case_path(c, names[i], NULL)), 0);
		assert_int_equal(rmdir(scratch_path(&c->scratch, name)), 0);
		queue_case_put(c, 1, CONTENT);
		assert_int_equal(queue_case_count(c, "q"), 1);
	}
}

static void test_no_folder_at_all(void **state)
{
	struct queue_case *c = *state;
	struct queue q;
	struct queue_draft d = { 0 };
	struct status st;
	assert_int_equal(queue_open(&q, scratch_path(&c->scratch, "gone"), true, &st), 0);
	assert_int_equal(rmdir(scratch_path(&c->scratch, "gone")), 0);
	assert_int_equal(queue_draft_begin(&d, &q, NULL, &st), -1);
	assert_int_equal(st.kind, STATUS_DISK);
	assert_non_null(strstr(st.text, "gone"));
	queue_draft_release(&d);
	queue_release(&q);
}

int main(void)
{
#define IN_A_QUEUE(f) cmocka_unit_test_setup_teardown(f, queue_case_open, queue_case_close)
	const struct CMUnitTest tests[] = {
		IN_A_QUEUE(test_a_small_message),
		IN_A_QUEUE(test_messages_of_all_sizes),
		IN_A_QUEUE(test_many_recipients),
		IN_A_QUEUE(test_more_than_memory_behind_a_large_header),
		IN_A_QUEUE(test_not_committed),
		IN_A_QUEUE(test_marks_come_from_the_envelope),
		IN_A_QUEUE(test_the_time_of_the_file),
		IN_A_QUEUE(test_a_given_id),
		IN_A_QUEUE(test_another_folder),
		IN_A_QUEUE(test_what_could_not_be_read_again),
		IN_A_QUEUE(test_too_many_recipients),
		IN_A_QUEUE(test_an_envelope_that_changed_after_spooling),
		IN_A_QUEUE(test_no_room),
		IN_A_QUEUE(test_folders_that_are_gone),
		IN_A_QUEUE(test_no_folder_at_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
