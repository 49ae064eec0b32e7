/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/attempt.h"

#include "base/clock.h"
#include "base/mem.h"
#include "delivery/bounce.h"
#include "delivery/round.h"
#include "queue/queue_reply.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { DAY = 24 * 60 * 60 };

static enum attempt_result try(struct round *r, struct queue_id id)
{
	struct queue_entry e;
	struct status st = { 0 };
	round_take(r, id, &e);
	enum attempt_result result = attempt(&r->with, &e, &st);
	if (result == ATTEMPT_FAILED)
		fail_msg("%s", st.text);
	queue_entry_release(&e);
	return result;
}

static void assert_left(struct round *r, size_t messages, size_t failed)
{
	assert_int_equal(queue_case_count(r->at, "q"), messages);
	assert_int_equal(queue_case_count(r->at, "failed"), failed);
	assert_int_equal(queue_case_count(r->at, "tmp"), 0);
}

static void delivered_is_removed(void **state)
{
	struct round *r = *state;
	struct queue_id id = round_put(r, "fine", "a@x.test b@x.test");
	assert_int_equal(try(r, id), ATTEMPT_DONE);
	assert_int_equal(round_arrived(r, "fine"), 1);
	assert_left(r, 0, 0);
}

static void what_waits_is_put_back(void **state)
{
	struct round *r = *state;
	struct queue_entry e;
	struct queue_id id = round_put(r, "broken", "a@x.test");
	assert_int_equal(try(r, id), ATTEMPT_DOWN);
	assert_string_equal(round_marks(r, id), "?");
	round_take(r, id, &e);
	assert_int_equal(e.attempts, 1);
	assert_true(e.next > clock_wall());
	assert_int_equal(e.state, QUEUE_WAITING);
	queue_reply_load(&r->at->queue, &e);
	assert_non_null(e.envelope.at[0].reply);
	queue_entry_release(&e);
	assert_left(r, 1, 0);
}

static void out_of_reach_is_down(void **state)
{
	struct round *r = *state;
	struct queue_id id = round_put(r, "refused", "a@x.test b@x.test");
	assert_int_equal(try(r, id), ATTEMPT_DOWN);
	assert_string_equal(round_marks(r, id), "??");
}

static void without_its_account_it_is_stuck(void **state)
{
	struct round *r = *state;
	struct queue_entry e;
	struct queue_id id = round_put(r, "gone", "a@x.test");
	for (unsigned i = 1; i < 20; i++) {
		assert_int_equal(try(r, id), ATTEMPT_DOWN);
		round_take(r, id, &e);
		assert_int_equal(e.attempts, i);
		assert_int_equal(e.state, QUEUE_STUCK);
		queue_entry_release(&e);
	}
	assert_left(r, 1, 0);
}

/* Who has it, or was refused, is not asked again. */
static void only_those_who_wait_are_tried(void **state)
{
	struct round *r = *state;
	struct queue_entry e;
	round_entry(&e, "fine", "a@x.test b@x.test c@x.test");
	memcpy(e.marks, "DB?", 3);
	struct queue_id id = round_commit(r, &e);
	assert_int_equal(try(r, id), ATTEMPT_DONE);
	assert_non_null(strstr(round_last(r, "fine"), "Delivered-To: c@x.test\n"));
	assert_null(strstr(round_last(r, "fine"), "Delivered-To: a@x.test\n"));
	assert_null(strstr(round_last(r, "fine"), "Delivered-To: b@x.test\n"));
	assert_left(r, 0, 0);
}

/* A run that died between a refusal and its report. */
static void who_was_refused_is_reported_first(void **state)
{
	struct round *r = *state;
	struct queue_entry e;
	round_entry(&e, "fine", "a@x.test b@x.test");
	memcpy(e.marks, "FD", 2);
	struct queue_id id = round_commit(r, &e);
	assert_int_equal(try(r, id), ATTEMPT_DONE);
	assert_left(r, 1, 0);
	struct queue_id report = queue_id_of_report(id.text, 0);
	assert_string_equal(round_marks(r, report), "?");
	assert_int_equal(try(r, report), ATTEMPT_DONE);
	assert_int_equal(round_arrived(r, "fine"), 1);
	assert_left(r, 0, 0);
}

static struct queue_id put_old(struct round *r, const char *account, const char *sender,
			       unsigned attempts)
{
	struct queue_entry e;
	round_entry(&e, account, "a@x.test b@x.test");
	e.created -= 6 * DAY;
	e.attempts = attempts;
	free(e.envelope.sender);
	e.envelope.sender = mem_copy(sender);
	return round_commit(r, &e);
}

static void what_is_old_and_was_tried_comes_back(void **state)
{
	struct round *r = *state;
	struct queue_id id = put_old(r, "refused", "me@x.test", 20);
	assert_int_equal(try(r, id), ATTEMPT_DONE);
	assert_left(r, 1, 0);
	struct queue_entry e;
	round_take(r, queue_id_of_report(id.text, 0), &e);
	assert_string_equal(e.envelope.sender, "");
	assert_string_equal(e.envelope.at[0].address, "me@x.test");
	assert_string_equal(e.parent, id.text);
	assert_string_equal(e.account, "refused");
	queue_entry_release(&e);
}

static void age_alone_ends_nothing(void **state)
{
	struct round *r = *state;
	assert_int_equal(try(r, put_old(r, "refused", "me@x.test", 0)), ATTEMPT_DOWN);
	assert_left(r, 1, 0);
}

static void a_broken_account_ends_nothing(void **state)
{
	struct round *r = *state;
	assert_int_equal(try(r, put_old(r, "gone", "me@x.test", 20)), ATTEMPT_DOWN);
	assert_left(r, 1, 0);
}

static void who_has_no_sender_is_kept_for_a_person(void **state)
{
	struct round *r = *state;
	struct queue_id id = put_old(r, "refused", "", 20);
	assert_int_equal(try(r, id), ATTEMPT_DONE);
	assert_left(r, 0, 1);
}

/* A run died when the report on the first was there, but not yet marked. */
static struct queue_id put_half_told(struct round *r)
{
	struct queue_entry e;
	struct status st;
	bool orphan;
	round_entry(&e, "refused", "a@x.test b@x.test");
	e.created -= 6 * DAY;
	e.attempts = 20;
	memcpy(e.marks, "F?", 2);
	struct queue_id id = round_commit(r, &e);
	round_take(r, id, &e);
	assert_int_equal(bounce_failed(&r->at->queue, &e, NULL, clock_wall(), &orphan, &st), 0);
	memcpy(e.marks, "F?", 2);
	assert_int_equal(queue_mark(&r->at->queue, &e, &st), 0);
	queue_entry_release(&e);
	return id;
}

static void assert_both_are_reported(struct round *r, struct queue_id id)
{
	assert_left(r, 2, 0);
	assert_string_equal(round_marks(r, id), "");
	assert_string_equal(round_marks(r, queue_id_of_report(id.text, 0)), "?");
	assert_string_equal(round_marks(r, queue_id_of_report(id.text, 1)), "?");
}

static void who_fails_later_has_a_report_of_his_own(void **state)
{
	struct round *r = *state;
	struct queue_id id = put_half_told(r);
	assert_int_equal(try(r, id), ATTEMPT_DONE);
	assert_both_are_reported(r, id);
}

static void also_without_a_try(void **state)
{
	struct round *r = *state;
	struct queue_entry e;
	struct status st, why;
	struct queue_id id = put_half_told(r);
	status_set(&why, STATUS_TEMPORARY, "no route to host");
	why.stage = STAGE_CONNECT;
	round_take(r, id, &e);
	assert_int_equal(attempt_without_trying(&r->with, &e, &why, &st), ATTEMPT_DONE);
	queue_entry_release(&e);
	assert_both_are_reported(r, id);
}

static void as_bad_as_another(void **state)
{
	struct round *r = *state;
	struct queue_entry e;
	struct status st, why;
	struct queue_id id = round_put(r, "fine", "a@x.test");
	status_set(&why, STATUS_TEMPORARY, "no route to host");
	why.stage = STAGE_CONNECT;
	round_take(r, id, &e);
	assert_int_equal(attempt_without_trying(&r->with, &e, &why, &st), ATTEMPT_DOWN);
	queue_entry_release(&e);
	assert_int_equal(round_arrived(r, "fine"), 0);
	round_take(r, id, &e);
	assert_int_equal(e.attempts, 1);
	queue_reply_load(&r->at->queue, &e);
	assert_string_equal(e.envelope.at[0].reply, "no route to host");
	queue_entry_release(&e);
}

static void telling_is_no_try(void **state)
{
	struct round *r = *state;
	struct queue_entry e;
	struct status st;
	int64_t later = clock_wall() + 1000;
	round_entry(&e, "fine", "a@x.test b@x.test c@x.test");
	memcpy(e.marks, "DF?", 3);
	e.attempts = 1;
	struct queue_id id = round_commit(r, &e);
	round_take(r, id, &e);
	e.next = later;
	assert_int_equal(attempt_to_tell(&r->with, &e, &st), ATTEMPT_WAITS);
	queue_entry_release(&e);
	assert_int_equal(round_arrived(r, "fine"), 0);
	assert_left(r, 2, 0);
	assert_string_equal(round_marks(r, id), "DB?");
	assert_string_equal(round_marks(r, queue_id_of_report(id.text, 1)), "?");
	round_take(r, id, &e);
	assert_int_equal(e.attempts, 1);
	assert_true(e.next == later && e.state == QUEUE_WAITING);
	queue_entry_release(&e);
}

static void who_was_told_of_all_is_done(void **state)
{
	struct round *r = *state;
	struct queue_entry e;
	struct status st;
	round_entry(&e, "fine", "a@x.test b@x.test");
	memcpy(e.marks, "DF", 2);
	struct queue_id id = round_commit(r, &e);
	round_take(r, id, &e);
	assert_int_equal(attempt_to_tell(&r->with, &e, &st), ATTEMPT_DONE);
	queue_entry_release(&e);
	assert_left(r, 1, 0);
	assert_string_equal(round_marks(r, queue_id_of_report(id.text, 1)), "?");
}

struct ear {
	size_t told;
	bool had_report;
};

static void hear(void *context, const struct queue_entry *e, const struct account *a,
		 const struct delivery_report *report, int64_t took)
{
	struct ear *ear = context;
	ear->told++;
	ear->had_report = report != NULL;
	assert_true(took >= 0 && e->envelope.count != 0);
	assert_true(a == NULL || strcmp(a->name, e->account) == 0);
}

static void each_attempt_is_told(void **state)
{
	struct round *r = *state;
	struct ear ear = { 0 };
	struct queue_entry e;
	r->with.told = hear;
	r->with.context = &ear;
	try(r, round_put(r, "fine", "a@x.test"));
	assert_true(ear.told == 1 && ear.had_report);
	try(r, round_put(r, "gone", "a@x.test"));
	assert_true(ear.told == 2 && !ear.had_report);
	round_entry(&e, "fine", "a@x.test");
	e.marks[0] = MARK_DELIVERED;
	assert_int_equal(try(r, round_commit(r, &e)), ATTEMPT_DONE);
	assert_int_equal(ear.told, 2);
}

int main(void)
{
#define IN_A_ROUND(f) cmocka_unit_test_setup_teardown(f, round_open, round_close)
	const struct CMUnitTest tests[] = {
		IN_A_ROUND(delivered_is_removed),
		IN_A_ROUND(what_waits_is_put_back),
		IN_A_ROUND(out_of_reach_is_down),
		IN_A_ROUND(without_its_account_it_is_stuck),
		IN_A_ROUND(only_those_who_wait_are_tried),
		IN_A_ROUND(who_was_refused_is_reported_first),
		IN_A_ROUND(what_is_old_and_was_tried_comes_back),
		IN_A_ROUND(age_alone_ends_nothing),
		IN_A_ROUND(a_broken_account_ends_nothing),
		IN_A_ROUND(who_has_no_sender_is_kept_for_a_person),
		IN_A_ROUND(who_fails_later_has_a_report_of_his_own),
		IN_A_ROUND(also_without_a_try),
		IN_A_ROUND(as_bad_as_another),
		IN_A_ROUND(telling_is_no_try),
		IN_A_ROUND(who_was_told_of_all_is_done),
		IN_A_ROUND(each_attempt_is_told),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
