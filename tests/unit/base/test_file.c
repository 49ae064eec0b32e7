/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/file.h"

#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/resource.h>
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

static void opens_what_is_there_and_no_links(void **state)
{
	struct scratch s;
	(void)state;
	scratch_open(&s);
	scratch_write(&s, "a", 0600, "text");
	assert_int_equal(symlink("a", scratch_path(&s, "link")), 0);
	int folder = file_open(AT_FDCWD, s.folder, O_RDONLY | O_DIRECTORY, 0);
	assert_true(folder >= 0);
	assert_int_equal(fcntl(folder, F_GETFD), FD_CLOEXEC);
	assert_int_equal(file_open(folder, "link", O_RDONLY, 0), -1);
	assert_int_equal(errno, ELOOP);
	assert_int_equal(file_open(folder, "none", O_RDONLY, 0), -1);
	assert_int_equal(errno, ENOENT);
	assert_int_equal(file_open(folder, "a", O_WRONLY | O_CREAT | O_EXCL, 0600), -1);
	assert_int_equal(errno, EEXIST);
	int fd = file_open(folder, "new", O_WRONLY | O_CREAT | O_EXCL, 0600);
	assert_true(fd >= 0);
	close(fd);
	close(folder);
	scratch_close(&s);
}

static void writes_and_reads_at_a_place(void **state)
{
	struct scratch s;
	struct buf out = { 0 };
	(void)state;
	scratch_open(&s);
	int fd = file_open(AT_FDCWD, scratch_write(&s, "a", 0600, "0123456789"), O_RDWR, 0);
	assert_true(file_write_at(fd, 3, slice_of("abc")));
	assert_true(file_write_at(fd, 12, slice_of("z")));
	assert_true(file_write_at(fd, 0, slice_n(NULL, 0)));
	buf_add_str(&out, "<");
	assert_true(file_read_at(fd, 2, 5, &out));
	assert_string_equal(buf_str(&out), "<2abc6");
	assert_true(file_read_at(fd, 10, 3, &out));
	assert_memory_equal(out.data + 6, "\0\0z", 4);
	assert_true(file_read_at(fd, 100, 0, &out));
	assert_int_equal(out.len, 9);
	assert_false(file_read_at(fd, 10, 4, &out));
	assert_int_equal(errno, EIO);
	assert_int_equal(lseek(fd, 0, SEEK_CUR), 0);
	assert_true(file_sync(fd) && file_sync_data(fd));
	close(fd);
	buf_release(&out);
	scratch_close(&s);
}

static void says_why_it_could_not(void **state)
{
	struct buf out = { 0 };
	int fds[2];
	(void)state;
	assert_int_equal(pipe(fds), 0);
	assert_false(file_write_at(fds[1], 0, slice_of("x")));
	assert_int_equal(errno, ESPIPE);
	assert_false(file_read_at(fds[0], 0, 1, &out));
	assert_int_equal(errno, ESPIPE);
	assert_false(file_sync(fds[1]));
	assert_int_equal(errno, EINVAL);
	assert_false(file_sync_data(-1));
	assert_int_equal(errno, EBADF);
	close(fds[0]);
	close(fds[1]);
	buf_release(&out);
}

/* The first write is a short one, the next one fails. */
static void a_disk_that_becomes_full(void **state)
{
	struct scratch s;
	struct rlimit old, tight;
	struct stat facts;
	(void)state;
	scratch_open(&s);
	signal(SIGXFSZ, SIG_IGN);
	int fd = file_open(AT_FDCWD, scratch_path(&s, "a"), O_RDWR | O_CREAT, 0600);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	tight = old;
	tight.rlim_cur = 4;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
	bool done = file_write_at(fd, 0, slice_of("123456"));
	int trouble = errno;
	bool overwritten = file_write_at(fd, 3, slice_of("D"));
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
	assert_false(done);
	assert_int_equal(trouble, EFBIG);
	assert_true(overwritten);
	assert_int_equal(fstat(fd, &facts), 0);
	assert_int_equal(facts.st_size, 4);
	close(fd);
	scratch_close(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_and_appends),
		cmocka_unit_test(large_files_come_whole),
		cmocka_unit_test(failures_leave_the_buffer),
		cmocka_unit_test(reads_pipes),
		cmocka_unit_test(opens_what_is_there_and_no_links),
		cmocka_unit_test(writes_and_reads_at_a_place),
		cmocka_unit_test(says_why_it_could_not),
		cmocka_unit_test(a_disk_that_becomes_full),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
