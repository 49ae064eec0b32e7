/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/config_stamp.h"

#include "scratch.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

static struct scratch dir;

static int open_scratch(void **state)
{
	(void)state;
	scratch_open(&dir);
	scratch_write(&dir, "password", 0600, "secret\n");
	scratch_write(&dir, "more.ini", 0600, "[account b]\nhost = b.test\n");
	struct buf text = { 0 };
	buf_addf(&text, "include = %s\n[account a]\nhost = a.test\npassword-file = %s\n",
		 scratch_path(&dir, "more.ini"), scratch_path(&dir, "password"));
	scratch_write(&dir, "main.ini", 0600, buf_str(&text));
	buf_release(&text);
	return 0;
}

static int close_scratch(void **state)
{
	(void)state;
	scratch_close(&dir);
	return 0;
}

/* Of the config as it is now. Valid until the next but one call. */
static const char *stamp(void)
{
	static char stamps[2][16];
	static size_t turn;
	struct config c = { 0 };
	struct buf text = { 0 };
	struct status st;
	if (config_load(&c, scratch_path(&dir, "main.ini"), NULL, NULL, 0, &st) != 0)
		fail_msg("%s", st.text);
	config_stamp(&c, &text);
	assert_int_equal(text.len, 9);
	char *into = stamps[turn++ % 2];
	memcpy(into, buf_str(&text), 10);
	buf_release(&text);
	config_release(&c);
	return into;
}

/* The times and sizes that a file has; another time, of a second or less, is another file. */
static void touch(const char *name, time_t seconds, long ns)
{
	const struct timespec times[] = { { 0, UTIME_OMIT }, { seconds, ns } };
	assert_int_equal(utimensat(AT_FDCWD, scratch_path(&dir, name), times, 0), 0);
}

static void it_stays(void **state)
{
	(void)state;
	const char *first = stamp();
	assert_string_equal(first, stamp());
	assert_int_equal(first[8], '\n');
}

static void each_file_counts(void **state)
{
	static const char *const names[] = { "main.ini", "more.ini", "password" };
	(void)state;
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *before = stamp();
		touch(names[i], 1000000000 + (time_t)i, 0);
		const char *after = stamp();
		assert_string_not_equal(before, after);
		touch(names[i], 1000000000 + (time_t)i, 1);
		assert_string_not_equal(after, stamp());
	}
}

static void another_size_and_another_file(void **state)
{
	(void)state;
	touch("password", 1000000000, 0);
	const char *before = stamp();
	scratch_write(&dir, "password", 0600, "longer secret\n");
	touch("password", 1000000000, 0);
	const char *longer = stamp();
	assert_string_not_equal(before, longer);
	scratch_write(&dir, "other", 0600, "longer secreT\n");
	touch("other", 1000000000, 0);
	assert_int_equal(rename(scratch_path(&dir, "other"), scratch_path(&dir, "password")),
			 0);
	assert_string_not_equal(longer, stamp());
}

static void a_file_that_comes_and_goes(void **state)
{
	(void)state;
	const char *before = stamp();
	assert_int_equal(unlink(scratch_path(&dir, "password")), 0);
	const char *without = stamp();
	assert_string_not_equal(before, without);
	assert_string_equal(without, stamp());
}

int main(void)
{
#define WITH_FILES(f) cmocka_unit_test_setup_teardown(f, open_scratch, close_scratch)
	const struct CMUnitTest tests[] = {
		WITH_FILES(it_stays),
		WITH_FILES(each_file_counts),
		WITH_FILES(another_size_and_another_file),
		WITH_FILES(a_file_that_comes_and_goes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
