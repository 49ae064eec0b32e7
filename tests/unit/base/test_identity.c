/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/identity.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

static void home_is_where_the_environment_says(void **state)
{
	(void)state;
	struct buf out = { 0 };
	setenv("HOME", "/some/where", 1);
	identity_home(&out);
	assert_string_equal(buf_str(&out), "/some/where");
	static const char *const useless[] = { "", "relative", "~" };
	for (size_t i = 0; i < sizeof useless / sizeof *useless; i++) {
		buf_reset(&out);
		setenv("HOME", useless[i], 1);
		identity_home(&out);
		assert_true(out.len == 0 || out.data[0] == '/');
	}
	unsetenv("HOME");
	buf_reset(&out);
	identity_home(&out);
	assert_true(out.len == 0 || out.data[0] == '/');
	buf_release(&out);
}

static void names_are_never_empty(void **state)
{
	(void)state;
	static void (*const names[])(struct buf *) = { identity_login, identity_host,
						       identity_mail_domain };
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct buf out = { 0 };
		names[i](&out);
		assert_true(out.len != 0);
		assert_null(strpbrk(buf_str(&out), " \t\r\n"));
		buf_release(&out);
	}
}

static void anybodys_name(void **state)
{
	(void)state;
	static const struct {
		uid_t uid;
		const char *login;
	} cases[] = { { 0, "root" },
		      { 54321, "uid-54321" },
		      { 4294967294U, "uid-4294967294" } };
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf out = { 0 };
		identity_login_of(cases[i].uid, &out);
		assert_string_equal(buf_str(&out), cases[i].login);
		buf_release(&out);
	}
}

/* In a container a uid often has no entry. Only root can try that. */
static void a_uid_without_an_entry_has_a_name_too(void **state)
{
	(void)state;
	if (getuid() != 0)
		skip();
	pid_t child = fork();
	if (child == 0) {
		struct buf login = { 0 }, home = { 0 };
		unsetenv("HOME");
		bool ok = setuid(54321) == 0;
		identity_login(&login);
		identity_home(&home);
		_exit(ok && strcmp(buf_str(&login), "uid-54321") == 0 && home.len == 0 ? 0 : 1);
	}
	int code = -1;
	assert_int_equal(waitpid(child, &code, 0), child);
	assert_int_equal(code, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(home_is_where_the_environment_says),
		cmocka_unit_test(names_are_never_empty),
		cmocka_unit_test(anybodys_name),
		cmocka_unit_test(a_uid_without_an_entry_has_a_name_too),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
