/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/cache.h"

#include "base/clock.h"
#include "base/random.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OTHERS_MAY_WRITE = S_IWGRP | S_IWOTH };

/* A descriptor of FOLDER, or -1. */
static int open_folder(const char *folder)
{
	struct stat facts;
	int fd = open(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -1;
	if (fstat(fd, &facts) == 0 && (facts.st_uid == geteuid() || geteuid() == 0) &&
	    (facts.st_mode & OTHERS_MAY_WRITE) == 0)
		return fd;
	close(fd);
	errno = EPERM;
	return -1;
}

static bool is_ours(const char *folder)
{
	struct stat facts;
	return stat(folder, &facts) == 0 && facts.st_uid == geteuid();
}

/* With what is missing above it. Under sudo, HOME may be somebody else's: leave nothing there.
 */
static void make_folder(const char *folder)
{
	struct buf above = { 0 };
	const char *slash = strrchr(folder, '/');
	if (slash == NULL || slash == folder)
		return;
	buf_add(&above, folder, (size_t)(slash - folder));
	if (access(buf_str(&above), F_OK) != 0)
		make_folder(buf_str(&above));
	if (is_ours(buf_str(&above)))
		mkdir(folder, S_IRWXU);
	buf_release(&above);
}

static bool is_private(const struct stat *facts)
{
	return S_ISREG(facts->st_mode) && facts->st_uid == geteuid() &&
	       (facts->st_mode & (S_IRWXG | S_IRWXO)) == 0;
}

/* All that FD holds, if it is as large now as the file was. */
static bool read_whole(int fd, size_t size, struct buf *out)
{
	char *into = buf_reserve(out, size + 1);
	bool whole = read(fd, into, size + 1) == (ssize_t)size;
	into[whole ? size : 0] = '\0';
	out->len += whole ? size : 0;
	return whole;
}

static bool read_private(int fd, size_t limit, struct buf *out)
{
	struct stat facts;
	return fstat(fd, &facts) == 0 && is_private(&facts) && facts.st_size >= 0 &&
	       (size_t)facts.st_size <= limit && read_whole(fd, (size_t)facts.st_size, out);
}

static bool get(const char *folder, const char *name, bool remove, size_t limit,
		struct buf *out)
{
	int dir = open_folder(folder);
	if (dir < 0)
		return false;
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	bool done = fd >= 0 && (!remove || unlinkat(dir, name, 0) == 0) &&
		    read_private(fd, limit, out);
	if (fd >= 0)
		close(fd);
	close(dir);
	return done;
}

bool cache_take(const char *folder, const char *name, size_t limit, struct buf *out)
{
	return get(folder, name, true, limit, out);
}

bool cache_read(const char *folder, const char *name, size_t limit, struct buf *out)
{
	return get(folder, name, false, limit, out);
}

/* A new file in DIR with CONTENT, whole or not at all. */
static bool write_new(int dir, const char *name, struct slice content)
{
	const int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(dir, name, flags, S_IRUSR | S_IWUSR);
	if (fd < 0)
		return false;
	bool whole = write(fd, content.data, content.len) == (ssize_t)content.len;
	if (close(fd) == 0 && whole)
		return true;
	unlinkat(dir, name, 0);
	return false;
}

void cache_put(const char *folder, const char *name, struct slice content)
{
	struct buf draft = { 0 };
	int dir = open_folder(folder);
	if (dir < 0 && errno == ENOENT) {
		make_folder(folder);
		dir = open_folder(folder);
	}
	if (dir < 0)
		return;
	buf_add_char(&draft, '.');
	random_hex(&draft, 8);
	buf_addf(&draft, ".%s", name);
	if (write_new(dir, buf_str(&draft), content) &&
	    renameat(dir, buf_str(&draft), dir, name) != 0)
		unlinkat(dir, buf_str(&draft), 0);
	buf_release(&draft);
	close(dir);
}

static bool ends_in(const char *name, const char *suffix)
{
	size_t len = strlen(name), end = strlen(suffix);
	return len > end && strcmp(name + len - end, suffix) == 0;
}

static void sweep(int dir, const char *name, const char *suffix, time_t limit)
{
	struct stat facts;
	if (ends_in(name, suffix) && fstatat(dir, name, &facts, AT_SYMLINK_NOFOLLOW) == 0 &&
	    facts.st_mtime < limit)
		unlinkat(dir, name, 0);
}

void cache_sweep(const char *folder, const char *suffix, time_t age)
{
	int fd = open_folder(folder);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (dir != NULL) {
		const struct dirent *entry = readdir(dir);
		for (; entry != NULL; entry = readdir(dir))
			sweep(fd, entry->d_name, suffix, clock_wall() - age);
		closedir(dir);
	} else if (fd >= 0) {
		close(fd);
	}
}
