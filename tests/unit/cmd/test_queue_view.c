/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/queue_view.h"

#include "base/mem.h"
#include "queue/queue_draft.h"
#include "queue/queue_reply.h"
#include "scratch.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

enum { NOW = 1795323600 };

#define MAIL "Subject: hello\r\n\r\nA line.\r\n"
#define HEAD (sizeof "Subject: hello\r\n\r\n" - 1)

struct place {
	struct scratch scratch;
	struct queue queue;
	struct queue_id id;
};

/* A message for pat, dot, roe and fay, of whom dot has it and fay was refused. */
static void fill(struct queue_entry *e, enum queue_state how)
{
	static const char *const names[] = { "pat@x.test", "dot@x.test", "roe@y.test",
					     "fay@y.test" };
	struct status later = { .kind = STATUS_TEMPORARY,
				.peer = "mx.test",
				.text = "450 n\now" };
	struct status never = { .kind = STATUS_NO_USER, .text = "550 no" };
	struct status done = { .kind = STATUS_OK }, st;
	struct facts head = { .size = HEAD }, body = { .size = sizeof MAIL - 1 - HEAD };
	e->account = mem_copy("work");
	e->envelope.sender = mem_copy("me@x.test");
	for (size_t i = 0; i < 4; i++)
		envelope_add(&e->envelope, names[i]);
	recipient_note(&e->envelope.at[0], &later);
	recipient_decide(&e->envelope.at[1], &done);
	recipient_note(&e->envelope.at[2], &later);
	recipient_decide(&e->envelope.at[3], &never);
	e->created = NOW - 1000;
	e->next = NOW + 720;
	e->attempts = 3;
	e->uid = 1000;
	e->state = how;
	e->message.id = mem_copy("<1@x.test>");
	e->message.head = head;
	e->message.body = body;
	e->message.facts = facts_sum(&head, &body);
	assert_int_equal(store_add(&e->message.content, slice_of(MAIL), &st), 0);
}

static void put(struct place *p, enum queue_state how)
{
	struct queue_draft d = { 0 };
	struct queue_entry e;
	struct status st;
	queue_entry_init(&e);
	fill(&e, how);
	assert_int_equal(queue_draft_begin(&d, &p->queue, NULL, &st), 0);
	assert_int_equal(queue_draft_commit(&d, &e, &st), 0);
	queue_reply_save(&p->queue, &e);
	p->id = e.id;
	queue_draft_release(&d);
	queue_entry_release(&e);
}

static void open_place(struct place *p)
{
	struct status st;
	setenv("TZ", "UTC", 1);
	tzset();
	scratch_open(&p->scratch);
	assert_int_equal(queue_open(&p->queue, p->scratch.folder, true, &st), 0);
	assert_int_equal(queue_make_folders(&p->queue, &st), 0);
}

static void close_place(struct place *p)
{
	queue_release(&p->queue);
	scratch_close(&p->scratch);
}

/* What is printed names the folder; here it is always the same. */
static void name_folder(struct place *p)
{
	free(p->queue.path);
	p->queue.path = mem_copy("/queue");
}

static void load(struct queue_view *v, struct place *p, const char *folder)
{
	struct status st;
	assert_int_equal(queue_view_load(v, &p->queue, folder, p->id.text, &st), QUEUE_TAKEN);
}

/* TEXT, with the message's id for each %. */
static void expect(const struct place *p, struct buf *out, const char *text)
{
	struct buf wanted = { 0 };
	for (; *text != '\0'; text++) {
		if (*text == '%')
			buf_add_str(&wanted, p->id.text);
		else
			buf_add_char(&wanted, *text);
	}
	assert_string_equal(buf_str(out), buf_str(&wanted));
	buf_release(&wanted);
	buf_release(out);
}

static void a_row_has_those_first_who_wait(void **state)
{
	struct place p;
	struct queue_view v;
	struct buf out = { 0 };
	(void)state;
	open_place(&p);
	put(&p, QUEUE_WAITING);
	load(&v, &p, QUEUE_MESSAGES);
	queue_view_row(&v, false, NOW, &out);
	expect(&p, &out,
	       "%        27 Sun Nov 22 04:43:20  me@x.test\n"
	       "(account work, 3 attempts, next try in 12m)\n"
	       "(mx.test: 450 n?ow)\n"
	       "        pat@x.test\n"
	       "        roe@y.test\n"
	       "(550 no)\n"
	       "        fay@y.test (refused)\n");
	queue_view_row(&v, true, NOW, &out);
	assert_non_null(strstr(buf_str(&out), "\n        dot@x.test (delivered)\n"));
	buf_release(&out);
	queue_view_release(&v);
	close_place(&p);
}

static void a_row_says_how_it_stands(void **state)
{
	static const struct {
		enum queue_state how;
		int64_t now;
		const char *word, *begin, *says;
	} rows[] = {
		{ QUEUE_WAITING, NOW, "waiting", "%  ", "s, next try in 12m)\n" },
		{ QUEUE_WAITING, NOW + 720, "waiting", "%  ", "s, due now)\n" },
		{ QUEUE_HELD, NOW, "held", "%! ", "s, held)\n" },
		{ QUEUE_STUCK, NOW, "stuck", "%  ",
		  "s, the account does not work, next try in 12m)\n" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct place p;
		struct queue_view v;
		struct buf out = { 0 }, begin = { 0 };
		open_place(&p);
		put(&p, rows[i].how);
		load(&v, &p, QUEUE_MESSAGES);
		assert_string_equal(queue_view_state(&v), rows[i].word);
		queue_view_row(&v, false, rows[i].now, &out);
		assert_non_null(strstr(buf_str(&out), rows[i].says));
		buf_add(&begin, out.data, QUEUE_ID_LENGTH + 2);
		expect(&p, &begin, rows[i].begin);
		buf_release(&out);
		queue_view_release(&v);
		close_place(&p);
	}
}

/* And whoever looks does not take it from those who want to send it. */
static void what_is_locked_is_being_sent(void **state)
{
	struct place p;
	struct queue_view v;
	struct queue_entry e;
	struct status st;
	struct buf out = { 0 };
	(void)state;
	open_place(&p);
	put(&p, QUEUE_HELD);
	assert_int_equal(queue_take(&p.queue, p.id.text, &e, &st), QUEUE_TAKEN);
	load(&v, &p, QUEUE_MESSAGES);
	assert_string_equal(queue_view_state(&v), "active");
	queue_view_row(&v, false, NOW, &out);
	assert_int_equal(out.data[QUEUE_ID_LENGTH], '*');
	assert_non_null(strstr(buf_str(&out), ", being sent now)\n"));
	buf_release(&out);
	queue_view_release(&v);
	queue_entry_release(&e);

	load(&v, &p, QUEUE_MESSAGES);
	assert_string_equal(queue_view_state(&v), "held");
	assert_int_equal(queue_take(&p.queue, p.id.text, &e, &st), QUEUE_TAKEN);
	queue_entry_release(&e);
	queue_view_release(&v);
	close_place(&p);
}

static void an_object_has_the_keys_of_the_contract(void **state)
{
	struct place p;
	struct queue_view v;
	struct buf out = { 0 };
	(void)state;
	open_place(&p);
	put(&p, QUEUE_WAITING);
	load(&v, &p, QUEUE_MESSAGES);
	name_folder(&p);
	queue_view_json(&v, &out);
	expect(&p, &out,
	       "{\"id\":\"%\",\"queue\":\"waiting\",\"folder\":\"/"
	       "queue\",\"created\":1795322600,"
	       "\"size\":27,\"sender\":\"me@x.test\",\"recipients\":["
	       "{\"address\":\"pat@x.test\",\"state\":\"pending\",\"reply\":\"450 n?ow\","
	       "\"server\":\"mx.test\"},"
	       "{\"address\":\"dot@x.test\",\"state\":\"delivered\",\"reply\":null,"
	       "\"server\":null},"
	       "{\"address\":\"roe@y.test\",\"state\":\"pending\",\"reply\":\"450 n?ow\","
	       "\"server\":\"mx.test\"},"
	       "{\"address\":\"fay@y.test\",\"state\":\"refused\",\"reply\":\"550 no\","
	       "\"server\":null}],"
	       "\"attempts\":3,\"next\":1795324320,\"account\":\"work\",\"origin\":"
	       "\"sendmail\","
	       "\"uid\":1000,\"message_id\":\"<1@x.test>\",\"report_on\":null}\n");
	queue_view_release(&v);
	close_place(&p);
}

static void what_was_given_up_waits_for_nothing(void **state)
{
	struct place p;
	struct queue_view v;
	struct queue_entry e;
	struct status st;
	struct buf out = { 0 };
	(void)state;
	open_place(&p);
	put(&p, QUEUE_WAITING);
	assert_int_equal(queue_take(&p.queue, p.id.text, &e, &st), QUEUE_TAKEN);
	assert_int_equal(queue_give_up(&p.queue, &e, &st), 0);
	load(&v, &p, QUEUE_FAILED);
	assert_string_equal(queue_view_state(&v), "failed");
	queue_view_row(&v, false, NOW, &out);
	assert_non_null(strstr(buf_str(&out), "\n(account work, 3 attempts)\n"));
	buf_reset(&out);
	queue_view_json(&v, &out);
	assert_non_null(strstr(buf_str(&out), "\"next\":null"));
	buf_release(&out);
	queue_view_release(&v);
	queue_entry_release(&e);
	close_place(&p);
}

static void damage_is_named(void **state)
{
	struct place p;
	struct queue_view v;
	struct buf out = { 0 };
	(void)state;
	open_place(&p);
	p.id = queue_id_new();
	char *name = mem_copy(queue_path(QUEUE_CORRUPT, p.id.text).text);
	scratch_write(&p.scratch, name, 0600, "PR1 nonsense\n\n");
	free(name);
	load(&v, &p, QUEUE_CORRUPT);
	assert_false(v.readable);
	assert_string_equal(queue_view_state(&v), "corrupt");
	v.time = NOW;
	queue_view_row(&v, false, NOW, &out);
	expect(&p, &out,
	       "%        14 Sun Nov 22 05:00:00  -\n"
	       "(damaged: it does not begin as a message does)\n");
	name_folder(&p);
	queue_view_json(&v, &out);
	expect(&p, &out,
	       "{\"id\":\"%\",\"queue\":\"corrupt\",\"folder\":\"/queue\",\"created\":null,"
	       "\"size\":14,\"sender\":null,\"recipients\":[],\"attempts\":null,\"next\":null,"
	       "\"error\":\"it does not begin as a message does\"}\n");
	queue_view_release(&v);
	close_place(&p);
}

static void a_sheet_has_every_recipient(void **state)
{
	struct place p;
	struct queue_view v;
	struct buf out = { 0 };
	(void)state;
	open_place(&p);
	put(&p, QUEUE_STUCK);
	load(&v, &p, QUEUE_MESSAGES);
	name_folder(&p);
	queue_view_sheet(&v, NOW, &out);
	expect(&p, &out,
	       "id:          %\n"
	       "queue:       stuck\n"
	       "folder:      /queue\n"
	       "created:     Sun, 22 Nov 2026 04:43:20 +0000\n"
	       "origin:      sendmail, uid 1000\n"
	       "size:        27\n"
	       "message-id:  <1@x.test>\n"
	       "standing:    account work, 3 attempts, the account does not work, "
	       "next try in 12m\n"
	       "sender:      me@x.test\n"
	       "recipient:   pat@x.test (pending)\n"
	       "reply:       mx.test: 450 n?ow\n"
	       "recipient:   dot@x.test (delivered)\n"
	       "recipient:   roe@y.test (pending)\n"
	       "reply:       mx.test: 450 n?ow\n"
	       "recipient:   fay@y.test (refused)\n"
	       "reply:       550 no\n");
	queue_view_release(&v);
	close_place(&p);
}

static void what_is_not_there_is_gone(void **state)
{
	struct place p;
	struct queue_view v;
	struct status st;
	(void)state;
	open_place(&p);
	assert_int_equal(queue_view_load(&v, &p.queue, QUEUE_FAILED, queue_id_new().text, &st),
			 QUEUE_GONE);
	queue_view_release(&v);
	close_place(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_row_has_those_first_who_wait),
		cmocka_unit_test(a_row_says_how_it_stands),
		cmocka_unit_test(what_is_locked_is_being_sent),
		cmocka_unit_test(an_object_has_the_keys_of_the_contract),
		cmocka_unit_test(what_was_given_up_waits_for_nothing),
		cmocka_unit_test(damage_is_named),
		cmocka_unit_test(a_sheet_has_every_recipient),
		cmocka_unit_test(what_is_not_there_is_gone),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
