/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/envelope.h"

#include "base/clock.h"
#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static void test_each_address_once_in_order(void **state)
{
	(void)state;
	static const char *const added[] = {
		"b@x", "a@x",  "b@X",       "B@x",  "\"q@r\"@x",
		"a@x", "bare", "\"q@r\"@X", "BARE", "bare",
	};
	static const char *const kept[] = { "b@x", "a@x", "B@x", "\"q@r\"@x", "bare", "BARE" };
	struct envelope e = { 0 };
	for (size_t i = 0; i < sizeof added / sizeof *added; i++)
		envelope_add(&e, added[i]);
	assert_int_equal(e.count, sizeof kept / sizeof *kept);
	for (size_t i = 0; i < e.count; i++)
		assert_string_equal(e.at[i].address, kept[i]);
	envelope_release(&e);
}

static void test_the_envelope_owns_its_copies(void **state)
{
	(void)state;
	char address[] = "a@x";
	struct envelope e = { .sender = mem_copy("s@x"),
			      .envid = mem_copy("id"),
			      .ret = "HDRS" };
	envelope_add(&e, address);
	address[0] = 'b';
	assert_string_equal(e.at[0].address, "a@x");
	assert_false(e.at[0].decided);
	assert_null(e.at[0].reply);
	envelope_release(&e);
	assert_null(e.sender);
	assert_int_equal(e.count, 0);
	envelope_release(&e);
}

/* Squared cost would be ten thousand million comparisons: minutes. */
static void test_many_recipients(void **state)
{
	(void)state;
	enum { MANY = 100000 };
	struct envelope e = { 0 };
	char address[40];
	int64_t start = clock_now();
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < MANY; i++) {
			snprintf(address, sizeof address, "user%d@example.%s", i,
				 round ? "NET" : "net");
			envelope_add(&e, address);
		}
	}
	assert_int_equal(e.count, MANY);
	assert_string_equal(e.at[MANY - 1].address, "user99999@example.net");
	assert_true(clock_now() - start < 10000);
	envelope_release(&e);
}

static void test_deciding(void **state)
{
	(void)state;
	struct envelope e = { 0 };
	struct status st = { 0 };
	envelope_add(&e, "a@x");
	envelope_add(&e, "b@x");
	assert_int_equal(envelope_undecided(&e), 2);

	status_set(&st, STATUS_NO_USER, "550 5.1.1 no such user");
	status_hint(&st, "check the address");
	memcpy(st.peer, "mx.example:25", sizeof "mx.example:25");
	st.stage = STAGE_RCPT;
	st.code = 550;
	memcpy(st.enhanced, (unsigned short[]){ 5, 1, 1 }, sizeof st.enhanced);
	recipient_decide(&e.at[1], &st);
	assert_int_equal(envelope_undecided(&e), 1);
	assert_true(e.at[1].decided);
	assert_int_equal(e.at[1].kind, STATUS_NO_USER);
	assert_int_equal(e.at[1].stage, STAGE_RCPT);
	assert_int_equal(e.at[1].code, 550);
	assert_memory_equal(e.at[1].enhanced, st.enhanced, sizeof st.enhanced);
	assert_string_equal(e.at[1].reply, "550 5.1.1 no such user");
	assert_string_equal(e.at[1].peer, "mx.example:25");
	assert_string_equal(e.at[1].hint, "check the address");

	st = (struct status){ .kind = STATUS_OK, .stage = STAGE_DOT, .code = 250 };
	recipient_decide(&e.at[1], &st);
	recipient_decide(&e.at[0], &st);
	assert_int_equal(envelope_undecided(&e), 0);
	assert_int_equal(e.at[1].kind, STATUS_OK);
	assert_null(e.at[1].reply);
	assert_null(e.at[1].peer);
	assert_null(e.at[1].hint);

	status_set(&st, STATUS_TEMPORARY, "451 4.3.0 later");
	recipient_note(&e.at[1], &st);
	assert_int_equal(envelope_undecided(&e), 1);
	assert_int_equal(e.at[1].kind, STATUS_TEMPORARY);
	assert_string_equal(e.at[1].reply, "451 4.3.0 later");
	envelope_release(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_address_once_in_order),
		cmocka_unit_test(test_the_envelope_owns_its_copies),
		cmocka_unit_test(test_many_recipients),
		cmocka_unit_test(test_deciding),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
