/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/selection.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

struct rule {
	enum select_by by;
	bool negated;
	const char *text; /* NULL: no rule */
};

static const struct {
	struct rule rules[3];
	bool fits;
} cases[] = {
	{ { { 0 } }, true },
	{ { { SELECT_ID, false, "0AB1" } }, true },
	{ { { SELECT_ID, false, "AB" } }, true },
	{ { { SELECT_ID, false, "ab" } }, false },
	{ { { SELECT_ID, true, "AB" } }, false },
	{ { { SELECT_ID, true, "XY" } }, true },
	{ { { SELECT_SENDER, false, "Alice@" } }, true },
	{ { { SELECT_SENDER, false, "bob" } }, false },
	{ { { SELECT_RECIPIENT, false, "BOB" } }, true },
	{ { { SELECT_RECIPIENT, false, "@c.test" } }, true },
	{ { { SELECT_RECIPIENT, false, "alice" } }, false },
	{ { { SELECT_RECIPIENT, false, "@c.testing" } }, false },
	{ { { SELECT_RECIPIENT, true, "carol" } }, false },
	{ { { SELECT_RECIPIENT, true, "dave" } }, true },
	{ { { SELECT_ID, false, "0" }, { SELECT_SENDER, false, "alice" } }, true },
	{ { { SELECT_ID, false, "0" }, { SELECT_SENDER, false, "bob" } }, false },
	{ { { SELECT_RECIPIENT, false, "bob" }, { SELECT_RECIPIENT, false, "carol" } }, true },
	{ { { SELECT_RECIPIENT, false, "bob" }, { SELECT_RECIPIENT, true, "carol" } }, false },
};

static void rules_decide(void **state)
{
	struct strings recipients = { 0 };
	(void)state;
	strings_add(&recipients, "bob@b.test");
	strings_add(&recipients, "Carol@C.test");
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct selection s = { 0 };
		for (const struct rule *r = cases[i].rules; r->text != NULL; r++)
			selection_add(&s, r->by, r->negated, r->text);
		print_message("%zu\n", i);
		assert_int_equal(selection_fits(&s, "0AB1", "alice@a.test", &recipients),
				 cases[i].fits);
		selection_release(&s);
	}
	strings_release(&recipients);
}

static void nobody_has_a_name(void **state)
{
	struct strings none = { 0 };
	struct selection s = { 0 };
	(void)state;
	selection_add(&s, SELECT_SENDER, true, "alice");
	assert_true(selection_fits(&s, "0", "", &none));
	selection_add(&s, SELECT_RECIPIENT, false, "bob");
	assert_false(selection_fits(&s, "0", "", &none));
	selection_release(&s);
	selection_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_decide),
		cmocka_unit_test(nobody_has_a_name),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
