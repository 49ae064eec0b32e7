/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/aliasing.h"

#include "config/option_value.h"
#include "config/options.h"
#include "delivery/settings.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Aliasing by FILE, with LOCAL_TO if it is not NULL, and everything that it needs. */
struct bed {
	struct scratch dir;
	struct config config;
	struct aliasing aliasing;
};

/* "@DIR" in FILE is the scratch folder. */
static void write_file(struct bed *b, const char *file)
{
	struct buf text = { 0 };
	const char *mark = strstr(file, "@DIR");
	if (mark != NULL)
		buf_addf(&text, "%.*s%s%s", (int)(mark - file), file, b->dir.folder, mark + 4);
	else
		buf_add_str(&text, file);
	scratch_write(&b->dir, "aliases", 0600, buf_str(&text));
	buf_release(&text);
}

static int open_bed(struct bed *b, const char *file, const char *local_to, struct status *st)
{
	struct buf text = { 0 };
	*b = (struct bed){ 0 };
	scratch_open(&b->dir);
	scratch_write(&b->dir, "team", 0600, "x@team.test\n# all\nroot, y@team.test\n");
	if (file != NULL)
		write_file(b, file);
	buf_addf(&text, "host = h\nlocal-to = %s\naliases = %s/aliases\n",
		 local_to != NULL ? local_to : "", b->dir.folder);
	settings_load(&b->config, buf_str(&text));
	buf_release(&text);
	return aliasing_open(&b->aliasing, &b->config.accounts[0], "own.test", st);
}

static void close_bed(struct bed *b)
{
	aliasing_release(&b->aliasing);
	config_release(&b->config);
	scratch_close(&b->dir);
}

static int add_list(struct bed *b, const char *to, struct envelope *e, struct status *st)
{
	struct mailboxes list = { 0 };
	int result = address_parse_list(slice_of(to), &list, st);
	for (size_t i = 0; i < list.count && result == 0; i++)
		result = aliasing_add(&b->aliasing, e, &list.at[i], st);
	mailboxes_release(&list);
	return result;
}

/* Those who are refused in brackets. */
static void write_envelope(const struct envelope *e, struct buf *out)
{
	for (size_t i = 0; i < e->count; i++)
		buf_addf(out, e->at[i].decided ? "%s(%s)" : "%s%s", i != 0 ? " " : "",
			 e->at[i].address);
}

static void recipients(void **state)
{
	static const struct {
		const char *file, *local_to, *to, *expected;
	} cases[] = {
		{ "", NULL, "root, a@x.test", "root@own.test a@x.test" },
		{ "", "me@z.test, you@z.test", "root, cron, a@own.test",
		  "me@z.test you@z.test a@own.test" },
		{ "root: a@x.test\n", "me@z.test", "root, Root@OWN.test, root@other.test",
		  "a@x.test root@other.test" },
		{ "root: a@x.test, b\n", NULL, "root", "a@x.test b@own.test" },
		{ "root: a@x.test, b\n", "me@z.test", "root", "a@x.test me@z.test" },
		{ "postmaster: root\nroot: bob\nbob: b@x.test\n", NULL, "postmaster",
		  "b@x.test" },
		{ "u@host.test: a@x.test\nu: b@x.test\n", NULL, "u@host.test", "a@x.test" },
		{ "u@host.test: a@x.test\nu: b@x.test\n", NULL, "u@other.test",
		  "u@other.test" },
		{ "u@own.test: a@x.test\nu: b@x.test\n", NULL, "u", "a@x.test" },
		{ "root: root, a@x.test\n", "me@z.test", "root", "root@own.test a@x.test" },
		{ "root: \\root, a@x.test\n", "me@z.test", "root", "root@own.test a@x.test" },
		{ "a: b\nb: a, c@x.test\n", NULL, "a", "a@own.test c@x.test" },
		{ "a: b\nb: a\n", NULL, "b, a", "b@own.test" },
		{ "a: x@x.test, b\nb: x@X.test, y@x.test\n", NULL, "a, b, x@x.test",
		  "x@x.test y@x.test" },
		{ "t: :include:@DIR/team\nroot: r@x.test\n", NULL, "t",
		  "x@team.test r@x.test y@team.test" },
		{ "r: |cat\n", NULL, "r, a@x.test", "(r@own.test) a@x.test" },
		{ "r: /dev/null, a@x.test\n", NULL, "r", "a@x.test (r@own.test)" },
		{ "r: |cat, r\n", NULL, "r", "r@own.test" },
		{ "a: b, c\nb: d, e\nc: d, e\nd: f@x.test\ne: g@x.test\n", NULL, "a",
		  "f@x.test g@x.test" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct bed b;
		struct status st = { 0 };
		struct envelope e = { 0 };
		struct buf out = { 0 };
		print_message("%s -> %s\n", cases[i].to, cases[i].expected);
		int result = open_bed(&b, cases[i].file, cases[i].local_to, &st);
		if (result == 0)
			result = add_list(&b, cases[i].to, &e, &st);
		assert_string_equal(st.text, "");
		assert_int_equal(result, 0);
		write_envelope(&e, &out);
		assert_string_equal(buf_str(&out), cases[i].expected);
		buf_release(&out);
		envelope_release(&e);
		close_bed(&b);
	}
}

static void senders(void **state)
{
	static const struct {
		const char *file, *sender;
		const char *expected; /* NULL: nobody else */
	} cases[] = {
		{ "root: a@x.test\n", "root", "a@x.test" },
		{ "root: a@x.test\n", "root@own.test", "a@x.test" },
		{ "root: a@x.test\n", "root@other.test", NULL },
		{ "root@other.test: a@x.test\n", "root@other.test", "a@x.test" },
		{ "root: bob\nbob: b@x.test\n", "root", "b@x.test" },
		{ "root: bob\n", "root", "bob@own.test" },
		{ "root: \\bob\nbob: b@x.test\n", "root", "bob@own.test" },
		{ "root: a@x.test, b@x.test\n", "root", NULL },
		{ "root: bob\nbob: b@x.test, c@x.test\n", "root", "bob@own.test" },
		{ "root: bob\nbob: root\n", "root", NULL },
		{ "root: |cat\n", "root", NULL },
		{ "root: :include:@DIR/team\n", "root", NULL },
		{ "", "root", NULL },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct bed b;
		struct status st = { 0 };
		struct mailboxes list = { 0 };
		struct buf out = { 0 };
		print_message("%s%s\n", cases[i].file, cases[i].sender);
		assert_int_equal(open_bed(&b, cases[i].file, "me@z.test", &st), 0);
		address_parse_list(slice_of(cases[i].sender), &list, &st);
		bool found = aliasing_sender(&b.aliasing, &list.at[0], &out);
		assert_int_equal(found, cases[i].expected != NULL);
		assert_string_equal(buf_str(&out), found ? cases[i].expected : "");
		buf_release(&out);
		mailboxes_release(&list);
		close_bed(&b);
	}
}

static void refusals_say_why(void **state)
{
	struct bed b;
	struct status st = { 0 };
	struct envelope e = { 0 };
	(void)state;
	assert_int_equal(open_bed(&b, "# x\nr: |cat\n", NULL, &st), 0);
	assert_int_equal(add_list(&b, "r", &e, &st), 0);
	assert_int_equal(e.at[0].kind, STATUS_NO_USER);
	assert_non_null(strstr(e.at[0].reply, "/aliases:2: the alias 'r' names a command"));
	aliasing_reset(&b.aliasing);
	envelope_release(&e);
	e = (struct envelope){ 0 };
	assert_int_equal(add_list(&b, "r", &e, &st), 0);
	assert_int_equal(e.count, 1);
	envelope_release(&e);
	close_bed(&b);
}

static void chains_have_an_end(void **state)
{
	struct bed b;
	struct status st = { 0 };
	struct envelope e = { 0 };
	struct buf text = { 0 };
	(void)state;
	for (int i = 0; i < 1000; i++)
		buf_addf(&text, "n%d: n%d\n", i, i + 1);
	assert_int_equal(open_bed(&b, buf_str(&text), NULL, &st), 0);
	assert_int_equal(add_list(&b, "n980", &e, &st), 0);
	assert_string_equal(e.at[0].address, "n1000@own.test");
	assert_int_equal(add_list(&b, "n0", &e, &st), -1);
	assert_int_equal(st.kind, STATUS_BAD_CONFIG);
	buf_release(&text);
	envelope_release(&e);
	close_bed(&b);
}

static void files_that_cannot_be_read(void **state)
{
	struct bed b;
	struct status st = { 0 };
	struct envelope e = { 0 };
	(void)state;
	assert_int_equal(open_bed(&b, NULL, NULL, &st), -1);
	assert_int_equal(st.kind, STATUS_BAD_CONFIG);
	close_bed(&b);
	assert_int_equal(open_bed(&b, "t: :include:@DIR/nothing\n", NULL, &st), 0);
	assert_int_equal(add_list(&b, "t", &e, &st), -1);
	assert_int_equal(st.kind, STATUS_BAD_CONFIG);
	assert_non_null(strstr(st.text, "/aliases:1: "));
	envelope_release(&e);
	close_bed(&b);
}

/* The default file may be anything; here it is the one of the bed. */
static void a_bad_file_that_nobody_named(void **state)
{
	struct bed b = { 0 };
	struct status st = { 0 };
	struct envelope e = { 0 };
	(void)state;
	assert_int_equal(open_bed(&b, "a: b@x.test\na: c@x.test\n", NULL, &st), -1);
	aliasing_release(&b.aliasing);
	option_origin(&b.config.accounts[0], option_find("aliases"))->file = NULL;
	assert_int_equal(aliasing_open(&b.aliasing, &b.config.accounts[0], "own.test", &st), 0);
	assert_int_equal(add_list(&b, "x@far.test", &e, &st), 0);
	assert_int_equal(add_list(&b, "a", &e, &st), -1);
	assert_int_equal(st.kind, STATUS_BAD_CONFIG);
	assert_int_equal(e.count, 1);
	envelope_release(&e);
	close_bed(&b);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(recipients),
		cmocka_unit_test(senders),
		cmocka_unit_test(refusals_say_why),
		cmocka_unit_test(chains_have_an_end),
		cmocka_unit_test(files_that_cannot_be_read),
		cmocka_unit_test(a_bad_file_that_nobody_named),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
