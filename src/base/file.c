/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

enum { PIECE = 16384 };

/* How much to read at once: a file's size and one byte, which shows its end, or a good piece of
 * anything else. */
static size_t piece_of(const struct stat *facts)
{
	bool small = S_ISREG(facts->st_mode) && facts->st_size >= 0 && facts->st_size < PIECE;
	return small ? (size_t)facts->st_size + 1 : PIECE;
}

/* The next bytes of FD, at most PIECE, behind those of OUT: how many, 0 at the end, or -1. */
static ssize_t read_piece(int fd, size_t piece, struct buf *out)
{
	char *into = buf_reserve(out, piece);
	ssize_t got;
	do
		got = read(fd, into, piece);
	while (got < 0 && errno == EINTR);
	if (got > 0)
		out->len += (size_t)got;
	out->data[out->len] = '\0';
	return got;
}

/* 0 or an errno. */
static int read_all(int fd, const struct stat *facts, size_t limit, struct buf *out)
{
	size_t start = out->len, piece = piece_of(facts);
	ssize_t got;
	do {
		got = read_piece(fd, piece, out);
		if (got > 0 && (size_t)got < piece)
			piece -= (size_t)got;
		if (out->len - start > limit)
			return EFBIG;
	} while (got > 0);
	return got < 0 ? errno : 0;
}

int file_read_all(const char *path, size_t limit, struct buf *out, struct stat *facts,
		  struct status *st)
{
	size_t start = out->len;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
	if (fd < 0)
		return status_sys(st, STATUS_DISK, errno, "cannot open '%s'", path);
	int trouble = fstat(fd, facts) == 0 ? read_all(fd, facts, limit, out) : errno;
	close(fd);
	if (trouble == 0)
		return 0;
	if (out->len > start) {
		out->len = start;
		out->data[start] = '\0';
	}
	return status_sys(st, STATUS_DISK, trouble, "cannot read '%s'", path);
}

int file_open(int folder, const char *name, int flags, mode_t mode)
{
	int fd;
	do
		fd = openat(folder, name, flags | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY, mode);
	while (fd < 0 && errno == EINTR);
	return fd;
}

bool file_write_at(int fd, uint64_t offset, struct slice bytes)
{
	while (bytes.len != 0) {
		ssize_t done = pwrite(fd, bytes.data, bytes.len, (off_t)offset);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return false;
		offset += (uint64_t)done;
		bytes = slice_cut(bytes, (size_t)done, bytes.len);
	}
	return true;
}

bool file_read_at(int fd, uint64_t offset, size_t size, struct buf *out)
{
	while (size != 0) {
		char *into = buf_reserve(out, size);
		ssize_t got = pread(fd, into, size, (off_t)offset);
		if (got < 0 && errno == EINTR)
			continue;
		if (got == 0)
			errno = EIO;
		if (got <= 0)
			return false;
		out->len += (size_t)got;
		out->data[out->len] = '\0';
		offset += (uint64_t)got;
		size -= (size_t)got;
	}
	return true;
}

bool file_sync(int fd)
{
	int result;
	do
		result = fsync(fd);
	while (result != 0 && errno == EINTR);
	return result == 0;
}

bool file_sync_data(int fd)
{
	int result;
	do
		result = fdatasync(fd);
	while (result != 0 && errno == EINTR);
	return result == 0;
}
