/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/cache.h"

#include "base/clock.h"
#include "scratch.h"

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { WEEK = 7 * 24 * 60 * 60 };

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
	clock_set_wall(0);
	scratch_close(&world);
	return 0;
}

static mode_t mode_of(const char *path)
{
	struct stat facts;
	assert_int_equal(lstat(path, &facts), 0);
	return facts.st_mode & 07777;
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

static void put(const char *folder, const char *name, const char *text)
{
	cache_put(folder, name, slice_of(text));
}

static void assert_takes(const char *folder, const char *name, const char *expected)
{
	struct buf out = { 0 };
	buf_add_str(&out, "before ");
	assert_int_equal(cache_take(folder, name, 100, &out), expected != NULL);
	buf_drop(&out, strlen("before "));
	assert_string_equal(buf_str(&out), expected != NULL ? expected : "");
	buf_release(&out);
}

static void test_put_and_take(void **state)
{
	(void)state;
	const char *folder = scratch_path(&world, "a/b/cache");
	assert_takes(folder, "x.ticket", NULL);
	put(folder, "x.ticket", "one");
	put(folder, "x.ticket", "two");
	put(folder, "y.ticket", "");
	assert_int_equal(mode_of(folder), 0700);
	assert_int_equal(mode_of(scratch_path(&world, "a")), 0700);
	assert_int_equal(mode_of(scratch_path(&world, "a/b/cache/x.ticket")), 0600);
	assert_takes(folder, "x.ticket", "two");
	assert_takes(folder, "x.ticket", NULL);
	assert_takes(folder, "y.ticket", "");
	assert_int_equal(rmdir(folder), 0); /* nothing else was left in it */
}

static void test_limit(void **state)
{
	(void)state;
	char large[102];
	const char *folder = scratch_path(&world, "cache");
	memset(large, 'x', sizeof large - 1);
	large[101] = '\0';
	put(folder, "x", large);
	assert_takes(folder, "x", NULL);
	put(folder, "x", large + 1);
	assert_takes(folder, "x", large + 1);
}

/* A file that counts only if nothing is wrong with it or with where it is. */
static const struct {
	const char *what;
	mode_t folder, file;
	bool taken;
} modes[] = {
	{ "private", 0700, 0600, true },
	{ "a folder that others see into", 0755, 0600, true },
	{ "the group may write to the folder", 0770, 0600, false },
	{ "all may write to the folder", 01777, 0600, false },
	{ "the group may read", 0700, 0640, false },
	{ "all may read", 0700, 0604, false },
	{ "others may write", 0700, 0602, false },
	{ "not for writing", 0700, 0400, true },
};

static void test_what_others_may_touch(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		const char *folder = scratch_path(&world, "cache");
		const char *path = scratch_write(&world, "cache/x", 0600, "text");
		assert_int_equal(chmod(path, modes[i].file), 0);
		assert_int_equal(chmod(folder, modes[i].folder), 0);
		struct buf out = { 0 };
		if (cache_take(folder, "x", 100, &out) != modes[i].taken)
			fail_msg("%s", modes[i].what);
		buf_release(&out);
		put(folder, "y", "z");
		bool ours = (modes[i].folder & (S_IWGRP | S_IWOTH)) == 0;
		assert_int_equal(exists(scratch_path(&world, "cache/y")), ours);
		unlink(scratch_path(&world, "cache/y"));
	}
}

/* The system's folder belongs to the service; root uses it, but no file of the service's. */
static void test_owners(void **state)
{
	(void)state;
	const char *folder = scratch_path(&world, "cache");
	if (geteuid() != 0)
		skip();
	put(folder, "x", "y");
	put(folder, "z", "y");
	assert_int_equal(chown(folder, 12345, 12345), 0);
	assert_int_equal(chown(scratch_path(&world, "cache/z"), 12345, 12345), 0);
	assert_takes(folder, "x", "y");
	assert_takes(folder, "z", NULL);
	put(scratch_path(&world, "cache/below/it"), "x", "y");
	assert_false(exists(scratch_path(&world, "cache/below")));
}

static void test_links_and_strange_files(void **state)
{
	(void)state;
	const char *folder = scratch_path(&world, "cache");
	const char *outside = scratch_write(&world, "outside/secret", 0600, "keep");
	put(folder, "a", "a");
	assert_int_equal(symlink(outside, scratch_path(&world, "cache/link")), 0);
	assert_int_equal(mkfifo(scratch_path(&world, "cache/pipe"), 0600), 0);
	assert_int_equal(mkdir(scratch_path(&world, "cache/folder"), 0700), 0);
	assert_takes(folder, "link", NULL);
	assert_takes(folder, "pipe", NULL);
	assert_takes(folder, "folder", NULL);
	put(folder, "link", "mine");
	put(folder, "folder", "mine");
	assert_takes(folder, "link", "mine");
	assert_true(exists(outside));
	struct buf out = { 0 };
	assert_true(cache_take(scratch_path(&world, "outside"), "secret", 100, &out));
	assert_string_equal(buf_str(&out), "keep");
	buf_release(&out);
}

static void test_a_folder_that_is_a_link(void **state)
{
	(void)state;
	const char *folder = scratch_path(&world, "cache");
	scratch_write(&world, "outside/x", 0600, "text");
	assert_int_equal(symlink(scratch_path(&world, "outside"), folder), 0);
	assert_takes(folder, "x", NULL);
	put(folder, "y", "z");
	cache_sweep(folder, "x", -1000);
	assert_false(exists(scratch_path(&world, "outside/y")));
	assert_true(exists(scratch_path(&world, "outside/x")));
}

static void test_a_folder_that_cannot_be(void **state)
{
	(void)state;
	scratch_write(&world, "file", 0600, "text");
	put(scratch_path(&world, "file"), "x", "y");
	put(scratch_path(&world, "file/cache"), "x", "y");
	put("cache", "x", "y");
	assert_takes("", "x", NULL);
	assert_false(exists("cache"));
}

static void test_sweep(void **state)
{
	(void)state;
	const char *folder = scratch_path(&world, "cache");
	const char *const names[] = { "old.ticket", "new.ticket",     ".12.old.ticket",
				      "old.policy", "old.ticket.not", ".ticket" };
	const bool stays[] = { false, true, false, true, true, true };
	time_t now = clock_wall();
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		put(folder, names[i], "text");
		struct timespec age[2] = { { now - WEEK - 100, 0 }, { now - WEEK - 100, 0 } };
		if (strcmp(names[i], "new.ticket") == 0)
			age[1].tv_sec = now - WEEK + 100;
		struct buf path = { 0 };
		buf_addf(&path, "%s/%s", folder, names[i]);
		assert_int_equal(utimensat(AT_FDCWD, buf_str(&path), age, 0), 0);
		buf_release(&path);
	}
	cache_sweep(folder, ".ticket", WEEK);
	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		struct buf path = { 0 };
		buf_addf(&path, "%s/%s", folder, names[i]);
		if (exists(buf_str(&path)) != stays[i])
			fail_msg("%s", names[i]);
		buf_release(&path);
	}
	cache_sweep(scratch_path(&world, "nowhere"), ".ticket", WEEK);
}

static void test_read(void **state)
{
	const char *folder = scratch_path(&world, "f");
	struct buf out = { 0 };
	(void)state;
	put(folder, "name", "text");
	for (size_t i = 0; i < 2; i++) {
		buf_reset(&out);
		assert_true(cache_read(folder, "name", 4, &out));
		assert_string_equal(buf_str(&out), "text");
	}
	assert_false(cache_read(folder, "name", 3, &out));
	assert_false(cache_read(folder, "none", 4, &out));
	assert_int_equal(chmod(scratch_path(&world, "f/name"), 0644), 0);
	assert_false(cache_read(folder, "name", 4, &out));
	assert_string_equal(buf_str(&out), "text");
	buf_release(&out);
}

int main(void)
{
#define IN_A_FOLDER(f) cmocka_unit_test_setup_teardown(f, make_world, release_world)
	const struct CMUnitTest tests[] = {
		IN_A_FOLDER(test_put_and_take),
		IN_A_FOLDER(test_read),
		IN_A_FOLDER(test_limit),
		IN_A_FOLDER(test_what_others_may_touch),
		IN_A_FOLDER(test_owners),
		IN_A_FOLDER(test_links_and_strange_files),
		IN_A_FOLDER(test_a_folder_that_is_a_link),
		IN_A_FOLDER(test_a_folder_that_cannot_be),
		IN_A_FOLDER(test_sweep),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
