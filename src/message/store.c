/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	WRITE_SIZE = 64 * 1024, /* small pieces are gathered up to this */
	READ_SIZE = 256 * 1024,
};

void store_init(struct store *s)
{
	*s = (struct store){ .fd = -1 };
}

void store_release(struct store *s)
{
	buf_release(&s->memory);
	if (s->fd != -1)
		close(s->fd);
	store_init(s);
}

/* A file with a name for a moment, for file systems that have no O_TMPFILE. */
static int open_and_unlink(const char *folder)
{
	struct buf path = { 0 };
	buf_addf(&path, "%s/postrider.XXXXXX", folder);
	int fd = mkostemp(path.data, O_CLOEXEC);
	if (fd != -1)
		unlink(path.data);
	buf_release(&path);
	return fd;
}

static int open_file_in(const char *folder)
{
	int fd = open(folder, O_TMPFILE | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	return fd != -1 ? fd : open_and_unlink(folder);
}

static int open_file(struct store *s, struct status *st)
{
	const char *const folders[] = { getenv("TMPDIR"), "/var/tmp", "/tmp" };
	for (size_t i = 0; i < sizeof folders / sizeof *folders && s->fd == -1; i++) {
		if (folders[i] == NULL || folders[i][0] != '/')
			continue;
		s->folder = folders[i];
		s->fd = open_file_in(s->folder);
	}
	if (s->fd != -1)
		return 0;
	status_sys(st, STATUS_DISK, errno, "cannot make a temporary file in '%s'", s->folder);
	return status_hint(st, "set TMPDIR to a folder that can be written to");
}

static int write_all(struct store *s, struct slice bytes, struct status *st)
{
	while (bytes.len != 0) {
		ssize_t done = write(s->fd, bytes.data, bytes.len);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0) {
			status_sys(st, STATUS_DISK, errno,
				   "cannot write the message to a temporary file in '%s'",
				   s->folder);
			return status_hint(st, "set TMPDIR to a folder with more room");
		}
		bytes = slice_cut(bytes, (size_t)done, bytes.len);
	}
	return 0;
}

/* The first time the memory is given back: gathering takes less. */
static int move_to_file(struct store *s, struct status *st)
{
	bool first = s->fd == -1;
	if (first && open_file(s, st) != 0)
		return -1;
	if (write_all(s, buf_slice(&s->memory), st) != 0)
		return -1;
	if (first)
		buf_release(&s->memory);
	else
		buf_reset(&s->memory);
	return 0;
}

int store_add(struct store *s, struct slice piece, struct status *st)
{
	size_t limit = s->fd == -1 ? STORE_MEMORY : WRITE_SIZE;
	if (s->memory.len + piece.len > limit && move_to_file(s, st) != 0)
		return -1;
	s->size += piece.len;
	if (s->fd != -1 && piece.len >= WRITE_SIZE)
		return write_all(s, piece, st);
	buf_add_slice(&s->memory, piece);
	return 0;
}

static int read_file(const struct store *s, uint64_t offset, struct buf *scratch,
		     struct status *st)
{
	ssize_t got;
	do {
		got = pread(s->fd, scratch->data, scratch->len, (off_t)offset);
	} while (got < 0 && errno == EINTR);
	if (got <= 0)
		return status_sys(st, STATUS_DISK, got < 0 ? errno : EIO,
				  "cannot read the message from a temporary file in '%s'",
				  s->folder);
	scratch->len = (size_t)got;
	scratch->data[scratch->len] = '\0';
	return 0;
}

int store_read(const struct store *s, uint64_t offset, struct buf *scratch, struct slice *piece,
	       struct status *st)
{
	uint64_t in_file = s->size - s->memory.len;
	if (offset >= in_file) {
		*piece = slice_cut(buf_slice(&s->memory), (size_t)(offset - in_file),
				   s->memory.len);
		return 0;
	}
	uint64_t left = in_file - offset;
	buf_reset(scratch);
	buf_reserve(scratch, READ_SIZE);
	scratch->len = left < READ_SIZE ? (size_t)left : READ_SIZE;
	if (read_file(s, offset, scratch, st) != 0)
		return -1;
	*piece = buf_slice(scratch);
	return 0;
}
