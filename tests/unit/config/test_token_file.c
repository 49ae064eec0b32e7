/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/token_file.h"

#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define MAGIC        "postrider-oauth-1\n"

static struct scratch world;

static int make_world(void **state)
{
	(void)state;
	umask(0);
	scratch_open(&world);
	return 0;
}

static int release_world(void **state)
{
	(void)state;
	scratch_close(&world);
	return 0;
}

static void write_to(const char *path, const char *token)
{
	struct token_file f = { 0 };
	struct status st;
	buf_add_str(&f.origin, "login");
	buf_add_str(&f.token, token);
	if (token_file_write(path, &f, &st) != 0)
		fail_msg("%s", st.text);
	token_file_release(&f);
}

static void assert_holds(const char *path, const char *token)
{
	struct token_file f = { 0 };
	struct status st;
	if (token_file_read(path, &f, &st) != 0)
		fail_msg("%s", st.text);
	assert_string_equal(buf_str(&f.token), token);
	assert_string_equal(buf_str(&f.origin), *token != '\0' ? "login" : "");
	token_file_release(&f);
}

static mode_t mode_of(const char *path)
{
	struct stat facts;
	assert_int_equal(lstat(path, &facts), 0);
	return facts.st_mode & 07777;
}

static void what_is_written_is_read(void **state)
{
	const char *path = scratch_path(&world, "a/b/token");
	(void)state;
	assert_holds(path, "");
	write_to(path, "one");
	assert_holds(path, "one");
	assert_int_equal(mode_of(path), 0600);
	assert_int_equal(mode_of(scratch_path(&world, "a/b")), 0700);
	assert_int_equal(chmod(path, 0644), 0);
	write_to(path, "two");
	assert_holds(path, "two");
	assert_int_equal(mode_of(path), 0600);
}

static const char *const strange[] = {
	"",
	MAGIC,
	MAGIC "login\n",
	MAGIC "login\n\n",
	MAGIC "login\nx",
	MAGIC "login\nx y\n",
	MAGIC "login\nx\ny\n",
	MAGIC "login\nx\n\n",
	"postrider-oauth-2\nlogin\nx\n",
	MAGIC "login\r\nx\n",
	MAGIC "login\nx\x80\n",
};

static void strange_files(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(strange); i++) {
		const char *path = scratch_write(&world, "token", 0600, strange[i]);
		struct token_file f = { 0 };
		struct status st;
		if (token_file_read(path, &f, &st) == 0)
			fail_msg("'%s' was taken", strange[i]);
		assert_int_equal(st.kind, STATUS_NOT_ALLOWED);
		token_file_release(&f);
	}
}

static void a_file_for_others(void **state)
{
	static const mode_t modes[] = { 0640, 0604, 0444 };
	(void)state;
	for (size_t i = 0; i < COUNT(modes); i++) {
		const char *path = scratch_write(&world, "token", modes[i], MAGIC "login\nx\n");
		struct token_file f = { 0 };
		struct status st;
		assert_int_equal(token_file_read(path, &f, &st), -1);
		assert_int_equal(st.kind, STATUS_BAD_CONFIG);
		assert_int_equal(f.token.len, 0);
		token_file_release(&f);
		unlink(path);
	}
}

/* A folder in its place, and a file in the place of its folder: nothing is left behind. */
static void what_cannot_be_written(void **state)
{
	struct token_file f = { 0 };
	struct status st;
	(void)state;
	scratch_write(&world, "token/inside", 0600, "");
	scratch_write(&world, "file", 0600, "");
	buf_add_str(&f.token, "x");
	assert_int_equal(token_file_write(scratch_path(&world, "token"), &f, &st), -1);
	assert_int_equal(st.kind, STATUS_DISK);
	assert_int_equal(token_file_write(scratch_path(&world, "file/token"), &f, &st), -1);
	assert_int_equal(st.kind, STATUS_DISK);
	assert_int_equal(unlink(scratch_path(&world, "token/inside")), 0);
	assert_int_equal(unlink(scratch_path(&world, "file")), 0);
	assert_int_equal(rmdir(scratch_path(&world, "token")), 0);
	assert_int_equal(rmdir(world.folder), 0);
	assert_int_equal(mkdir(world.folder, 0700), 0);
	token_file_release(&f);
}

int main(void)
{
#define IN_A_FOLDER(f) cmocka_unit_test_setup_teardown(f, make_world, release_world)
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(what_is_written_is_read),
		IN_A_FOLDER(strange_files),
		IN_A_FOLDER(a_file_for_others),
		IN_A_FOLDER(what_cannot_be_written),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
