/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/aliases.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const char letters[] = { [TARGET_ADDRESS] = 'a',
				[TARGET_FINAL] = 'f',
				[TARGET_INCLUDE] = 'i',
				[TARGET_COMMAND] = 'c',
				[TARGET_FILE] = 'w' };

/* "a:alice@x, f:root" */
static void write_targets(const struct targets *t, struct buf *out)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct target *one = &t->at[i];
		buf_addf(out, "%s%c:%s%s%s", i != 0 ? ", " : "", letters[one->kind], one->text,
			 one->domain[0] != '\0' ? "@" : "", one->domain);
	}
}

static void what_names_stand_for(void **state)
{
	static const struct {
		const char *text, *name;
		const char *expected; /* NULL: nothing */
	} cases[] = {
		{ "root: alice@x.test\n", "root", "a:alice@x.test" },
		{ "root: alice@x.test", "ROOT", "a:alice@x.test" },
		{ "Root : alice@x.test\r\n", "root", "a:alice@x.test" },
		{ "root: a, b@x.test,c\n", "root", "a:a, a:b@x.test, a:c" },
		{ "root: a,\n b@x.test,\n\n# comment\n  \n\tc,\n", "root",
		  "a:a, a:b@x.test, a:c" },
		{ "# root: x\n  # y\nroot: a\n", "root", "a:a" },
		{ "root: a\nroots: b\n", "roots", "a:b" },
		{ "b: 1\na: 2\nc: 3\n", "a", "a:2" },
		{ "root: a\n", "roo", NULL },
		{ "", "root", NULL },
		{ "user@host.test: a\n", "USER@HOST.test", "a:a" },
		{ "user@host.test: a\n", "user", NULL },
		{ "\"the team\": a\n", "\"the team\"", "a:a" },
		{ "\"a:b\": c\n", "\"a:b\"", "a:c" },
		{ "\"root\": a\n", "root", "a:a" },
		{ "root: Alice Example <a@x.test>, \"B, C\" <b@x.test>\n", "root",
		  "a:a@x.test, a:b@x.test" },
		{ "root: a (one, two), b\n", "root", "a:a, a:b" },
		{ "root: \\root, a\n", "root", "f:root, a:a" },
		{ "t: :include:/etc/team\n", "t", "i:/etc/team" },
		{ "t: \":include:/etc/the team\", a\n", "t", "i:/etc/the team, a:a" },
		{ "t: |/bin/cat, \"|cat -n, x\"\n", "t", "c:|/bin/cat, c:|cat -n, x" },
		{ "t: /dev/null, \"/var/log/x y\"\n", "t", "w:/dev/null, w:/var/log/x y" },
		{ "t: /c=de/@x.test\n", "t", "a:/c=de/@x.test" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct aliases a = { 0 };
		struct status st = { 0 };
		struct buf out = { 0 };
		print_message("%s", cases[i].text);
		int result = aliases_parse(&a, "f", slice_of(cases[i].text), &st);
		assert_string_equal(st.text, "");
		assert_int_equal(result, 0);
		const struct alias *found = aliases_find(&a, cases[i].name);
		assert_int_equal(found != NULL, cases[i].expected != NULL);
		if (found != NULL) {
			write_targets(&found->to, &out);
			assert_string_equal(buf_str(&out), cases[i].expected);
		}
		buf_release(&out);
		aliases_release(&a);
	}
}

static void errors_name_the_line(void **state)
{
	static const struct {
		const char *text, *where;
	} cases[] = {
		{ "root alice@x.test\n", "f:1: " },
		{ "a: b\n\n# x\nroot\n", "f:4: " },
		{ "a: b\nroot: c d\n e\n", "f:2: " },
		{ " root: a\n", "f:1: " },
		{ "root:\n", "f:1: " },
		{ "root: , ,\na: b\n", "f:1: " },
		{ ": a\n", "f:1: " },
		{ "a b: c\n", "f:1: " },
		{ "a, b: c\n", "f:1: " },
		{ "root: a # me\n", "f:1: " },
		{ "root: a@-x.test\n", "f:1: " },
		{ "root: -oQ@x.test\n", "f:1: " },
		{ "-x: a\n", "f:1: " },
		{ "root: a\nb: c\nROOT: d\n", "f:3: " },
		{ "t: :include:team\n", "f:1: " },
		{ "t: :include:\n", "f:1: " },
		{ "t: :include:~/team\n", "f:1: " },
		{ "t: :fail: gone\n", "f:1: " },
		{ "root: a@x.test> RCPT TO:<b\n", "f:1: " },
		{ "root: \"a\n", "f:1: " },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct aliases a = { 0 };
		struct status st = { 0 };
		print_message("%s", cases[i].text);
		assert_int_equal(aliases_parse(&a, "f", slice_of(cases[i].text), &st), -1);
		assert_int_equal(st.kind, STATUS_BAD_CONFIG);
		assert_memory_equal(st.text, cases[i].where, strlen(cases[i].where));
		assert_null(aliases_find(&a, "root"));
		aliases_release(&a);
	}
}

static void a_nul_is_no_name(void **state)
{
	static const char text[] = "root: a\0b\n";
	struct aliases a = { 0 };
	struct status st = { 0 };
	(void)state;
	assert_int_equal(aliases_parse(&a, "f", slice_n(text, sizeof text - 1), &st), -1);
	aliases_release(&a);
}

static void the_first_file_wins(void **state)
{
	struct aliases a = { 0 };
	struct status st = { 0 };
	(void)state;
	assert_int_equal(aliases_parse(&a, "one", slice_of("x: 1\nroot: a\n"), &st), 0);
	assert_int_equal(aliases_parse(&a, "two", slice_of("root: b\n\nb: c\na: d\n"), &st), 0);
	assert_string_equal(aliases_find(&a, "root")->to.at[0].text, "a");
	assert_string_equal(aliases_find(&a, "b")->to.at[0].text, "c");
	assert_string_equal(aliases_find(&a, "b")->file, "two");
	assert_int_equal(aliases_find(&a, "b")->line, 3);
	assert_int_equal(a.count, 4);
	aliases_release(&a);
}

static void included_files_are_lists(void **state)
{
	struct targets t = { 0 };
	struct status st = { 0 };
	struct buf out = { 0 };
	(void)state;
	const char *text = "# team\na@x.test\n  b, c@x.test,\n\n|cmd\n";
	assert_int_equal(targets_parse(&t, "team", slice_of(text), &st), 0);
	write_targets(&t, &out);
	assert_string_equal(buf_str(&out), "a:a@x.test, a:b, a:c@x.test, c:|cmd");
	assert_int_equal(targets_parse(&t, "team", slice_of("a\nb c\n"), &st), -1);
	assert_memory_equal(st.text, "team:2: ", 8);
	assert_int_equal(targets_parse(&t, "team", slice_of(":include:/x\n"), &st), -1);
	assert_memory_equal(st.text, "team:1: ", 8);
	buf_release(&out);
	targets_release(&t);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_names_stand_for),
		cmocka_unit_test(errors_name_the_line),
		cmocka_unit_test(a_nul_is_no_name),
		cmocka_unit_test(the_first_file_wins),
		cmocka_unit_test(included_files_are_lists),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
