/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/due.h"

#include "base/clock.h"
#include "delivery/round.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { NOW = 1800000000, DAY = 24 * 60 * 60 };

static struct due found;
static bool unreadable;

static void find(struct round *r, const struct due_rules *rules)
{
	static const struct due_rules usual;
	struct status st;
	due_release(&found);
	if (due_find(&found, &r->at->queue, &r->config, rules != NULL ? rules : &usual,
		     &unreadable, &st) != 0)
		fail_msg("%s", st.text);
}

static int in_time(void **state)
{
	round_open(state);
	clock_set_wall(NOW);
	find(*state, NULL);
	return 0;
}

static int forget(void **state)
{
	due_release(&found);
	return round_close(state);
}

static size_t messages(void)
{
	size_t count = 0;
	for (size_t i = 0; i < found.count; i++)
		count += found.at[i].count;
	return count;
}

static const struct due_group *group(const char *key)
{
	for (size_t i = 0; i < found.count; i++) {
		if (strcmp(found.at[i].key, key) == 0)
			return &found.at[i];
	}
	fail_msg("no group '%s' of %zu", key, found.count);
	return NULL;
}

static struct queue_id put_at(struct round *r, int64_t next, enum queue_state state)
{
	struct queue_entry e;
	round_entry(&e, "fine", "a@x.test");
	e.next = next;
	e.state = state;
	return round_commit(r, &e);
}

static const struct {
	const char *name;
	int64_t next;
	enum queue_state state;
	bool due, among_all;
} times[] = {
	{ "now", NOW, QUEUE_WAITING, true, true },
	{ "long ago", 0, QUEUE_WAITING, true, true },
	{ "in a second", NOW + 1, QUEUE_WAITING, false, true },
	{ "in a day", NOW + DAY, QUEUE_WAITING, false, true },
	{ "never: some clock was wrong", NOW + 400 * DAY, QUEUE_WAITING, true, true },
	{ "stuck, now", NOW, QUEUE_STUCK, true, true },
	{ "stuck, later", NOW + 60, QUEUE_STUCK, false, true },
	{ "held, now", NOW, QUEUE_HELD, false, false },
	{ "held, far", NOW + 400 * DAY, QUEUE_HELD, false, false },
};

static void by_its_time(void **state)
{
	struct round *r = *state;
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		struct queue_id id = put_at(r, times[i].next, times[i].state);
		print_message("          %s\n", times[i].name);
		find(r, NULL);
		assert_int_equal(messages(), times[i].due);
		find(r, &(struct due_rules){ .all = true });
		assert_int_equal(messages(), times[i].among_all);
		r->at->id = id;
		assert_int_equal(unlink(queue_case_path(r->at, "q", NULL)), 0);
	}
}

static void by_place(void **state)
{
	struct round *r = *state;
	round_configure(r, "[account fine]\nhost = maildir:~/fine\n"
			   "[account other]\nhost = maildir:~/other\n"
			   "[account direct]\nhost = mx\n"
			   "[account relay]\nhost = mx:x.test\n");
	round_put(r, "other", "a@x.test");
	clock_set_wall(NOW - 1);
	struct queue_id first = round_put(r, "fine", "a@x.test");
	clock_set_wall(NOW);
	struct queue_id second = round_put(r, "fine", "b@y.test");
	round_put(r, "direct", "a@X.Test");
	round_put(r, "direct", "b@x.test c@y.test");
	round_put(r, "direct", "a@y.test");
	round_put(r, "relay", "a@y.test");
	round_put(r, "relay", "a@x.test");
	round_put(r, "gone", "a@x.test");
	find(r, NULL);
	assert_int_equal(found.count, 6);
	assert_int_equal(group("fine")->count, 2);
	assert_string_equal(group("fine")->at[0].text, first.text);
	assert_string_equal(group("fine")->at[1].text, second.text);
	assert_null(group("fine")->domain);
	assert_ptr_equal(group("other")->account, config_find(&r->config, "other"));
	assert_int_equal(group("direct x.test")->count, 2);
	assert_string_equal(group("direct x.test")->domain, "x.test");
	assert_int_equal(group("direct y.test")->count, 1);
	assert_int_equal(group("relay")->count, 2);
	assert_null(group("gone")->account);
}

/* The domain of who still waits counts. */
static void by_who_waits(void **state)
{
	struct round *r = *state;
	struct queue_entry e;
	round_configure(r, "[account direct]\nhost = mx\n");
	round_entry(&e, "direct", "a@x.test b@y.test c@z.test");
	memcpy(e.marks, "DF?", 3);
	round_commit(r, &e);
	find(r, NULL);
	assert_int_equal(group("direct z.test")->count, 1);
}

static void what_is_meant(void **state)
{
	struct round *r = *state;
	struct selection who = { 0 };
	struct queue_id a = round_put(r, "fine", "a@x.test");
	struct queue_id later = put_at(r, NOW + 60, QUEUE_WAITING);
	struct queue_id held = put_at(r, NOW, QUEUE_HELD);
	round_put(r, "broken", "bob@x.test");
	find(r, &(struct due_rules){ .account = "broken" });
	assert_int_equal(messages(), 1);
	assert_int_equal(group("broken")->count, 1);
	find(r, &(struct due_rules){ .all = true, .id = later.text });
	assert_string_equal(group("fine")->at[0].text, later.text);
	assert_int_equal(messages(), 1);
	find(r, &(struct due_rules){ .id = later.text });
	assert_int_equal(messages(), 0);
	find(r, &(struct due_rules){ .all = true, .id = held.text });
	assert_int_equal(messages(), 0);
	find(r, &(struct due_rules){ .all = true, .id = "0123456789ABCDEFGHJKMNPQ" });
	assert_int_equal(messages(), 0);
	selection_add(&who, SELECT_RECIPIENT, false, "BOB");
	find(r, &(struct due_rules){ .selection = &who });
	assert_int_equal(messages(), 1);
	selection_add(&who, SELECT_ID, false, a.text);
	find(r, &(struct due_rules){ .selection = &who });
	assert_int_equal(messages(), 0);
	selection_release(&who);
}

static void a_mended_config_makes_the_stuck_due(void **state)
{
	struct round *r = *state;
	put_at(r, NOW + 60, QUEUE_STUCK);
	put_at(r, NOW + 60, QUEUE_WAITING);
	find(r, NULL);
	assert_int_equal(messages(), 0);
	round_configure(r, "[account fine]\nhost = maildir:~/elsewhere\n");
	assert_true(due_config_changed(&r->at->queue, &r->config));
	find(r, NULL);
	assert_int_equal(messages(), 1);
	assert_false(due_config_changed(&r->at->queue, &r->config));
	find(r, NULL);
	assert_int_equal(messages(), 0);
}

static void what_is_no_message_is_set_aside(void **state)
{
	struct round *r = *state;
	struct queue_id torn = round_put(r, "fine", "a@x.test");
	round_put(r, "fine", "b@x.test");
	r->at->id = torn;
	assert_int_equal(truncate(queue_case_path(r->at, "q", NULL), 40), 0);
	queue_case_write(queue_case_path(r->at, "q", "core"), slice_of("x"));
	find(r, &(struct due_rules){ .all = true });
	assert_int_equal(messages(), 1);
	assert_int_equal(found.damaged.count, 2);
	assert_int_equal(queue_case_count(r->at, "corrupt"), 2);
	assert_int_equal(queue_case_count(r->at, "q"), 1);
	assert_false(unreadable);
	find(r, &(struct due_rules){ .all = true });
	assert_int_equal(found.damaged.count, 0);
}

static void no_queue_at_all(void **state)
{
	struct round *r = *state;
	struct queue nowhere = { .fd = -1 };
	struct due d = { 0 };
	struct status st;
	bool some;
	assert_int_equal(due_find(&d, &nowhere, &r->config, &(struct due_rules){ 0 }, &some,
				  &st),
			 0);
	assert_int_equal(d.count, 0);
	assert_false(some);
	due_release(&d);
}

int main(void)
{
#define IN_A_ROUND(f) cmocka_unit_test_setup_teardown(f, in_time, forget)
	const struct CMUnitTest tests[] = {
		IN_A_ROUND(by_its_time),
		IN_A_ROUND(by_place),
		IN_A_ROUND(by_who_waits),
		IN_A_ROUND(what_is_meant),
		IN_A_ROUND(a_mended_config_makes_the_stuck_due),
		IN_A_ROUND(what_is_no_message_is_set_aside),
		IN_A_ROUND(no_queue_at_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
