/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_draft.h"

#include "base/crc32c.h"
#include "base/file.h"
#include "queue/queue_file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SWEEP_AFTER = 60 * 60 }; /* seconds; whoever writes holds a lock besides */

static int complain(const struct queue *q, int errnum, struct status *st)
{
	status_sys(st, STATUS_DISK, errnum, "cannot put the message into the queue '%s'",
		   q->path);
	if (errnum == ENOSPC || errnum == EDQUOT)
		status_hint(st, "make room there, or choose another place with queue-dir");
	return -1;
}

/* Lock FD, and see that PATH is its name still: somebody may have put another file there. */
static bool lock_named(const struct queue *q, const char *path, int fd, struct stat *facts)
{
	struct stat named;
	if (flock(fd, LOCK_EX | LOCK_NB) != 0 || fstat(fd, facts) != 0 ||
	    fstatat(q->fd, path, &named, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	errno = EAGAIN;
	return named.st_ino == facts->st_ino && named.st_dev == facts->st_dev;
}

/* A draft whose writer died, and that was not touched since BEFORE. */
static bool remove_abandoned(const struct queue *q, const char *path, int64_t before)
{
	struct stat facts;
	int fd = file_open(q->fd, path, O_RDWR | O_NONBLOCK, 0);
	/* A new one is not locked for a moment, in which its maker must not find our lock. */
	bool old = fd >= 0 && fstat(fd, &facts) == 0 && facts.st_mtime <= before;
	bool done = old && lock_named(q, path, fd, &facts) && facts.st_mtime <= before &&
		    unlinkat(q->fd, path, 0) == 0;
	if (fd >= 0)
		close(fd);
	return done;
}

static int make_file(const struct queue *q, const char *path, struct status *st)
{
	const int flags = O_RDWR | O_CREAT | O_EXCL;
	int fd = file_open(q->fd, path, flags, S_IRUSR | S_IWUSR);
	if (fd < 0 && errno == ENOENT) {
		if (queue_make_folders(q, st) != 0)
			return -1;
		fd = file_open(q->fd, path, flags, S_IRUSR | S_IWUSR);
	}
	if (fd < 0 && errno == EEXIST && remove_abandoned(q, path, INT64_MAX))
		fd = file_open(q->fd, path, flags, S_IRUSR | S_IWUSR);
	/* In the way of a draft is not in the queue: EEXIST means that to callers. */
	return fd < 0 ? complain(q, errno == EEXIST ? EAGAIN : errno, st) : fd;
}

bool queue_has(const struct queue *q, const struct queue_id *id)
{
	struct stat facts;
	return fstatat(q->fd, queue_path(QUEUE_MESSAGES, id->text).text, &facts,
		       AT_SYMLINK_NOFOLLOW) == 0;
}

int queue_draft_begin(struct queue_draft *d, const struct queue *q, const struct queue_id *id,
		      struct status *st)
{
	*d = (struct queue_draft){ .id = id != NULL ? *id : queue_id_new(),
				   .folder = QUEUE_MESSAGES,
				   .fd = -1 };
	struct queue_path path = queue_path(QUEUE_DRAFTS, d->id.text);
	struct stat facts;
	d->fd = make_file(q, path.text, st);
	if (d->fd < 0)
		return -1;
	/* Not locked yet, it may look abandoned to another who makes the same draft. */
	if (!lock_named(q, path.text, d->fd, &facts)) {
		complain(q, errno, st);
		close(d->fd);
		return -1;
	}
	d->queue = q;
	if (id != NULL && queue_has(q, id))
		return status_sys(st, STATUS_DISK, EEXIST, "the queue has '%s' already",
				  id->text);
	if (geteuid() != q->owner && fchown(d->fd, q->owner, q->group) != 0)
		return complain(q, errno, st);
	return 0;
}

int queue_draft_spool(struct queue_draft *d, struct queue_entry *e, uint64_t *base)
{
	struct buf header = { 0 };
	e->id = d->id;
	queue_entry_note(e, &e->envelope);
	queue_file_header(e, &header);
	*base = header.len;
	d->base = header.len;
	buf_release(&header);
	return d->fd;
}

static int sum(struct queue_entry *e, struct status *st)
{
	struct buf scratch = { 0 };
	struct slice piece;
	int result = 0;
	e->checksum = 0;
	for (uint64_t at = 0; at < e->message.content.size && result == 0; at += piece.len) {
		result = store_read(&e->message.content, at, &scratch, &piece, st);
		if (result == 0)
			e->checksum = crc32c(e->checksum, piece);
	}
	buf_release(&scratch);
	return result;
}

/* E's header, if it can be read again: what nobody can read is no message in the queue. */
static int write_header(struct queue_entry *e, struct buf *out, struct status *st)
{
	struct queue_entry again;
	struct status wrong = { 0 };
	queue_entry_init(&again);
	queue_file_header(e, out);
	if (out->len > QUEUE_HEADER_BYTES)
		status_set(&wrong, STATUS_BAD_MESSAGE, "there are too many recipients");
	else if (queue_file_read_lines(buf_slice(out), &again, &wrong) == 0)
		queue_file_places(buf_slice(out), e);
	queue_entry_release(&again);
	if (wrong.kind == STATUS_OK)
		return 0;
	return status_set(st, STATUS_BAD_MESSAGE,
			  "the message cannot be put into the queue: %s", wrong.text);
}

/* A message that is in memory takes one write in all. */
static int write_whole(struct queue_draft *d, struct queue_entry *e, struct buf *header,
		       struct status *st)
{
	struct buf text = { 0 }, scratch = { 0 };
	struct slice piece = { 0 };
	uint64_t at = 0, written = 0;
	bool done = true;
	buf_add_slice(&text, buf_slice(header));
	while (done && at < e->message.content.size) {
		if (store_read(&e->message.content, at, &scratch, &piece, st) != 0)
			break;
		buf_add_slice(&text, piece);
		at += piece.len;
		if (text.len < 2 * STORE_MEMORY)
			continue;
		done = file_write_at(d->fd, written, buf_slice(&text));
		written += text.len;
		buf_reset(&text);
	}
	queue_file_trailer(e, &text);
	done = done && file_write_at(d->fd, written, buf_slice(&text));
	int trouble = errno;
	buf_release(&text);
	buf_release(&scratch);
	if (!done)
		return complain(d->queue, trouble, st);
	return at == e->message.content.size ? 0 : -1;
}

/* The content is there already. */
static int write_around(struct queue_draft *d, struct queue_entry *e, struct buf *header,
			struct status *st)
{
	struct buf trailer = { 0 };
	queue_file_trailer(e, &trailer);
	bool done =
		file_write_at(d->fd, e->head + e->message.content.size, buf_slice(&trailer)) &&
		file_write_at(d->fd, 0, buf_slice(header));
	int trouble = errno;
	buf_release(&trailer);
	return done ? 0 : complain(d->queue, trouble, st);
}

/* The time of the file tells when it is due, without a look inside. */
static bool set_time(int fd, const struct queue_entry *e)
{
	const struct timespec times[] = { { .tv_nsec = UTIME_OMIT }, { .tv_sec = e->next } };
	return e->next <= e->created || futimens(fd, times) == 0;
}

static int write_file(struct queue_draft *d, struct queue_entry *e, struct status *st)
{
	struct buf header = { 0 };
	bool spooled = store_is_in_place(&e->message.content);
	if (spooled && store_flush(&e->message.content, st) != 0)
		return -1;
	if (sum(e, st) != 0)
		return -1;
	int result = write_header(e, &header, st);
	if (result == 0 && (e->message.content.size != e->message.facts.size ||
			    (spooled && header.len != d->base)))
		result = status_set(st, STATUS_SYSTEM,
				    "the message changed on its way into the queue");
	if (result == 0)
		result = (spooled ? write_around : write_whole)(d, e, &header, st);
	if (result == 0 && !set_time(d->fd, e))
		result = complain(d->queue, errno, st);
	buf_release(&header);
	return result;
}

/*
 * From the rename on the message is visible. If the folder cannot be synced, it is taken out
 * again, so that the caller, who is told of a failure, does not have it sent twice. If even
 * that fails, it is there to stay; and so it is in another folder, where it has replaced what
 * it was made of.
 */
static int publish(struct queue_draft *d, struct status *st)
{
	const struct queue *q = d->queue;
	struct queue_path from = queue_path(QUEUE_DRAFTS, d->id.text);
	struct queue_path to = queue_path(d->folder, d->id.text);
	if (!file_sync(d->fd) || !queue_move(q, from.text, to.text))
		return complain(q, errno, st);
	d->committed = true;
	if (queue_sync_folder(q, d->folder))
		return 0;
	int trouble = errno;
	if (strcmp(d->folder, QUEUE_MESSAGES) != 0)
		return complain(q, trouble, st);
	if (unlinkat(q->fd, to.text, 0) != 0)
		return 0;
	queue_sync_folder(q, d->folder);
	return complain(q, trouble, st);
}

int queue_draft_commit(struct queue_draft *d, struct queue_entry *e, struct status *st)
{
	e->id = d->id;
	queue_entry_note(e, &e->envelope);
	if (write_file(d, e, st) != 0 || publish(d, st) != 0)
		return -1;
	e->size = queue_file_size(e);
	e->fd = d->fd;
	d->fd = -1;
	return 0;
}

void queue_draft_release(struct queue_draft *d)
{
	if (d->queue != NULL && !d->committed)
		unlinkat(d->queue->fd, queue_path(QUEUE_DRAFTS, d->id.text).text, 0);
	if (d->queue != NULL && d->fd >= 0)
		close(d->fd);
	*d = (struct queue_draft){ .fd = -1 };
}

static void sweep_one(const struct queue *q, const char *name, int64_t now)
{
	if (queue_id_valid(slice_of(name)))
		remove_abandoned(q, queue_path(QUEUE_DRAFTS, name).text, now - SWEEP_AFTER);
}

void queue_sweep(const struct queue *q, int64_t now)
{
	int fd = file_open(q->fd, QUEUE_DRAFTS, O_RDONLY | O_DIRECTORY, 0);
	DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
	if (dir == NULL) {
		if (fd >= 0)
			close(fd);
		return;
	}
	for (const struct dirent *d = readdir(dir); d != NULL; d = readdir(dir))
		sweep_one(q, d->d_name, now);
	closedir(dir);
}
