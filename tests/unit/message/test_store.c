/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/store.h"

#include "base/mem.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

/* What stands at offset AT of every test's message; no two pages are alike. */
static char byte_at(uint64_t at)
{
	return (char)(at * 31 + at / 251);
}

static int fill(struct store *s, uint64_t size, size_t step, struct status *st)
{
	char *piece = mem_alloc(step);
	int result = 0;
	for (uint64_t at = 0; at < size && result == 0; at += step) {
		size_t len = size - at < step ? (size_t)(size - at) : step;
		for (size_t i = 0; i < len; i++)
			piece[i] = byte_at(at + i);
		result = store_add(s, slice_n(piece, len), st);
	}
	free(piece);
	return result;
}

/* Read all from OFFSET on and compare. */
static void check_from(const struct store *s, uint64_t offset)
{
	struct buf scratch = { 0 };
	struct slice piece;
	struct status st;
	do {
		assert_int_equal(store_read(s, offset, &scratch, &piece, &st), 0);
		for (size_t i = 0; i < piece.len; i++)
			assert_int_equal(piece.data[i], byte_at(offset + i));
		offset += piece.len;
	} while (piece.len != 0);
	assert_int_equal(offset, s->size);
	buf_release(&scratch);
}

static void test_what_goes_in_comes_out(void **state)
{
	(void)state;
	static const uint64_t sizes[] = {
		0, 1, 70000, STORE_MEMORY - 1, STORE_MEMORY, STORE_MEMORY + 1, 600000, 1500000
	};
	static const size_t steps[] = {
		997, 65536, 65537, 66000, 200000, STORE_MEMORY, 2000000
	};
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		for (size_t k = 0; k < sizeof steps / sizeof *steps; k++) {
			struct store s;
			struct status st;
			store_init(&s);
			assert_int_equal(fill(&s, sizes[i], steps[k], &st), 0);
			assert_int_equal(s.size, sizes[i]);
			assert_int_equal(s.fd != -1, sizes[i] > STORE_MEMORY);
			check_from(&s, 0);
			check_from(&s, sizes[i] / 3);
			check_from(&s, sizes[i]);
			store_release(&s);
		}
	}
}

static void test_reading_behind_the_end(void **state)
{
	(void)state;
	struct store s;
	struct buf scratch = { 0 };
	struct slice piece = slice_of("x");
	struct status st;
	store_init(&s);
	assert_int_equal(store_add(&s, slice_of("abc"), &st), 0);
	assert_int_equal(store_read(&s, 4, &scratch, &piece, &st), 0);
	assert_int_equal(piece.len, 0);
	store_release(&s);
	store_release(&s);
}

static void test_memory_is_bounded(void **state)
{
	(void)state;
	struct store s;
	struct status st;
	store_init(&s);
	assert_int_equal(fill(&s, 3000000, 4000, &st), 0);
	assert_true(s.memory.room <= 128 * 1024);
	store_release(&s);
}

static size_t files_in(const char *folder)
{
	size_t count = 0;
	DIR *d = opendir(folder);
	assert_non_null(d);
	for (struct dirent *e = readdir(d); e != NULL; e = readdir(d))
		count += e->d_name[0] != '.';
	closedir(d);
	return count;
}

static void test_the_file_is_private_and_has_no_name(void **state)
{
	(void)state;
	char folder[] = "/tmp/test_store.XXXXXX";
	assert_non_null(mkdtemp(folder));
	setenv("TMPDIR", folder, 1);
	struct store s;
	struct status st;
	struct stat info, where;
	store_init(&s);
	assert_int_equal(fill(&s, 400000, 65536, &st), 0);
	assert_int_equal(fstat(s.fd, &info), 0);
	assert_int_equal(stat(folder, &where), 0);
	assert_int_equal(info.st_dev, where.st_dev);
	assert_int_equal(info.st_nlink, 0);
	assert_int_equal(info.st_mode & 07777, 0600);
	assert_int_equal(fcntl(s.fd, F_GETFD), FD_CLOEXEC);
	assert_string_equal(s.folder, folder);
	assert_int_equal(files_in(folder), 0);
	store_release(&s);
	assert_int_equal(rmdir(folder), 0);
	unsetenv("TMPDIR");
}

static void test_the_next_folder_is_tried(void **state)
{
	(void)state;
	static const char *const bad[] = { "/proc/none", "/dev/null", "", "relative", "/proc" };
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct store s;
		struct status st;
		setenv("TMPDIR", bad[i], 1);
		store_init(&s);
		assert_int_equal(fill(&s, 400000, 65536, &st), 0);
		assert_string_equal(s.folder, "/var/tmp");
		store_release(&s);
	}
	unsetenv("TMPDIR");
}

/* A disk that is full, in a way that needs no disk. */
static void test_a_failed_write(void **state)
{
	(void)state;
	static const size_t steps[] = { 100, 65536, 300000 };
	struct rlimit old, tight;
	signal(SIGXFSZ, SIG_IGN);
	setenv("TMPDIR", "/tmp", 1);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &old), 0);
	tight = old;
	tight.rlim_cur = 300001;
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		struct store s;
		struct status st = { 0 };
		store_init(&s);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &tight), 0);
		int result = fill(&s, 600000, steps[i], &st);
		assert_int_equal(setrlimit(RLIMIT_FSIZE, &old), 0);
		assert_int_equal(result, -1);
		assert_int_equal(st.kind, STATUS_DISK);
		assert_int_equal(st.sys, EFBIG);
		assert_non_null(strstr(st.text, "'/tmp'"));
		store_release(&s);
	}
	unsetenv("TMPDIR");
}

static void test_no_file_to_be_had(void **state)
{
	(void)state;
	struct rlimit old, tight;
	struct store s;
	struct status st = { 0 };
	store_init(&s);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	tight = old;
	tight.rlim_cur = 0;
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	int result = fill(&s, 600000, 65536, &st);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(result, -1);
	assert_int_equal(st.kind, STATUS_DISK);
	assert_int_equal(st.sys, EMFILE);
	store_release(&s);
}

static void test_a_file_that_shrank(void **state)
{
	(void)state;
	struct store s;
	struct buf scratch = { 0 };
	struct slice piece;
	struct status st = { 0 };
	store_init(&s);
	assert_int_equal(fill(&s, 600000, 65536, &st), 0);
	assert_int_equal(ftruncate(s.fd, 1000), 0);
	assert_int_equal(store_read(&s, 2000, &scratch, &piece, &st), -1);
	assert_int_equal(st.kind, STATUS_DISK);
	buf_release(&scratch);
	store_release(&s);
}

/* A file of somebody else, and where in it the message begins. */
struct lot {
	int fd;
	uint64_t base;
	size_t asked;
};

static int give(void *context, uint64_t *base)
{
	struct lot *l = context;
	l->asked++;
	*base = l->base;
	return l->fd;
}

static int open_lot(struct lot *l, uint64_t base)
{
	*l = (struct lot){ .fd = open("/tmp", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600),
			   .base = base };
	return l->fd;
}

static void test_a_place_is_taken_when_it_is_needed(void **state)
{
	(void)state;
	static const uint64_t sizes[] = { 1000, STORE_MEMORY, STORE_MEMORY + 1, 700001 };
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct lot l;
		struct store s;
		struct status st;
		struct stat info;
		bool large = sizes[i] > STORE_MEMORY;
		assert_true(open_lot(&l, 12345) >= 0);
		store_init(&s);
		s.place = (struct store_place){ give, &l };
		assert_int_equal(fill(&s, sizes[i], 9999, &st), 0);
		assert_int_equal(l.asked, large);
		assert_int_equal(store_is_in_place(&s), large);
		check_from(&s, 0);
		if (large) {
			assert_int_equal(store_flush(&s, &st), 0);
			assert_int_equal(s.memory.len, 0);
			assert_int_equal(fstat(l.fd, &info), 0);
			assert_int_equal(info.st_size, 12345 + sizes[i]);
			check_from(&s, 77);
		}
		store_release(&s);
		assert_int_equal(fcntl(l.fd, F_GETFD), FD_CLOEXEC);
		close(l.fd);
	}
}

static void test_more_after_a_flush(void **state)
{
	(void)state;
	struct lot l;
	struct store s;
	struct status st;
	char rest[1000];
	assert_true(open_lot(&l, 10) >= 0);
	store_init(&s);
	s.place = (struct store_place){ give, &l };
	assert_int_equal(fill(&s, 300001, 5000, &st), 0);
	assert_int_equal(store_flush(&s, &st), 0);
	for (size_t i = 0; i < sizeof rest; i++)
		rest[i] = byte_at(300001 + i);
	assert_int_equal(store_add(&s, slice_n(rest, sizeof rest), &st), 0);
	check_from(&s, 0);
	store_release(&s);
	close(l.fd);
}

static void test_no_place_to_be_had(void **state)
{
	(void)state;
	struct lot l = { .fd = -1 };
	struct store s;
	struct status st;
	store_init(&s);
	s.place = (struct store_place){ give, &l };
	assert_int_equal(fill(&s, 400000, 65536, &st), 0);
	assert_int_equal(l.asked, 1);
	assert_true(s.fd != -1);
	assert_false(store_is_in_place(&s));
	check_from(&s, 0);
	store_release(&s);
}

static void test_a_place_that_takes_nothing(void **state)
{
	(void)state;
	struct lot l = { .fd = open("/dev/null", O_RDONLY | O_CLOEXEC) };
	struct store s;
	struct status st = { 0 };
	store_init(&s);
	s.place = (struct store_place){ give, &l };
	assert_int_equal(fill(&s, 400000, 65536, &st), -1);
	assert_int_equal(st.kind, STATUS_DISK);
	assert_int_equal(st.sys, EBADF);
	assert_non_null(strstr(st.text, "in the queue"));
	store_release(&s);
	close(l.fd);
}

static void test_part_of_a_file(void **state)
{
	(void)state;
	struct lot l;
	struct store s, shown;
	struct status st;
	assert_true(open_lot(&l, 500) >= 0);
	store_init(&s);
	s.place = (struct store_place){ give, &l };
	assert_int_equal(fill(&s, 600000, 65536, &st), 0);
	assert_int_equal(store_flush(&s, &st), 0);
	store_init(&shown);
	store_show(&shown, l.fd, 500, 500000);
	assert_int_equal(shown.size, 500000);
	check_from(&shown, 0);
	check_from(&shown, 499999);
	check_from(&shown, 500000);
	store_release(&shown);
	check_from(&s, 0);
	store_release(&s);
	close(l.fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_goes_in_comes_out),
		cmocka_unit_test(test_reading_behind_the_end),
		cmocka_unit_test(test_memory_is_bounded),
		cmocka_unit_test(test_the_file_is_private_and_has_no_name),
		cmocka_unit_test(test_the_next_folder_is_tried),
		cmocka_unit_test(test_a_failed_write),
		cmocka_unit_test(test_no_file_to_be_had),
		cmocka_unit_test(test_a_file_that_shrank),
		cmocka_unit_test(test_a_place_is_taken_when_it_is_needed),
		cmocka_unit_test(test_more_after_a_flush),
		cmocka_unit_test(test_no_place_to_be_had),
		cmocka_unit_test(test_a_place_that_takes_nothing),
		cmocka_unit_test(test_part_of_a_file),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
