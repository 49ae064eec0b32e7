/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/file.h"

#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void reads_and_appends(void **state)
{
	struct scratch s;
	struct buf out = { 0 };
	struct stat facts;
	struct status st = { 0 };
	(void)state;
	scratch_open(&s);
	buf_add_str(&out, "<");
	assert_int_equal(file_read_all(scratch_write(&s, "a", 0640, "text\n"), 5, &out, &facts,
				       &st),
			 0);
	assert_string_equal(buf_str(&out), "<text\n");
	assert_int_equal(facts.st_mode & 0777, 0640);
	assert_int_equal(file_read_all(scratch_write(&s, "b", 0600, ""), 0, &out, &facts, &st),
			 0);
	assert_int_equal(out.len, 6);
	buf_release(&out);
	scratch_close(&s);
}

static void large_files_come_whole(void **state)
{
	enum { SIZE = 100000 };
	static char text[SIZE + 1];
	struct scratch s;
	struct buf out = { 0 };
	struct stat facts;
	struct status st = { 0 };
	(void)state;
	for (int i = 0; i < SIZE; i++)
		text[i] = (char)('a' + i % 26);
	scratch_open(&s);
	assert_int_equal(file_read_all(scratch_write(&s, "a", 0600, text), SIZE, &out, &facts,
				       &st),
			 0);
	assert_int_equal(out.len, SIZE);
	assert_memory_equal(out.data, text, SIZE);
	buf_release(&out);
	scratch_close(&s);
}

static void failures_leave_the_buffer(void **state)
{
	struct scratch s;
	(void)state;
	scratch_open(&s);
	const struct {
		const char *path;
		int sys;
	} cases[] = {
		{ scratch_path(&s, "missing"), ENOENT },
		{ s.folder, EISDIR },
		{ scratch_write(&s, "six", 0600, "123456"), EFBIG },
		{ "/dev/zero", EFBIG },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf out = { 0 };
		struct stat facts;
		struct status st = { 0 };
		buf_add_str(&out, "old");
		assert_int_equal(file_read_all(cases[i].path, 5, &out, &facts, &st), -1);
		assert_int_equal(st.kind, STATUS_DISK);
		assert_int_equal(st.sys, cases[i].sys);
		assert_non_null(strstr(st.text, cases[i].path));
		assert_string_equal(buf_str(&out), "old");
		buf_release(&out);
	}
	scratch_close(&s);
}

static void reads_pipes(void **state)
{
	int fds[2];
	struct buf path = { 0 }, out = { 0 };
	struct stat facts;
	struct status st = { 0 };
	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_int_equal(write(fds[1], "piped", 5), 5);
	close(fds[1]);
	buf_addf(&path, "/dev/fd/%d", fds[0]);
	assert_int_equal(file_read_all(buf_str(&path), 5, &out, &facts, &st), 0);
	assert_string_equal(buf_str(&out), "piped");
	assert_true(S_ISFIFO(facts.st_mode));
	close(fds[0]);
	buf_release(&path);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_appends),
		cmocka_unit_test(large_files_come_whole),
		cmocka_unit_test(failures_leave_the_buffer),
		cmocka_unit_test(reads_pipes),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
