/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/config.h"

#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void load(struct config *c, const char *text)
{
	struct scratch s;
	struct status st = { 0 };
	scratch_open(&s);
	const char *path = scratch_write(&s, "c.ini", 0600, text);
	int result = config_load(c, path, NULL, NULL, 0, &st);
	assert_string_equal(st.text, "");
	assert_int_equal(result, 0);
	scratch_close(&s);
}

static void patterns(void **state)
{
	static const struct {
		const char *pattern, *address;
		bool expected;
	} cases[] = {
		{ "a@example.com", "a@example.com", true },
		{ "a@example.com", "a@EXAMPLE.com", true },
		{ "a@Example.com", "a@example.COM", true },
		{ "a@example.com", "A@example.com", false },
		{ "a@example.com", "ba@example.com", false },
		{ "a@example.com", "a@example.com.evil", false },
		{ "*@example.com", "anybody@example.com", true },
		{ "*@example.com", "@example.com", true },
		{ "*@example.com", "a@sub.example.com", false },
		{ "*@*.example.com", "a@sub.example.com", true },
		{ "*@*.example.com", "a@example.com", false },
		{ "*@example.com", "x@example.com@evil.test", false },
		{ "a*@example.com", "a@example.com", true },
		{ "a+*@example.com", "a+tag@example.com", true },
		{ "a+*@example.com", "a@example.com", false },
		{ "*a*b@example.com", "xaybxb@example.com", true },
		{ "*a*b@example.com", "xaybxc@example.com", false },
		{ "**@e", "a@e", true },
		{ "?@example.com", "a@example.com", true },
		{ "?@example.com", "@example.com", false },
		{ "?@example.com", "ab@example.com", false },
		{ "a@ex?mple.com", "a@exAmple.com", true },
		{ "*", "a@b", true },
		{ "*", "root", true },
		{ "*@*", "root", false },
		{ "a@b", "a", false },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		char *at[] = { (char *)cases[i].pattern };
		const struct account a = { .from = { .at = at, .count = 1 } };
		print_message("%s %s\n", cases[i].pattern, cases[i].address);
		assert_int_equal(account_matches(&a, cases[i].address), cases[i].expected);
	}
}

static void many_stars_take_no_time(void **state)
{
	char *at[] = { (char[]){ "*a*a*a*a*a*a*a*a*a*a*a*a*a*a*a*b@c" } };
	const struct account a = { .from = { .at = at, .count = 1 } };
	char address[4096 + 3];
	(void)state;
	memset(address, 'a', 4096);
	memcpy(address + 4096, "@c", 3);
	assert_false(account_matches(&a, address));
}

static void default_sender(void **state)
{
	struct config c;
	(void)state;
	load(&c, "host = h\n[account a]\nfrom = *@x, b?@x, c@x, d@x\n[account b]\nfrom = "
		 "*@y\n[account c]\n");
	assert_string_equal(account_sender(&c.accounts[0]), "c@x");
	assert_null(account_sender(&c.accounts[1]));
	assert_null(account_sender(&c.accounts[2]));
	config_release(&c);
}

#define THREE                                                                                  \
	"host = h\n[account work]\nfrom = a@work.test, *@lists.test\n"                         \
	"[account home]\nfrom = a@home.test, *@lists.test\n[account other]\n"

static void choices(void **state)
{
	static const struct {
		const char *text, *name, *sender, *field;
		const char *expected; /* NULL: none */
	} cases[] = {
		{ THREE, "home", "a@work.test", "a@work.test", "home" },
		{ THREE, NULL, "a@home.test", "a@work.test", "home" },
		{ THREE, NULL, NULL, "a@home.test", "home" },
		{ THREE, NULL, "", "a@home.test", "home" },
		{ THREE, NULL, "x@y", "a@home.test", "home" },
		{ THREE, NULL, "x@lists.test", NULL, "work" },
		{ THREE, NULL, "x@y", "x@y", NULL },
		{ THREE, NULL, NULL, NULL, NULL },
		{ "account = other\n" THREE, NULL, "x@y", "x@y", "other" },
		{ "account = other\n" THREE, NULL, "a@work.test", NULL, "work" },
		{ "account = other\n" THREE, "work", NULL, NULL, "work" },
		{ THREE, "Home", NULL, NULL, NULL },
		{ THREE, "", NULL, NULL, NULL },
		{ "host = h\nfrom = a@b\n", NULL, "x@y", "x@y", "default" },
		{ "host = h\n", "default", NULL, NULL, "default" },
		{ "[account only]\nhost = h\n", NULL, NULL, NULL, "only" },
		{ "", NULL, NULL, NULL, NULL },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct config c;
		struct status st = { 0 };
		const struct occasion o = { .name = cases[i].name,
					    .sender = cases[i].sender,
					    .from_field = cases[i].field };
		load(&c, cases[i].text);
		const struct account *a = config_choose(&c, &o, &st);
		if (cases[i].expected != NULL) {
			assert_non_null(a);
			assert_string_equal(a->name, cases[i].expected);
		} else {
			assert_null(a);
			assert_int_equal(st.kind, cases[i].name != NULL ? STATUS_BAD_USAGE
									: STATUS_BAD_CONFIG);
			assert_true(st.text[0] != '\0');
		}
		config_release(&c);
	}
}

#define BY_OTHERS                                                                              \
	"host = h\n[account sender]\nfrom = a@s.test\n"                                        \
	"[account to]\nto = *@r.test, *.sub.test, boss@x.test\n"                               \
	"[account second]\nto = R.test, y.test\n[account users]\nusers = root, cron\n"

static void recipients_and_users_choose(void **state)
{
	static const struct {
		const char *before, *sender, *recipients, *login;
		const char *expected; /* NULL: none */
	} cases[] = {
		{ "", "a@s.test", "b@r.test", "root", "sender" },
		{ "", "b@s.test", "b@r.test", "root", "to" },
		{ "", NULL, "b@r.test c@R.TEST boss@x.test d@a.sub.test", NULL, "to" },
		{ "", NULL, "b@r.test c@y.test", NULL, "second" },
		{ "", NULL, "b@sub.test", NULL, NULL },
		{ "", NULL, "b@r.test Boss@x.test", NULL, NULL },
		{ "", NULL, "b@r.test.evil", NULL, NULL },
		{ "", NULL, "b@z.test", "cron", "users" },
		{ "", NULL, "", "cron", "users" },
		{ "", NULL, "", "Cron", NULL },
		{ "account = second\n", NULL, "b@z.test", "cron", "users" },
		{ "account = second\n", NULL, "b@z.test", "alice", "second" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct config c;
		struct status st = { 0 };
		struct buf text = { 0 };
		struct strings recipients = { 0 };
		struct slice rest = slice_of(cases[i].recipients), part;
		while (slice_next(&rest, ' ', &part) && part.len != 0)
			strings_add_slice(&recipients, part);
		const struct occasion o = { .sender = cases[i].sender,
					    .recipients = &recipients,
					    .login = cases[i].login };
		buf_addf(&text, "%s%s", cases[i].before, BY_OTHERS);
		load(&c, buf_str(&text));
		assert_true(config_needs_recipients(&c));
		const struct account *a = config_choose(&c, &o, &st);
		print_message("%s %s\n", cases[i].recipients, a != NULL ? a->name : "-");
		if (cases[i].expected != NULL)
			assert_string_equal(a != NULL ? a->name : "", cases[i].expected);
		else
			assert_null(a);
		config_release(&c);
		strings_release(&recipients);
		buf_release(&text);
	}
}

static void choices_are_explained(void **state)
{
	char *at[] = { (char[]){ "b@z.test" } };
	const struct strings recipients = { .at = at, .count = 1 };
	struct config c;
	struct buf out = { 0 };
	(void)state;
	load(&c, BY_OTHERS);
	config_explain(&c,
		       &(struct occasion){
			       .sender = "x@y", .recipients = &recipients, .login = "root" },
		       &out);
	assert_string_equal(buf_str(&out), "account of -a: not given\n"
					   "sender x@y: no 'from' matches\n"
					   "From field: not given\n"
					   "recipients b@z.test: no 'to' matches\n"
					   "user root: account 'users', users = root\n");
	buf_reset(&out);
	config_explain(&c, &(struct occasion){ .login = "alice" }, &out);
	assert_non_null(strstr(buf_str(&out), "key 'account': none\nonly account: none\n"));
	buf_release(&out);
	config_release(&c);
}

static void accounts_of_others_are_dropped(void **state)
{
	static const struct {
		const char *login, *kept;
	} cases[] = {
		{ "ann", "a b d " }, { "bob", "b d " }, { "cyd", "c d " },
		{ "", "d " },        { "annie", "d " }, { "ANN", "d " },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct config c;
		struct buf names = { 0 };
		load(&c, "host = h\n[account a]\nusers = ann\n[account b]\nusers = ann, bob\n"
			 "[account c]\nusers = cyd\n[account d]\n");
		config_keep_for(&c, cases[i].login);
		for (size_t k = 0; k < c.count; k++)
			buf_addf(&names, "%s ", c.accounts[k].name);
		assert_string_equal(buf_str(&names), cases[i].kept);
		buf_release(&names);
		config_release(&c);
	}
}

static void who_has_no_account_is_named(void **state)
{
	static const struct {
		const char *sender, *field, *login, *expected;
	} cases[] = {
		{ "x@y.test", "a@b.test", "ann", "no account is for the sender 'x@y.test'" },
		{ NULL, "a@b.test", "ann", "no account is for the sender 'a@b.test'" },
		{ "", "a@b.test", NULL, "no account is for the sender 'a@b.test'" },
		{ NULL, "", "ann", "no account is for the user 'ann'" },
		{ NULL, NULL, NULL, "no account is chosen" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct config c;
		struct status st = { 0 };
		const struct occasion o = { .sender = cases[i].sender,
					    .from_field = cases[i].field,
					    .login = cases[i].login };
		load(&c, THREE);
		assert_null(config_choose(&c, &o, &st));
		assert_non_null(strstr(st.text, cases[i].expected));
		assert_non_null(strstr(st.hint, "'account = work'"));
		assert_non_null(strstr(st.hint, "--which ADDR"));
		config_release(&c);
	}
}

static void an_unknown_name_gets_a_hint(void **state)
{
	struct config c;
	struct status st = { 0 };
	(void)state;
	load(&c, THREE);
	assert_null(config_choose(&c, &(struct occasion){ .name = "wrok" }, &st));
	assert_string_equal(st.text, "there is no account 'wrok'");
	assert_string_equal(st.hint, "did you mean 'work'?");
	config_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(patterns),
		cmocka_unit_test(many_stars_take_no_time),
		cmocka_unit_test(default_sender),
		cmocka_unit_test(choices),
		cmocka_unit_test(recipients_and_users_choose),
		cmocka_unit_test(choices_are_explained),
		cmocka_unit_test(accounts_of_others_are_dropped),
		cmocka_unit_test(who_has_no_account_is_named),
		cmocka_unit_test(an_unknown_name_gets_a_hint),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
