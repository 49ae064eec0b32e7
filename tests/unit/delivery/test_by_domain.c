/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/by_domain.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void fill(struct envelope *e, const char *const *addresses)
{
	*e = (struct envelope){ .sender = mem_copy("me@x.test"), .notify = NOTIFY_NEVER };
	for (; *addresses != NULL; addresses++)
		envelope_add(e, *addresses);
}

/* "DOMAIN: RECIPIENT RECIPIENT; ..." */
static void describe(struct envelope *e, struct buf *out)
{
	struct by_domain walk = { .whole = e };
	while (by_domain_next(&walk)) {
		buf_addf(out, "%s:", walk.domain);
		for (size_t i = 0; i < walk.part.count; i++)
			buf_addf(out, " %s", walk.part.at[i].address);
		buf_add_str(out, "; ");
		assert_string_equal(walk.part.sender, "me@x.test");
		assert_int_equal(walk.part.notify, NOTIFY_NEVER);
	}
	by_domain_release(&walk);
}

static const struct {
	const char *addresses[6];
	const char *expected;
} cases[] = {
	{ { NULL }, "" },
	{ { "a@x.test" }, "x.test: a@x.test; " },
	{ { "a@x.test", "b@y.test", "c@X.Test", "d@z.test", "e@y.test" },
	  "x.test: a@x.test c@X.Test; y.test: b@y.test e@y.test; z.test: d@z.test; " },
	{ { "\"a@b\"@x.test", "c@[192.0.2.1]" },
	  "x.test: \"a@b\"@x.test; [192.0.2.1]: c@[192.0.2.1]; " },
};

static void test_each_domain_comes_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct envelope e;
		struct buf seen = { 0 };
		fill(&e, cases[i].addresses);
		describe(&e, &seen);
		assert_string_equal(buf_str(&seen), cases[i].expected);
		buf_release(&seen);
		envelope_release(&e);
	}
}

static void test_fates_come_back(void **state)
{
	(void)state;
	static const char *const addresses[] = { "a@x.test", "b@y.test", "c@x.test", NULL };
	struct envelope e;
	struct status sent = { .kind = STATUS_OK, .text = "sent" }, later;
	struct by_domain walk = { .whole = &e };
	fill(&e, addresses);
	recipient_decide(&e.at[0], &sent);
	status_set(&later, STATUS_TEMPORARY, "later");
	assert_true(by_domain_next(&walk));
	assert_string_equal(walk.domain, "y.test");
	recipient_note(&walk.part.at[0], &later);
	assert_true(by_domain_next(&walk));
	assert_string_equal(walk.domain, "x.test");
	assert_int_equal(walk.part.count, 1);
	recipient_decide(&walk.part.at[0], &sent);
	by_domain_release(&walk);
	assert_string_equal(e.at[2].address, "c@x.test");
	assert_true(e.at[2].decided);
	assert_false(e.at[1].decided);
	assert_string_equal(e.at[1].reply, "later");
	envelope_release(&e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_domain_comes_once),
		cmocka_unit_test(test_fates_come_back),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
