/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/secret.h"

#include "base/clock.h"
#include "base/mem.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

struct fixture {
	struct scratch scratch;
	struct account account;
	struct buf out;
	struct status status;
};

static int set_up(void **state)
{
	struct fixture *f = mem_zero(1, sizeof *f);
	scratch_open(&f->scratch);
	unsetenv("CREDENTIALS_DIRECTORY");
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	buf_release_secret(&f->out);
	scratch_close(&f->scratch);
	free(f);
	return 0;
}

static int ask(struct fixture *f, const char *home)
{
	buf_release_secret(&f->out);
	f->status = (struct status){ 0 };
	return secret_password(&f->account, "mail.test", home, clock_in(30), &f->out,
			       &f->status);
}

static void assert_refused(struct fixture *f, enum status_kind kind)
{
	assert_int_equal(f->status.kind, kind);
	assert_true(f->status.text[0] != '\0');
	assert_null(strstr(f->status.text, "hush"));
	assert_int_equal(f->out.len, 0);
}

static void the_order_of_sources(void **state)
{
	struct fixture *f = *state;
	f->account.password = (char[]){ "of the key" };
	f->account.password_file =
		(char *)scratch_write(&f->scratch, "pw", 0600, "of the file\n");
	f->account.password_command = (char[]){ "echo of the command" };
	scratch_write(&f->scratch, ".netrc", 0600, "machine mail.test password ofnetrc\n");
	assert_int_equal(ask(f, f->scratch.folder), 0);
	assert_string_equal(buf_str(&f->out), "of the key");
	f->account.password = NULL;
	assert_int_equal(ask(f, f->scratch.folder), 0);
	assert_string_equal(buf_str(&f->out), "of the file");
	f->account.password_file = NULL;
	assert_int_equal(ask(f, f->scratch.folder), 0);
	assert_string_equal(buf_str(&f->out), "of the command");
	f->account.password_command = NULL;
	assert_int_equal(ask(f, f->scratch.folder), 0);
	assert_string_equal(buf_str(&f->out), "ofnetrc");
	assert_int_equal(ask(f, NULL), -1);
	assert_refused(f, STATUS_NOT_ALLOWED);
}

static void first_lines(void **state)
{
	static const struct {
		const char *text, *password; /* NULL: none */
	} cases[] = {
		{ "hush", "hush" },        { "hush\n", "hush" },         { "hush\r\n", "hush" },
		{ " a b \nc\n", " a b " }, { "hush\nurl: x\n", "hush" }, { "", NULL },
		{ "\nhush\n", NULL },      { "\r\nhush\n", NULL },
	};
	struct fixture *f = *state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		f->account.password_file =
			(char *)scratch_write(&f->scratch, "pw", 0600, cases[i].text);
		int result = ask(f, NULL);
		assert_int_equal(result, cases[i].password != NULL ? 0 : -1);
		if (result == 0)
			assert_string_equal(buf_str(&f->out), cases[i].password);
		else
			assert_refused(f, STATUS_NOT_ALLOWED);
	}
}

static void a_NUL_is_no_password(void **state)
{
	struct fixture *f = *state;
	f->account.password_command = (char[]){ "printf 'hush\\0hush\\n'" };
	assert_int_equal(ask(f, NULL), -1);
	assert_refused(f, STATUS_NOT_ALLOWED);
}

static void failing_commands(void **state)
{
	struct fixture *f = *state;
	f->account.password_command = (char[]){ "echo hush; echo no key >&2; exit 2" };
	assert_int_equal(ask(f, NULL), -1);
	assert_refused(f, STATUS_NOT_ALLOWED);
	assert_string_equal(f->status.text,
			    "password-command failed with exit status 2: no key");
	f->account.password_command = (char[]){ "true" };
	assert_int_equal(ask(f, NULL), -1);
	assert_refused(f, STATUS_NOT_ALLOWED);
}

static void tokens(void **state)
{
	struct fixture *f = *state;
	f->account.auth = (char[]){ "xoauth2" };
	f->account.password = (char[]){ "no token" };
	assert_int_equal(secret_token(&f->account, clock_in(30), &f->out, &f->status), -1);
	assert_refused(f, STATUS_NOT_ALLOWED);
	f->account.token_command = (char[]){ "printf 'ya29.x\\r\\nhush\\n'" };
	assert_int_equal(secret_token(&f->account, clock_in(30), &f->out, &f->status), 0);
	assert_string_equal(buf_str(&f->out), "ya29.x");
	buf_release_secret(&f->out);
	f->account.token_command = (char[]){ "echo hush; exit 1" };
	assert_int_equal(secret_token(&f->account, clock_in(30), &f->out, &f->status), -1);
	assert_refused(f, STATUS_NOT_ALLOWED);
	assert_string_equal(f->status.text, "token-command failed with exit status 1");
}

static void files_are_private(void **state)
{
	struct fixture *f = *state;
	f->account.password_file = (char *)scratch_write(&f->scratch, "pw", 0644, "hush\n");
	assert_int_equal(ask(f, NULL), -1);
	assert_refused(f, STATUS_BAD_CONFIG);
	assert_memory_equal(f->status.hint, "chmod 600 ", 10);
	unlink(f->account.password_file);
	assert_int_equal(ask(f, NULL), -1);
	assert_refused(f, STATUS_NOT_ALLOWED);
	assert_memory_equal(f->status.hint, "password-file ", 14);
}

static void credentials(void **state)
{
	static const struct {
		const char *key;
		enum status_kind refused; /* STATUS_OK: found */
	} cases[] = {
		{ "credential:smtp", STATUS_OK },
		{ "credential:missing", STATUS_NOT_ALLOWED },
		{ "credential:", STATUS_BAD_CONFIG },
		{ "credential:..", STATUS_BAD_CONFIG },
		{ "credential:../smtp", STATUS_BAD_CONFIG },
		{ "credential:/etc/passwd", STATUS_BAD_CONFIG },
	};
	struct fixture *f = *state;
	scratch_write(&f->scratch, "smtp", 0440, "of systemd\n");
	f->account.password_file = (char[]){ "credential:smtp" };
	assert_int_equal(ask(f, NULL), -1);
	assert_refused(f, STATUS_NOT_ALLOWED);
	setenv("CREDENTIALS_DIRECTORY", f->scratch.folder, 1);
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		f->account.password_file = (char *)cases[i].key;
		int result = ask(f, NULL);
		assert_int_equal(result, cases[i].refused == STATUS_OK ? 0 : -1);
		if (result == 0)
			assert_string_equal(buf_str(&f->out), "of systemd");
		else
			assert_refused(f, cases[i].refused);
	}
}

static void netrc_is_asked_by_user(void **state)
{
	struct fixture *f = *state;
	scratch_write(&f->scratch, ".netrc", 0600,
		      "machine mail.test login other password hush\n"
		      "machine mail.test login alice password right\n");
	f->account.user = (char[]){ "alice" };
	assert_int_equal(ask(f, f->scratch.folder), 0);
	assert_string_equal(buf_str(&f->out), "right");
	f->account.user = (char[]){ "bob" };
	assert_int_equal(ask(f, f->scratch.folder), -1);
	assert_refused(f, STATUS_NOT_ALLOWED);
}

/* Others may read an entry that is not ours to send. */
static void netrc_is_private_where_it_matters(void **state)
{
	struct fixture *f = *state;
	scratch_write(&f->scratch, ".netrc", 0644, "machine other.test password hush\n");
	assert_int_equal(ask(f, f->scratch.folder), -1);
	assert_refused(f, STATUS_NOT_ALLOWED);
	scratch_write(&f->scratch, ".netrc", 0644, "machine mail.test password hush\n");
	assert_int_equal(ask(f, f->scratch.folder), -1);
	assert_refused(f, STATUS_BAD_CONFIG);
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_order_of_sources),
		CASE(first_lines),
		CASE(a_NUL_is_no_password),
		CASE(failing_commands),
		CASE(files_are_private),
		CASE(credentials),
		CASE(netrc_is_asked_by_user),
		CASE(netrc_is_private_where_it_matters),
		CASE(tokens),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
