/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/retry.h"

#include "delivery/round.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

enum { NOW = 1800000000 };

/* What became of two recipients, and what that says of the place, and of the account. */
static const struct {
	const char *name, *marks;
	struct status first, second;
	bool down, stuck;
} cases[] = {
	{ "no connection",
	  "??",
	  { .kind = STATUS_TEMPORARY, .stage = STAGE_CONNECT },
	  { .kind = STATUS_TEMPORARY, .stage = STAGE_CONNECT },
	  true,
	  false },
	{ "greeting 421",
	  "??",
	  { .kind = STATUS_TEMPORARY, .stage = STAGE_GREETING, .code = 421 },
	  { .kind = STATUS_TEMPORARY, .stage = STAGE_GREETING, .code = 421 },
	  true,
	  false },
	{ "greeting 554",
	  "??",
	  { .kind = STATUS_TEMPORARY, .stage = STAGE_GREETING, .code = 554 },
	  { .kind = STATUS_TEMPORARY, .stage = STAGE_GREETING, .code = 554 },
	  true,
	  true },
	{ "login refused",
	  "??",
	  { .kind = STATUS_NOT_ALLOWED, .stage = STAGE_AUTH, .code = 535 },
	  { .kind = STATUS_NOT_ALLOWED, .stage = STAGE_AUTH, .code = 535 },
	  true,
	  true },
	{ "no TLS",
	  "??",
	  { .kind = STATUS_NOT_SECURE, .stage = STAGE_STARTTLS },
	  { .kind = STATUS_NOT_SECURE, .stage = STAGE_STARTTLS },
	  true,
	  true },
	{ "no account",
	  "??",
	  { .kind = STATUS_BAD_CONFIG },
	  { .kind = STATUS_BAD_CONFIG },
	  true,
	  true },
	{ "MAIL 451",
	  "??",
	  { .kind = STATUS_TEMPORARY, .stage = STAGE_MAIL, .code = 451 },
	  { .kind = STATUS_TEMPORARY, .stage = STAGE_MAIL, .code = 451 },
	  false,
	  false },
	{ "one got through",
	  "??",
	  { .kind = STATUS_TEMPORARY, .stage = STAGE_CONNECT },
	  { .kind = STATUS_TEMPORARY, .stage = STAGE_RCPT, .code = 450 },
	  false,
	  false },
	{ "one is broken, one is away",
	  "??",
	  { .kind = STATUS_NOT_ALLOWED, .stage = STAGE_AUTH },
	  { .kind = STATUS_TEMPORARY, .stage = STAGE_CONNECT },
	  true,
	  false },
	{ "the other has it",
	  "?D",
	  { .kind = STATUS_NOT_ALLOWED, .stage = STAGE_AUTH },
	  { .kind = STATUS_OK },
	  true,
	  true },
	{ "the other was refused",
	  "?F",
	  { .kind = STATUS_TEMPORARY, .stage = STAGE_CONNECT },
	  { .kind = STATUS_NO_USER, .stage = STAGE_RCPT, .code = 550 },
	  true,
	  false },
	{ "nobody waits",
	  "DF",
	  { .kind = STATUS_OK },
	  { .kind = STATUS_NO_USER, .stage = STAGE_RCPT },
	  false,
	  false },
	{ "not tried", "??", { .kind = STATUS_OK }, { .kind = STATUS_OK }, false, false },
};

static void what_a_failure_means(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct queue_entry e;
		print_message("          %s\n", cases[i].name);
		round_entry(&e, "fine", "a@x b@x");
		memcpy(e.marks, cases[i].marks, 2);
		recipient_decide(&e.envelope.at[0], &cases[i].first);
		recipient_decide(&e.envelope.at[1], &cases[i].second);
		assert_int_equal(retry_is_down(&e), cases[i].down);
		assert_int_equal(retry_is_stuck(&e), cases[i].stuck);
		retry_later(&e, NULL, NOW);
		assert_int_equal(e.state, cases[i].stuck ? QUEUE_STUCK : QUEUE_WAITING);
		queue_entry_release(&e);
	}
}

static void assert_about(int64_t got, int64_t wanted)
{
	assert_in_range(got, wanted - wanted / 5, wanted + wanted / 5);
}

static void delays_are_the_accounts(void **state)
{
	(void)state;
	int64_t delays[] = { 10, 100, 1000 };
	const struct account a = { .retry = { .at = delays, .count = 3 }, .expire = 7 };
	struct queue_entry e;
	round_entry(&e, "fine", "a@x");
	for (size_t i = 0; i < 6; i++) {
		retry_later(&e, &a, NOW);
		assert_int_equal(e.attempts, i + 1);
		assert_about(e.next - NOW, delays[i < 3 ? i : 2]);
	}
	assert_int_equal(retry_schedule(&a).expire, 7);
	queue_entry_release(&e);
}

static void without_an_account_it_is_every_hour(void **state)
{
	(void)state;
	struct queue_entry e;
	round_entry(&e, "gone", "a@x");
	e.attempts = UINT16_MAX - 1;
	for (size_t i = 0; i < 3; i++) {
		retry_later(&e, NULL, NOW);
		assert_about(e.next - NOW, 3600);
		assert_int_equal(e.attempts, UINT16_MAX);
	}
	assert_true(retry_schedule(NULL).expire == INT64_MAX);
	queue_entry_release(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_a_failure_means),
		cmocka_unit_test(delays_are_the_accounts),
		cmocka_unit_test(without_an_account_it_is_every_hour),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
