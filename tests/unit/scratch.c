/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scratch.h"

#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

void scratch_open(struct scratch *s)
{
	*s = (struct scratch){ .folder = "/tmp/postrider-unit-XXXXXX" };
	assert_non_null(mkdtemp(s->folder));
}

static int remove_one(const char *path, const struct stat *facts, int flag, struct FTW *ftw)
{
	(void)facts;
	(void)flag;
	(void)ftw;
	return remove(path);
}

void scratch_close(struct scratch *s)
{
	assert_int_equal(nftw(s->folder, remove_one, 8, FTW_DEPTH | FTW_PHYS), 0);
	strings_release(&s->paths);
}

const char *scratch_path(struct scratch *s, const char *name)
{
	struct buf path = { 0 };
	buf_addf(&path, "%s/%s", s->folder, name);
	strings_add(&s->paths, buf_str(&path));
	buf_release(&path);
	return s->paths.at[s->paths.count - 1];
}

static void make_folders(const struct scratch *s, const char *name)
{
	for (const char *slash = strchr(name, '/'); slash != NULL;
	     slash = strchr(slash + 1, '/')) {
		struct buf path = { 0 };
		buf_addf(&path, "%s/%.*s", s->folder, (int)(slash - name), name);
		mkdir(buf_str(&path), 0700);
		buf_release(&path);
	}
}

const char *scratch_write(struct scratch *s, const char *name, mode_t mode, const char *text)
{
	const char *path = scratch_path(s, name);
	size_t len = strlen(text);
	make_folders(s, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, len), len);
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
	return path;
}
