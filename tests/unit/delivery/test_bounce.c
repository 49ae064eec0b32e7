/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/bounce.h"

#include "base/clock.h"
#include "base/mem.h"
#include "delivery/round.h"
#include "queue/queue_reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { HOUR = 60 * 60 };

static const struct account *account(const struct round *r)
{
	return config_find(&r->config, "fine");
}

/* A locked message for a, b and c, with these marks. */
static struct queue_id open_entry(struct round *r, struct queue_entry *e, const char *marks)
{
	round_entry(e, "fine", "a@x.test b@x.test c@x.test");
	memcpy(e->marks, marks, 3);
	struct queue_id id = round_commit(r, e);
	round_take(r, id, e);
	return id;
}

static void tell_failed(struct round *r, struct queue_entry *e, bool orphaned)
{
	struct status st = { 0 };
	bool orphan;
	if (bounce_failed(&r->at->queue, e, account(r), clock_wall(), &orphan, &st) != 0)
		fail_msg("%s", st.text);
	assert_int_equal(orphan, orphaned);
}

static void who_failed_is_reported_once(void **state)
{
	struct round *r = *state;
	struct queue_entry e, report;
	struct queue_id id = open_entry(r, &e, "DF?");
	tell_failed(r, &e, false);
	assert_memory_equal(e.marks, "DB?", 3);
	assert_string_equal(round_marks(r, id), "DB?");
	tell_failed(r, &e, false);
	assert_int_equal(queue_case_count(r->at, "q"), 2);
	round_take(r, queue_id_of_report(id.text, 1), &report);
	assert_int_equal(report.origin, FROM_REPORT);
	assert_string_equal(report.parent, id.text);
	assert_string_equal(report.envelope.sender, "");
	assert_int_equal(report.envelope.count, 1);
	assert_string_equal(report.envelope.at[0].address, "me@x.test");
	assert_true(report.uid == e.uid && report.next <= clock_wall());
	queue_entry_release(&report);
	queue_entry_release(&e);
}

/* Whoever made it died before the mark: the same name comes again, and that is no trouble. */
static void a_report_that_is_there_is_enough(void **state)
{
	struct round *r = *state;
	struct queue_entry e;
	struct queue_id id = open_entry(r, &e, "FDF");
	tell_failed(r, &e, false);
	assert_memory_equal(e.marks, "BDB", 3);
	struct status st;
	memcpy(e.marks, "FDF", 3);
	assert_int_equal(queue_mark(&r->at->queue, &e, &st), 0);
	tell_failed(r, &e, false);
	assert_string_equal(round_marks(r, id), "BDB");
	assert_int_equal(queue_case_count(r->at, "q"), 2);
	assert_int_equal(queue_case_count(r->at, "tmp"), 0);
	queue_entry_release(&e);
}

static const struct {
	const char *sender;
	unsigned notify;
	size_t reports;
	bool orphan;
} senders[] = {
	{ "me@x.test", NOTIFY_DEFAULT, 1, false },
	{ "me@x.test", NOTIFY_FAILURE | NOTIFY_DELAY, 1, false },
	{ "me@x.test", NOTIFY_NEVER, 0, false },
	{ "me@x.test", NOTIFY_SUCCESS, 0, false },
	{ "", NOTIFY_DEFAULT, 0, true },
	{ "", NOTIFY_FAILURE, 0, true },
};

static void who_wants_to_know(void **state)
{
	struct round *r = *state;
	for (size_t i = 0; i < sizeof senders / sizeof *senders; i++) {
		struct queue_entry e;
		struct queue_id id = open_entry(r, &e, "F??");
		free(e.envelope.sender);
		e.envelope.sender = mem_copy(senders[i].sender);
		e.envelope.notify = senders[i].notify;
		size_t before = queue_case_count(r->at, "q");
		tell_failed(r, &e, senders[i].orphan);
		assert_int_equal(queue_case_count(r->at, "q") - before, senders[i].reports);
		assert_string_equal(round_marks(r, id), senders[i].orphan ? "F??" : "B??");
		queue_entry_release(&e);
	}
}

static void nobody_failed(void **state)
{
	struct round *r = *state;
	struct queue_entry e;
	open_entry(r, &e, "D?B");
	tell_failed(r, &e, false);
	assert_int_equal(queue_case_count(r->at, "q"), 1);
	queue_entry_release(&e);
}

static void somebody_else_gets_it(void **state)
{
	struct round *r = *state;
	struct queue_entry e, report;
	round_configure(r, "[account fine]\nhost = maildir:~/fine\n"
			   "bounce-to = root@x.test, bob@y.test\n");
	struct queue_id id = open_entry(r, &e, "F??");
	tell_failed(r, &e, false);
	round_take(r, queue_id_of_report(id.text, 0), &report);
	assert_int_equal(report.envelope.count, 2);
	assert_string_equal(report.envelope.at[0].address, "root@x.test");
	assert_string_equal(report.envelope.at[1].address, "bob@y.test");
	queue_entry_release(&report);
	queue_entry_release(&e);
}

static void the_servers_words_are_in_it(void **state)
{
	struct round *r = *state;
	struct queue_entry e;
	struct status said;
	struct buf text = { 0 };
	struct queue_id id = open_entry(r, &e, "F??");
	status_set(&said, STATUS_NO_USER, "550 5.1.1 nobody of that name");
	said.stage = STAGE_RCPT;
	said.code = 550;
	recipient_decide(&e.envelope.at[0], &said);
	queue_reply_save(&r->at->queue, &e);
	queue_entry_release(&e);
	round_take(r, id, &e);
	tell_failed(r, &e, false);
	r->at->id = queue_id_of_report(id.text, 0);
	queue_case_read(queue_case_path(r->at, "q", NULL), &text);
	assert_non_null(strstr(buf_str(&text), "nobody of that name"));
	buf_release(&text);
	queue_entry_release(&e);
}

static void tell_late(struct round *r, struct queue_entry *e, int64_t age)
{
	struct status st = { 0 };
	if (bounce_late(&r->at->queue, e, account(r), e->created + age, &st) != 0)
		fail_msg("%s", st.text);
}

static void who_is_late_is_reported_once(void **state)
{
	struct round *r = *state;
	struct queue_entry e;
	round_configure(r, "[account fine]\nhost = maildir:~/fine\nwarn = 4h\n");
	struct queue_id id = open_entry(r, &e, "D?F");
	tell_late(r, &e, 4 * HOUR - 1);
	assert_false(e.warned);
	tell_late(r, &e, 4 * HOUR);
	assert_true(e.warned);
	tell_late(r, &e, 40 * HOUR);
	assert_int_equal(queue_case_count(r->at, "q"), 2);
	assert_string_equal(round_marks(r, queue_id_of_report(id.text, 3)), "?");
	queue_entry_release(&e);
}

static void no_warning(void **state)
{
	struct round *r = *state;
	struct queue_entry e;
	open_entry(r, &e, "???");
	tell_late(r, &e, 400 * HOUR);
	round_configure(r, "[account fine]\nhost = maildir:~/fine\nwarn = 4h\n");
	e.envelope.notify = NOTIFY_FAILURE;
	tell_late(r, &e, 400 * HOUR);
	e.envelope.notify = NOTIFY_DEFAULT;
	e.envelope.sender[0] = '\0';
	tell_late(r, &e, 400 * HOUR);
	assert_false(e.warned);
	assert_int_equal(queue_case_count(r->at, "q"), 1);
	queue_entry_release(&e);
}

static void relayed_on_demand(void **state)
{
	struct round *r = *state;
	struct queue_entry e;
	struct status st;
	const bool delivered[] = { true, false, true };
	open_entry(r, &e, "D?D");
	for (size_t i = 0; i < 2; i++) {
		e.envelope.notify = i == 0 ? NOTIFY_FAILURE : NOTIFY_SUCCESS;
		assert_int_equal(bounce_relayed(&r->at->queue, &e, account(r), clock_wall(),
						delivered, &st),
				 0);
		assert_int_equal(queue_case_count(r->at, "q"), 1 + i);
	}
	queue_entry_release(&e);
}

static void fill_report(struct queue_id parent, size_t first, struct queue_entry *e)
{
	round_entry(e, "fine", "me@x.test");
	e->id = queue_id_of_report(parent.text, first);
	e->parent = mem_copy(parent.text);
}

/* Before it is sent, what it is about has to be marked. */
static void its_parent_is_settled_first(void **state)
{
	struct round *r = *state;
	struct queue_entry e, report;
	struct queue_id id = open_entry(r, &e, "DF?");
	fill_report(id, 1, &report);
	assert_false(bounce_settle_parent(&r->at->queue, &report));
	assert_string_equal(round_marks(r, id), "DF?");
	queue_entry_release(&e);
	assert_true(bounce_settle_parent(&r->at->queue, &report));
	assert_string_equal(round_marks(r, id), "DB?");
	assert_true(bounce_settle_parent(&r->at->queue, &report));
	queue_entry_release(&report);
	round_take(r, id, &e);
	struct status st;
	assert_int_equal(queue_remove(&r->at->queue, &e, &st), 0);
	queue_entry_release(&e);
	fill_report(id, 1, &report);
	assert_true(bounce_settle_parent(&r->at->queue, &report));
	queue_entry_release(&report);
}

/* An earlier report is not about those who failed since. */
static void another_report_settles_nothing(void **state)
{
	struct round *r = *state;
	struct queue_entry e, report;
	struct queue_id id = open_entry(r, &e, "BF?");
	queue_entry_release(&e);
	fill_report(id, 0, &report);
	assert_true(bounce_settle_parent(&r->at->queue, &report));
	assert_string_equal(round_marks(r, id), "BF?");
	queue_entry_release(&report);
}

int main(void)
{
#define IN_A_ROUND(f) cmocka_unit_test_setup_teardown(f, round_open, round_close)
	const struct CMUnitTest tests[] = {
		IN_A_ROUND(who_failed_is_reported_once),
		IN_A_ROUND(a_report_that_is_there_is_enough),
		IN_A_ROUND(who_wants_to_know),
		IN_A_ROUND(nobody_failed),
		IN_A_ROUND(somebody_else_gets_it),
		IN_A_ROUND(the_servers_words_are_in_it),
		IN_A_ROUND(who_is_late_is_reported_once),
		IN_A_ROUND(no_warning),
		IN_A_ROUND(relayed_on_demand),
		IN_A_ROUND(its_parent_is_settled_first),
		IN_A_ROUND(another_report_settles_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
