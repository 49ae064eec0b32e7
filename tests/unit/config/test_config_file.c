/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/config_file.h"

#include "base/mem.h"
#include "config/load.h"
#include "config/options.h"
#include "config/private.h"
#include "scratch.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

enum { NOBODY = 65534 };

struct fixture {
	struct scratch scratch;
	const char *home;
	const char *system_file; /* may be there or not */
	struct config_file file;
	struct status status;
	uid_t uid;
};

static int set_up(void **state)
{
	struct fixture *f = mem_zero(1, sizeof *f);
	f->uid = geteuid();
	unsetenv("XDG_CONFIG_HOME");
	scratch_open(&f->scratch);
	assert_int_equal(chmod(f->scratch.folder, 0755), 0);
	f->home = scratch_path(&f->scratch, "home");
	f->system_file = scratch_path(&f->scratch, "etc/postrider.ini");
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(seteuid(f->uid), 0);
	chmod(f->home, 0700);
	config_file_release(&f->file);
	scratch_close(&f->scratch);
	free(f);
	return 0;
}

static const char *write_user(struct fixture *f, mode_t mode)
{
	return scratch_write(&f->scratch, "home/.config/postrider.ini", mode, "user");
}

static void write_system(struct fixture *f, mode_t mode)
{
	scratch_write(&f->scratch, "etc/postrider.ini", mode, "system");
	assert_int_equal(chmod(scratch_path(&f->scratch, "etc"), 0755), 0);
}

static int find(struct fixture *f)
{
	return config_file_find(&f->file, NULL, f->home, f->system_file, &f->status);
}

/* Permissions mean nothing to root, so be somebody else if we are. */
static void become_nobody(const struct fixture *f)
{
	if (f->uid == 0)
		assert_int_equal(seteuid(NOBODY), 0);
}

static void the_users_file_comes_first(void **state)
{
	struct fixture *f = *state;
	const char *user = write_user(f, 0600);
	write_system(f, 0644);
	assert_int_equal(find(f), 0);
	assert_string_equal(f->file.path, user);
	assert_string_equal(buf_str(&f->file.text), "user");
	assert_false(f->file.system);
}

static void the_systems_file_stands_in(void **state)
{
	struct fixture *f = *state;
	write_system(f, 0644);
	assert_int_equal(find(f), 0);
	assert_string_equal(f->file.path, f->system_file);
	assert_string_equal(buf_str(&f->file.text), "system");
	assert_true(f->file.system);
}

static void no_file_at_all(void **state)
{
	struct fixture *f = *state;
	assert_int_equal(find(f), -1);
	assert_int_equal(f->status.kind, STATUS_BAD_CONFIG);
	assert_int_equal(f->status.sys, ENOENT);
	assert_non_null(strstr(f->status.text, f->system_file));
	assert_non_null(strstr(f->status.text, f->home));
	assert_non_null(strstr(f->status.hint, f->home));
	assert_non_null(strstr(f->status.hint, "host = "));
	config_file_release(&f->file);
	f->home = NULL;
	assert_int_equal(find(f), -1);
	assert_non_null(strstr(f->status.hint, f->system_file));
	f->home = "";
}

static void an_unreadable_user_file_is_an_error(void **state)
{
	struct fixture *f = *state;
	const char *user = write_user(f, 0000);
	assert_int_equal(chmod(f->home, 0755), 0);
	assert_int_equal(chmod(scratch_path(&f->scratch, "home/.config"), 0755), 0);
	write_system(f, 0644);
	become_nobody(f);
	assert_int_equal(find(f), -1);
	assert_int_equal(f->status.kind, STATUS_BAD_CONFIG);
	assert_int_equal(f->status.sys, EACCES);
	assert_non_null(strstr(f->status.text, user));
}

/* A daemon that root started, and that kept HOME=/root. */
static void an_unseen_user_file_is_none(void **state)
{
	struct fixture *f = *state;
	write_user(f, 0644);
	assert_int_equal(chmod(f->home, f->uid == 0 ? 0700 : 0000), 0);
	write_system(f, 0644);
	become_nobody(f);
	assert_int_equal(find(f), 0);
	assert_true(f->file.system);
}

static void an_unreadable_system_file(void **state)
{
	struct fixture *f = *state;
	write_system(f, 0000);
	become_nobody(f);
	assert_int_equal(find(f), -1);
	assert_int_equal(f->status.kind, STATUS_BAD_CONFIG);
	assert_int_equal(f->status.sys, EACCES);
	assert_non_null(strstr(f->status.text, f->system_file));
	assert_non_null(strstr(f->status.hint, "as root"));
	assert_non_null(strstr(f->status.hint, f->home));
}

static void root_reads_no_files_of_others(void **state)
{
	struct fixture *f = *state;
	if (f->uid != 0)
		skip();
	const char *user = write_user(f, 0600);
	assert_int_equal(chown(user, NOBODY, NOBODY), 0);
	assert_int_equal(find(f), -1);
	assert_int_equal(f->status.sys, ENOENT);
	assert_non_null(strstr(f->status.text, "does not belong to root"));
	assert_non_null(strstr(f->status.hint, user));
	config_file_release(&f->file);
	write_system(f, 0644);
	assert_int_equal(find(f), 0);
	assert_true(f->file.system);
}

static void the_systems_file_has_no_variables(void **state)
{
	struct fixture *f = *state;
	struct config c = { 0 };
	setenv("SET", "value", 1);
	account_init(&c.defaults, "");
	scratch_write(&f->scratch, "etc/part.ini", 0644, "domain = d\nfrom-name = ${SET}\n");
	scratch_write(&f->scratch, "etc/postrider.ini", 0600,
		      "include = part.ini\nuser = ${SET} ${UNSET\npassword = ${SET}\n");
	assert_int_equal(find(f), 0);
	assert_int_equal(load_file(&c, &f->file, NULL, &f->status), 0);
	assert_string_equal(c.defaults.user, "${SET} ${UNSET");
	assert_string_equal(c.defaults.from_name, "${SET}");
	assert_string_equal(c.defaults.password, "${SET}");
	config_release(&c);
}

static void who_may_read_a_password(void **state)
{
	static const struct {
		mode_t mode;
		uid_t owner;
		bool root_shares;
		const char *hint; /* NULL: passes */
	} cases[] = {
		{ S_IFREG | 0600, 1000, false, NULL },
		{ S_IFREG | 0640, 1000, false, "chmod 600 f" },
		{ S_IFREG | 0604, 1000, false, "chmod 600 f" },
		{ S_IFREG | 0640, 0, false, "chmod 600 f" },
		{ S_IFREG | 0640, 0, true, NULL },
		{ S_IFREG | 0644, 0, true, "chmod 640 f" },
		{ S_IFREG | 0640, 1000, true, "chmod 600 f" },
		{ S_IFIFO | 0666, 1000, false, NULL },
		{ S_IFCHR | 0666, 0, false, NULL },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		const struct stat facts = { .st_mode = cases[i].mode,
					    .st_uid = cases[i].owner };
		struct status st = { 0 };
		int result = private_check("f", &facts, cases[i].root_shares, &st);
		assert_int_equal(result, cases[i].hint == NULL ? 0 : -1);
		if (result != 0)
			assert_string_equal(st.hint, cases[i].hint);
	}
}

#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_users_file_comes_first),
		CASE(the_systems_file_stands_in),
		CASE(no_file_at_all),
		CASE(an_unreadable_user_file_is_an_error),
		CASE(an_unseen_user_file_is_none),
		CASE(an_unreadable_system_file),
		CASE(root_reads_no_files_of_others),
		CASE(the_systems_file_has_no_variables),
		cmocka_unit_test(who_may_read_a_password),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
