/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/store.h"

#include "base/file.h"

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
	if (s->fd != -1 && !s->borrowed)
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

static bool take_place(struct store *s)
{
	if (s->place.open != NULL)
		s->fd = s->place.open(s->place.context, &s->base);
	s->borrowed = s->fd != -1;
	return s->borrowed;
}

static int open_file(struct store *s, struct status *st)
{
	if (take_place(s))
		return 0;
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

static int complain(const struct store *s, const char *act, int errnum, struct status *st)
{
	if (s->folder == NULL)
		return status_sys(st, STATUS_DISK, errnum, "cannot %s the message in the queue",
				  act);
	return status_sys(st, STATUS_DISK, errnum, "cannot %s the message in '%s'", act,
			  s->folder);
}

static int write_all(struct store *s, struct slice bytes, struct status *st)
{
	uint64_t in_file = s->size - s->memory.len;
	if (file_write_at(s->fd, s->base + in_file, bytes))
		return 0;
	complain(s, "write", errno, st);
	return status_hint(st, s->folder != NULL ? "set TMPDIR to a folder with more room"
						 : "see the key queue-dir");
}

int store_flush(struct store *s, struct status *st)
{
	if (write_all(s, buf_slice(&s->memory), st) != 0)
		return -1;
	buf_reset(&s->memory);
	return 0;
}

/* The first time the memory is given back: gathering takes less. */
static int move_to_file(struct store *s, struct status *st)
{
	bool first = s->fd == -1;
	if (first && open_file(s, st) != 0)
		return -1;
	if (store_flush(s, st) != 0)
		return -1;
	if (first)
		buf_release(&s->memory);
	return 0;
}

int store_add(struct store *s, struct slice piece, struct status *st)
{
	size_t limit = s->fd == -1 ? STORE_MEMORY : WRITE_SIZE;
	if (s->memory.len + piece.len > limit && move_to_file(s, st) != 0)
		return -1;
	if (s->fd != -1 && piece.len >= WRITE_SIZE) {
		if (write_all(s, piece, st) != 0)
			return -1;
	} else {
		buf_add_slice(&s->memory, piece);
	}
	s->size += piece.len;
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
	if (!file_read_at(s->fd, s->base + offset, left < READ_SIZE ? (size_t)left : READ_SIZE,
			  scratch))
		return complain(s, "read", errno, st);
	*piece = buf_slice(scratch);
	return 0;
}

void store_show(struct store *s, int fd, uint64_t base, uint64_t size)
{
	s->fd = fd;
	s->borrowed = true;
	s->base = base;
	s->size = size;
}

bool store_is_in_place(const struct store *s)
{
	return s->fd != -1 && s->borrowed;
}
