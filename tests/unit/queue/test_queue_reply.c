/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_reply.h"

#include "base/clock.h"
#include "base/mem.h"
#include "queue/queue_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static const struct status later = {
	.kind = STATUS_TEMPORARY,
	.stage = STAGE_RCPT,
	.enhanced = { 4, 2, 1 },
	.code = 450,
	.peer = "mx.x.test [192.0.2.1]:25",
	.text = "mailbox busy",
	.hint = "wait",
};
static const struct status no_user = {
	.kind = STATUS_NO_USER,
	.stage = STAGE_RCPT,
	.enhanced = { 5, 1, 1 },
	.code = 550,
	.text = "no such user",
};

static void make(struct queue_entry *e, size_t count)
{
	queue_case_entry(e, count, "Subject: x\r\n\r\n");
}

/* E's twin, which knows nothing yet of what servers said. */
static void make_again(struct queue_case *c, const struct queue_entry *e,
		       struct queue_entry *again)
{
	make(again, e->envelope.count);
	again->id = e->id;
	memcpy(again->marks, e->marks, e->envelope.count);
	queue_reply_load(&c->queue, again);
}

static void assert_noted(const struct recipient *r, const struct status *st)
{
	assert_int_equal(r->kind, st->kind);
	assert_int_equal(r->stage, st->stage);
	assert_int_equal(r->code, st->code);
	assert_memory_equal(r->enhanced, st->enhanced, sizeof st->enhanced);
	assert_string_equal(r->reply, st->text);
	assert_string_equal(r->peer != NULL ? r->peer : "", st->peer);
	assert_string_equal(r->hint != NULL ? r->hint : "", st->hint);
}

static void test_saved_and_loaded(void **state)
{
	struct queue_case *c = *state;
	struct queue_entry e, got;
	struct stat facts;
	make(&e, 5);
	memcpy(e.marks, "?FDB?", 5);
	recipient_note(&e.envelope.at[0], &later);
	for (size_t i = 1; i < 4; i++)
		recipient_decide(&e.envelope.at[i], &no_user);
	queue_reply_save(&c->queue, &e);
	assert_int_equal(stat(queue_case_path(c, "replies", e.id.text), &facts), 0);
	assert_int_equal(facts.st_mode & 07777, 0600);
	make_again(c, &e, &got);
	assert_noted(&got.envelope.at[0], &later);
	assert_noted(&got.envelope.at[1], &no_user);
	assert_null(got.envelope.at[2].reply);
	assert_noted(&got.envelope.at[3], &no_user);
	assert_null(got.envelope.at[4].reply);
	queue_entry_release(&got);
	queue_reply_remove(&c->queue, e.id.text);
	queue_reply_remove(&c->queue, e.id.text);
	make_again(c, &e, &got);
	assert_null(got.envelope.at[0].reply);
	queue_entry_release(&got);
	queue_entry_release(&e);
}

static void test_who_is_decided_stays_so(void **state)
{
	struct queue_case *c = *state;
	struct queue_entry e, got;
	make(&e, 3);
	for (size_t i = 0; i < 3; i++)
		recipient_note(&e.envelope.at[i], &later);
	queue_reply_save(&c->queue, &e);
	make(&got, 3);
	got.id = e.id;
	memcpy(got.marks, "DF?", 3);
	recipient_decide(&got.envelope.at[0], &(struct status){ .kind = STATUS_OK });
	recipient_decide(&got.envelope.at[1], &(struct status){ .kind = STATUS_REJECTED });
	queue_reply_load(&c->queue, &got);
	assert_true(got.envelope.at[0].decided && got.envelope.at[0].kind == STATUS_OK);
	assert_null(got.envelope.at[0].reply);
	assert_true(got.envelope.at[1].decided);
	assert_string_equal(got.envelope.at[1].reply, later.text);
	assert_false(got.envelope.at[2].decided);
	queue_entry_release(&got);
	queue_entry_release(&e);
}

static void test_newer_words_stay(void **state)
{
	struct queue_case *c = *state;
	struct queue_entry e;
	make(&e, 1);
	recipient_note(&e.envelope.at[0], &later);
	queue_reply_save(&c->queue, &e);
	recipient_note(&e.envelope.at[0], &no_user);
	queue_reply_load(&c->queue, &e);
	assert_noted(&e.envelope.at[0], &no_user);
	queue_reply_save(&c->queue, &e);
	queue_entry_release(&e);
}

static void test_nothing_to_tell(void **state)
{
	struct queue_case *c = *state;
	struct queue_entry e;
	make(&e, 2);
	queue_reply_save(&c->queue, &e);
	assert_int_equal(queue_case_count(c, "replies"), 0);
	queue_entry_release(&e);
}

/* One line for each run of recipients of whom the same was said. */
static void test_runs(void **state)
{
	struct queue_case *c = *state;
	enum { MANY = 10000 };
	struct queue_entry e, got;
	struct buf text = { 0 };
	make(&e, MANY);
	for (size_t i = 0; i < MANY; i++)
		recipient_note(&e.envelope.at[i], i == 5000 ? &no_user : &later);
	e.marks[7000] = MARK_DELIVERED;
	queue_reply_save(&c->queue, &e);
	queue_case_read(queue_case_path(c, "replies", e.id.text), &text);
	assert_string_equal(
		buf_str(&text),
		"0 4999 2 8 450 4 2 1\tmx.x.test [192.0.2.1]:25\tmailbox busy\twait\n"
		"5000 5000 5 8 550 5 1 1\t\tno such user\t\n"
		"5001 6999 2 8 450 4 2 1\tmx.x.test [192.0.2.1]:25\tmailbox busy\twait\n"
		"7001 9999 2 8 450 4 2 1\tmx.x.test [192.0.2.1]:25\tmailbox busy\twait\n");
	make_again(c, &e, &got);
	for (size_t i = 0; i < MANY; i++) {
		if (i != 7000)
			assert_noted(&got.envelope.at[i], i == 5000 ? &no_user : &later);
	}
	assert_null(got.envelope.at[7000].reply);
	queue_entry_release(&got);
	queue_entry_release(&e);
	buf_release(&text);
}

/* What a server said is one printable line, whatever it was. */
static void test_strange_words(void **state)
{
	struct queue_case *c = *state;
	struct status odd = later;
	struct queue_entry e, got;
	snprintf(odd.text, sizeof odd.text, "a\tb\nc\r\x1b[31m\xff");
	memset(odd.peer, 'p', sizeof odd.peer - 1);
	memset(odd.hint, 'h', sizeof odd.hint - 1);
	make(&e, 2);
	recipient_note(&e.envelope.at[0], &odd);
	memset(odd.text, 't', sizeof odd.text - 1);
	recipient_note(&e.envelope.at[1], &odd);
	queue_reply_save(&c->queue, &e);
	make_again(c, &e, &got);
	assert_string_equal(got.envelope.at[0].reply, "a b?c??[31m?");
	assert_noted(&got.envelope.at[1], &odd);
	queue_entry_release(&got);
	queue_entry_release(&e);
}

/* A line is taken as it is, or not at all. */
static void test_lines(void **state)
{
	struct queue_case *c = *state;
	static const struct {
		const char *text;
		const char *replies[3]; /* of the recipients 0 to 2 */
	} cases[] = {
		{ "0 2 2 8 450 4 2 1\tp\twords\th\n", { "words", "words", "words" } },
		{ "0 0 2 8 450 4 2 1\tp\twords\n", { "words", NULL, NULL } },
		{ "0 0 2 8 450 4 2 1\tp\twords", { "words", NULL, NULL } },
		{ "1 99999 2 8 450 4 2 1\tp\twords\th\n", { NULL, "words", "words" } },
		{ "0 999999999999999 2 8 450 4 2 1\tp\tw\th\n", { "w", "w", "w" } },
		{ "0 0 2 8 450 4 2 1\tp\ta\th\n1 1 2 8 450 4 2 1\tp\tb\th\n",
		  { "a", "b", NULL } },
		{ "\n\nx\n0 0 2 8 450 4 2 1\tp\ta\th\n\n", { "a", NULL, NULL } },
		/* backwards, twice */
		{ "1 1 2 8 450 4 2 1\tp\tb\th\n0 0 2 8 450 4 2 1\tp\ta\th\n",
		  { NULL, "b", NULL } },
		{ "0 1 2 8 450 4 2 1\tp\ta\th\n1 2 2 8 450 4 2 1\tp\tb\th\n",
		  { "a", "a", NULL } },
		{ "2 1 2 8 450 4 2 1\tp\twords\th\n", { NULL, NULL, NULL } },
		/* out of range */
		{ "3 3 2 8 450 4 2 1\tp\twords\th\n", { NULL, NULL, NULL } },
		{ "0 0 0 8 250 2 0 0\tp\twords\th\n", { NULL, NULL, NULL } },
		{ "0 0 15 8 450 4 2 1\tp\twords\th\n", { NULL, NULL, NULL } },
		{ "0 0 2 12 450 4 2 1\tp\twords\th\n", { NULL, NULL, NULL } },
		{ "0 0 2 8 1000 4 2 1\tp\twords\th\n", { NULL, NULL, NULL } },
		{ "0 0 2 8 450 6 2 1\tp\twords\th\n", { NULL, NULL, NULL } },
		{ "0 0 2 8 450 4 1000 1\tp\twords\th\n", { NULL, NULL, NULL } },
		{ "0 0 2 8 450 4 2\tp\twords\th\n", { NULL, NULL, NULL } },
		{ "-1 0 2 8 450 4 2 1\tp\twords\th\n", { NULL, NULL, NULL } },
		{ "0000000000000000 0 2 8 450 4 2 1\tp\tw\th\n", { NULL, NULL, NULL } },
		/* no words */
		{ "0 0 2 8 450 4 2 1\n", { NULL, NULL, NULL } },
		{ "", { NULL, NULL, NULL } },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct queue_entry e;
		make(&e, 3);
		queue_case_write(queue_case_path(c, "replies", e.id.text),
				 slice_of(cases[i].text));
		queue_reply_load(&c->queue, &e);
		for (size_t k = 0; k < 3; k++) {
			const char *reply = e.envelope.at[k].reply;
			const char *expected = cases[i].replies[k];
			if ((reply == NULL) != (expected == NULL) ||
			    (reply != NULL && strcmp(reply, expected) != 0))
				fail_msg("case %zu, recipient %zu: %s", i, k, reply);
		}
		queue_entry_release(&e);
	}
}

static void test_hostile_files(void **state)
{
	struct queue_case *c = *state;
	const char *outside =
		scratch_write(&c->scratch, "outside", 0600, "0 0 2 8 450 4 2 1\tp\twords\th\n");
	for (int i = 0; i < 4; i++) {
		struct queue_entry e;
		make(&e, 1);
		const char *path = queue_case_path(c, "replies", e.id.text);
		if (i == 0)
			assert_int_equal(symlink(outside, path), 0);
		else if (i == 1)
			assert_int_equal(mkfifo(path, 0600), 0);
		else if (i == 2)
			assert_int_equal(mkdir(path, 0700), 0);
		else
			queue_case_write(path, slice_n("\0\0\xff\n", 4));
		queue_reply_load(&c->queue, &e);
		assert_null(e.envelope.at[0].reply);
		recipient_note(&e.envelope.at[0], &no_user);
		queue_reply_save(&c->queue, &e);
		queue_entry_release(&e);
	}
	struct buf text = { 0 };
	queue_case_read(outside, &text);
	assert_non_null(strstr(buf_str(&text), "words"));
	buf_release(&text);
}

/* Many lines, each for all recipients: as long as that takes, nothing else is done. */
static void test_a_file_that_takes_long(void **state)
{
	struct queue_case *c = *state;
	enum { MANY = 10000, SIZE = 8 * 1024 * 1024 };
	struct queue_entry e;
	struct buf text = { 0 };
	make(&e, MANY);
	while (text.len < SIZE - 40)
		buf_add_str(&text, "0 9999 2 8 450 4 2 1\t\t\t\n");
	queue_case_write(queue_case_path(c, "replies", e.id.text), buf_slice(&text));
	int64_t start = clock_now();
	queue_reply_load(&c->queue, &e);
	assert_true(clock_now() - start < 1500);
	assert_null(e.envelope.at[0].reply);
	while (text.len <= SIZE)
		buf_add_str(&text, "0 9999 2 8 450 4 2 1\t\twords\t\n");
	queue_case_write(queue_case_path(c, "replies", e.id.text), buf_slice(&text));
	queue_reply_load(&c->queue, &e);
	assert_null(e.envelope.at[0].reply);
	queue_entry_release(&e);
	buf_release(&text);
}

static void test_no_folder(void **state)
{
	struct queue_case *c = *state;
	struct queue nowhere = { .fd = -1 };
	struct queue_entry e;
	make(&e, 1);
	recipient_note(&e.envelope.at[0], &later);
	assert_int_equal(rmdir(scratch_path(&c->scratch, "queue/replies")), 0);
	queue_reply_save(&c->queue, &e);
	queue_reply_load(&c->queue, &e);
	queue_reply_remove(&c->queue, e.id.text);
	queue_reply_load(&nowhere, &e);
	assert_noted(&e.envelope.at[0], &later);
	queue_entry_release(&e);
}

int main(void)
{
#define IN_A_QUEUE(f) cmocka_unit_test_setup_teardown(f, queue_case_open, queue_case_close)
	const struct CMUnitTest tests[] = {
		IN_A_QUEUE(test_saved_and_loaded),
		IN_A_QUEUE(test_who_is_decided_stays_so),
		IN_A_QUEUE(test_newer_words_stay),
		IN_A_QUEUE(test_nothing_to_tell),
		IN_A_QUEUE(test_runs),
		IN_A_QUEUE(test_strange_words),
		IN_A_QUEUE(test_lines),
		IN_A_QUEUE(test_hostile_files),
		IN_A_QUEUE(test_a_file_that_takes_long),
		IN_A_QUEUE(test_no_folder),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
