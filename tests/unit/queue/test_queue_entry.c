/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_entry.h"

#include "queue/queue_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void decide(struct recipient *r, enum status_kind kind, unsigned short class)
{
	struct status st = { .kind = kind, .enhanced = { class, 0, 0 } };
	recipient_decide(r, &st);
}

static void test_marks_from_what_became_of_them(void **state)
{
	(void)state;
	static const struct {
		enum status_kind kind;
		unsigned short class;
		enum queue_mark mark;
	} cases[] = {
		{ STATUS_OK, 0, MARK_DELIVERED },
		{ STATUS_QUEUED, 0, MARK_PENDING },
		{ STATUS_TEMPORARY, 4, MARK_PENDING },
		{ STATUS_MAYBE_SENT, 0, MARK_PENDING },
		{ STATUS_REJECTED, 5, MARK_FAILED },
		{ STATUS_REJECTED, 0, MARK_FAILED },
		{ STATUS_REJECTED, 4, MARK_PENDING }, /* the server contradicts itself */
		{ STATUS_NO_USER, 5, MARK_FAILED },
		{ STATUS_NO_HOST, 5, MARK_FAILED },
		{ STATUS_NO_HOST, 4, MARK_PENDING }, /* of a smarthost */
		{ STATUS_BAD_MESSAGE, 5, MARK_FAILED },
		{ STATUS_BAD_CONFIG, 0, MARK_PENDING },
		{ STATUS_NOT_SECURE, 0, MARK_PENDING },
		{ STATUS_NOT_ALLOWED, 5, MARK_PENDING },
		{ STATUS_BROKEN_PEER, 0, MARK_PENDING },
		{ STATUS_SYSTEM, 0, MARK_PENDING },
		{ STATUS_DISK, 0, MARK_PENDING },
	};
	enum { COUNT = sizeof cases / sizeof cases[0] };
	struct queue_entry e;
	queue_case_entry(&e, COUNT + 1, "");
	free(e.marks);
	e.marks = NULL;
	for (size_t i = 0; i < COUNT; i++)
		decide(&e.envelope.at[i], cases[i].kind, cases[i].class);
	queue_entry_note(&e, &e.envelope);
	for (size_t i = 0; i < COUNT; i++) {
		if (e.marks[i] != (char)cases[i].mark)
			fail_msg("%s: '%c'", status_label(cases[i].kind), e.marks[i]);
	}
	assert_int_equal(e.marks[COUNT], MARK_PENDING);
	queue_entry_release(&e);
}

/* What was noted without being decided decides nothing. */
static void test_noted_is_pending(void **state)
{
	(void)state;
	static const struct status refused = { .kind = STATUS_REJECTED };
	struct queue_entry e;
	queue_case_entry(&e, 1, "");
	recipient_note(&e.envelope.at[0], &refused);
	queue_entry_note(&e, &e.envelope);
	assert_int_equal(e.marks[0], MARK_PENDING);
	assert_int_equal(queue_entry_count(&e, MARK_PENDING), 1);
	queue_entry_release(&e);
}

static void test_marks_never_go_back(void **state)
{
	(void)state;
	static const enum status_kind kinds[] = { STATUS_OK, STATUS_REJECTED,
						  STATUS_TEMPORARY };
	static const char before[] = "DFB";
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		struct queue_entry e;
		queue_case_entry(&e, 3, "");
		memcpy(e.marks, before, 3);
		for (size_t k = 0; k < 3; k++)
			decide(&e.envelope.at[k], kinds[i], 0);
		queue_entry_note(&e, &e.envelope);
		assert_memory_equal(e.marks, before, 3);
		queue_entry_release(&e);
	}
}

/* Of a part of the recipients, each goes by its place in the whole. */
static void test_a_part(void **state)
{
	(void)state;
	struct queue_entry e;
	queue_case_entry(&e, 4, "");
	struct recipient some[2] = { e.envelope.at[3], e.envelope.at[1] };
	struct envelope part = { .at = some, .count = 2 };
	some[0].decided = some[1].decided = true;
	some[0].kind = STATUS_OK;
	some[1].kind = STATUS_NO_USER;
	queue_entry_note(&e, &part);
	assert_memory_equal(e.marks, "?F?D", 4);
	queue_entry_release(&e);
}

static void test_done(void **state)
{
	(void)state;
	static const struct {
		const char *marks;
		bool done;
	} cases[] = {
		{ "DDD", true },  { "DBB", true },  { "BBB", true },  { "D?D", false },
		{ "DDF", false }, { "F?B", false }, { "???", false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct queue_entry e;
		queue_case_entry(&e, 3, "");
		memcpy(e.marks, cases[i].marks, 3);
		assert_int_equal(queue_entry_is_done(&e), cases[i].done);
		queue_entry_release(&e);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_marks_from_what_became_of_them),
		cmocka_unit_test(test_noted_is_pending),
		cmocka_unit_test(test_marks_never_go_back),
		cmocka_unit_test(test_a_part),
		cmocka_unit_test(test_done),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
