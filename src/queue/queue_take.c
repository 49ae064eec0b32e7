/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_take.h"

#include "base/crc32c.h"
#include "base/file.h"
#include "queue/queue_file.h"
#include "queue/queue_reply.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_READ = 16 * 1024 }; /* a header, and all of most messages */

static int complain(const struct queue *q, const char *act, const char *id, struct status *st)
{
	return status_sys(st, STATUS_DISK, errno,
			  "cannot %s the message '%s' of the queue '%s'", act, id, q->path);
}

static enum queue_taken damaged(struct status *st, const char *why)
{
	status_set(st, STATUS_BAD_MESSAGE, "%s", why);
	return QUEUE_DAMAGED;
}

/* A file of ours, with one name. */
static const char *fault_of(const struct queue *q, const struct stat *facts)
{
	if (!S_ISREG(facts->st_mode))
		return "it is no regular file";
	if (facts->st_nlink != 1)
		return "it has more than one name";
	if (facts->st_uid != q->owner)
		return "it is somebody else's";
	if ((facts->st_mode & (S_IRWXG | S_IRWXO)) != 0)
		return "others may read or write it";
	return NULL;
}

/* What is locked must be what has the name now: it may have been sent and removed meanwhile. */
static bool still_has_name(const struct queue *q, const char *path, const struct stat *facts)
{
	struct stat now;
	return fstatat(q->fd, path, &now, AT_SYMLINK_NOFOLLOW) == 0 &&
	       now.st_ino == facts->st_ino && now.st_dev == facts->st_dev;
}

/* What errno means. */
static enum queue_taken not_opened(const struct queue *q, const char *id, struct status *st)
{
	if (errno == ENOENT)
		return QUEUE_GONE;
	if (errno == EWOULDBLOCK)
		return QUEUE_BUSY;
	if (errno == ELOOP || errno == EISDIR || errno == ENXIO)
		return damaged(st, "it is no regular file");
	complain(q, "open", id, st);
	return QUEUE_UNREADABLE;
}

/*
 * The time of a file may lie ahead, and then each look at it would be noted on the disk as the
 * last one. What is not ours is opened all the same, to say so.
 */
static int open_unnoted(const struct queue *q, const char *path, int flags)
{
	int fd = file_open(q->fd, path, flags | O_NOATIME, 0);
	return fd < 0 && errno == EPERM ? file_open(q->fd, path, flags, 0) : fd;
}

static enum queue_taken open_file(const struct queue *q, const char *folder, const char *id,
				  bool lock, struct queue_entry *e, struct status *st)
{
	struct queue_path path = queue_path(folder, id);
	struct stat facts;
	e->fd = open_unnoted(q, path.text, (lock ? O_RDWR : O_RDONLY) | O_NONBLOCK);
	if (e->fd < 0 || (lock && flock(e->fd, LOCK_EX | LOCK_NB) != 0))
		return not_opened(q, id, st);
	if (fstat(e->fd, &facts) != 0) {
		complain(q, "read", id, st);
		return QUEUE_UNREADABLE;
	}
	if (facts.st_nlink == 0 || (lock && !still_has_name(q, path.text, &facts)))
		return QUEUE_GONE;
	e->size = (uint64_t)facts.st_size;
	const char *fault = fault_of(q, &facts);
	return fault != NULL ? damaged(st, fault) : QUEUE_TAKEN;
}

/* The beginning of the file into TEXT, with the whole header. */
static enum queue_taken read_header(const struct queue *q, const char *id,
				    struct queue_entry *e, struct buf *text, size_t *len,
				    struct status *st)
{
	size_t want = FIRST_READ;
	for (;;) {
		if (want > e->size)
			want = (size_t)e->size;
		if (!file_read_at(e->fd, text->len, want - text->len, text)) {
			complain(q, "read", id, st);
			return QUEUE_UNREADABLE;
		}
		if (queue_file_find_header(buf_slice(text), len))
			return QUEUE_TAKEN;
		if (want == e->size || want >= QUEUE_HEADER_BYTES)
			return damaged(st, "its header has no end");
		want *= 4;
	}
}

static enum queue_taken parse(const char *id, struct slice header, struct queue_entry *e,
			      struct status *st)
{
	if (queue_file_parse(header, e, st) != 0)
		return QUEUE_DAMAGED;
	if (strcmp(e->id.text, id) != 0)
		return damaged(st, "it is not named as it says");
	if (queue_file_size(e) != e->size)
		return damaged(st, "it is not as long as it says");
	return QUEUE_TAKEN;
}

/* The content, and the line behind it. */
static enum queue_taken verify(const struct queue *q, struct queue_entry *e, struct buf *text,
			       struct status *st)
{
	enum { PIECE = 256 * 1024 };
	uint64_t at = e->head, end = e->head + e->message.facts.size;
	uint32_t sum = 0;
	while (at < end) {
		size_t want = end - at < PIECE ? (size_t)(end - at) : PIECE;
		buf_reset(text);
		if (!file_read_at(e->fd, at, want, text)) {
			complain(q, "read", e->id.text, st);
			return QUEUE_UNREADABLE;
		}
		sum = crc32c(sum, buf_slice(text));
		at += want;
	}
	buf_reset(text);
	if (!file_read_at(e->fd, end, (size_t)(e->size - end), text)) {
		complain(q, "read", e->id.text, st);
		return QUEUE_UNREADABLE;
	}
	if (sum != e->checksum || !queue_file_trailer_is(e, buf_slice(text)))
		return damaged(st, "its content's checksum is wrong");
	store_show(&e->message.content, e->fd, e->head, e->message.facts.size);
	return QUEUE_TAKEN;
}

/* All of it is in TEXT already. */
static enum queue_taken verify_here(struct queue_entry *e, struct slice text, struct status *st)
{
	size_t end = e->head + (size_t)e->message.facts.size;
	struct slice content = slice_cut(text, e->head, end);
	if (crc32c(0, content) != e->checksum ||
	    !queue_file_trailer_is(e, slice_cut(text, end, text.len)))
		return damaged(st, "its content's checksum is wrong");
	if (content.len > STORE_MEMORY)
		store_show(&e->message.content, e->fd, e->head, content.len);
	else if (store_add(&e->message.content, content, st) != 0)
		return QUEUE_UNREADABLE;
	return QUEUE_TAKEN;
}

static enum queue_taken read_entry(const struct queue *q, const char *id, bool whole,
				   struct queue_entry *e, struct status *st)
{
	struct buf text = { 0 };
	size_t len = 0;
	enum queue_taken result = read_header(q, id, e, &text, &len, st);
	if (result == QUEUE_TAKEN)
		result = parse(id, slice_cut(buf_slice(&text), 0, len), e, st);
	if (result == QUEUE_TAKEN && whole)
		result = text.len == e->size ? verify_here(e, buf_slice(&text), st)
					     : verify(q, e, &text, st);
	buf_release(&text);
	return result;
}

static enum queue_taken get(const struct queue *q, const char *folder, const char *id,
			    bool whole, struct queue_entry *e, struct status *st)
{
	queue_entry_init(e);
	if (q->fd < 0)
		return QUEUE_GONE;
	if (!queue_id_valid(slice_of(id)))
		return damaged(st, "it is not named as a message is");
	enum queue_taken result = open_file(q, folder, id, whole, e, st);
	return result == QUEUE_TAKEN ? read_entry(q, id, whole, e, st) : result;
}

enum queue_taken queue_take(const struct queue *q, const char *id, struct queue_entry *e,
			    struct status *st)
{
	return get(q, QUEUE_MESSAGES, id, true, e, st);
}

enum queue_taken queue_peek(const struct queue *q, const char *id, struct queue_entry *e,
			    struct status *st)
{
	return queue_peek_in(q, QUEUE_MESSAGES, id, e, st);
}

enum queue_taken queue_peek_in(const struct queue *q, const char *folder, const char *id,
			       struct queue_entry *e, struct status *st)
{
	return get(q, folder, id, false, e, st);
}

void queue_peek_content(struct queue_entry *e)
{
	store_show(&e->message.content, e->fd, e->head, e->message.facts.size);
}

/* A shared lock, so that two who ask at the same time do not see each other. */
bool queue_is_busy(const struct queue_entry *e)
{
	if (flock(e->fd, LOCK_SH | LOCK_NB) != 0)
		return errno == EWOULDBLOCK;
	flock(e->fd, LOCK_UN);
	return false;
}

/* By writing again what one of those who wait has already. */
int queue_can_mark(const struct queue *q, const struct queue_entry *e, struct status *st)
{
	size_t i = 0;
	while (i < e->envelope.count && e->marks[i] != MARK_PENDING)
		i++;
	if (i == e->envelope.count ||
	    file_write_at(e->fd, e->places[i], slice_n(&e->marks[i], 1)))
		return 0;
	return complain(q, "mark", e->id.text, st);
}

/*
 * From the last to the first: a report is named after the first of those it is about, so as
 * long as that one is not marked, whoever makes it again finds it (queue_id_of_report).
 *
 * What was not synced is not saved: the next call writes it again, so that its sync has
 * something to bring to the disk.
 */
int queue_mark(const struct queue *q, struct queue_entry *e, struct status *st)
{
	bool changed = false;
	for (size_t i = e->envelope.count; i-- > 0;) {
		if (e->marks[i] == e->saved[i])
			continue;
		if (!file_write_at(e->fd, e->places[i], slice_n(&e->marks[i], 1)))
			return complain(q, "mark", e->id.text, st);
		changed = true;
	}
	if (!changed)
		return 0;
	if (!file_sync_data(e->fd))
		return complain(q, "mark", e->id.text, st);
	memcpy(e->saved, e->marks, e->envelope.count);
	return 0;
}

/* And give the file TIME. */
static bool write_tries(const struct queue_entry *e, struct timespec time)
{
	const struct timespec times[] = { { .tv_nsec = UTIME_OMIT }, time };
	struct buf text = { 0 };
	queue_file_tries(e, &text);
	bool done = file_write_at(e->fd, QUEUE_TRIES_AT, buf_slice(&text)) &&
		    futimens(e->fd, times) == 0;
	buf_release(&text);
	return done;
}

/* What is held is never due, whatever its time. */
int queue_put_back(const struct queue *q, struct queue_entry *e, struct status *st)
{
	const int64_t year_2100 = 4102444800;
	int64_t due = e->state == QUEUE_HELD ? year_2100 : e->next;
	if (write_tries(e, (struct timespec){ .tv_sec = due }))
		return 0;
	return complain(q, "write to", e->id.text, st);
}

int queue_put_back_synced(const struct queue *q, struct queue_entry *e, struct status *st)
{
	if (queue_put_back(q, e, st) != 0)
		return -1;
	return file_sync_data(e->fd) ? 0 : complain(q, "write to", e->id.text, st);
}

int queue_remove(const struct queue *q, struct queue_entry *e, struct status *st)
{
	struct queue_path path = queue_path(QUEUE_MESSAGES, e->id.text);
	if (unlinkat(q->fd, path.text, 0) != 0 && errno != ENOENT)
		return complain(q, "remove", e->id.text, st);
	queue_reply_remove(q, e->id.text);
	return 0;
}

enum queue_taken queue_discard(const struct queue *q, const char *folder, const char *name,
			       struct status *st)
{
	struct queue_path path = queue_path(folder, name);
	enum queue_taken result = QUEUE_TAKEN;
	int fd = q->fd < 0 ? -1 : file_open(q->fd, path.text, O_RDONLY | O_NONBLOCK, 0);
	if (q->fd < 0 || (fd < 0 && errno == ENOENT))
		return QUEUE_GONE;
	if (fd >= 0 && flock(fd, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK)
		result = QUEUE_BUSY;
	else if (unlinkat(q->fd, path.text, 0) != 0)
		result = errno == ENOENT ? QUEUE_GONE : QUEUE_UNREADABLE;
	else if (!queue_sync_folder(q, folder))
		result = QUEUE_UNREADABLE;
	if (result == QUEUE_UNREADABLE)
		complain(q, "remove", name, st);
	if (result == QUEUE_TAKEN)
		queue_reply_remove(q, name);
	if (fd >= 0)
		close(fd);
	return result;
}

static int move(const struct queue *q, const char *name, const char *folder, struct status *st)
{
	struct queue_path from = queue_path(QUEUE_MESSAGES, name);
	struct queue_path to = queue_path(folder, name);
	struct stat other;
	if (fstatat(q->fd, to.text, &other, AT_SYMLINK_NOFOLLOW) == 0)
		to = queue_path(folder, queue_id_new().text);
	if (!queue_move(q, from.text, to.text) || !queue_sync_folder(q, folder))
		return complain(q, "set aside", name, st);
	return 0;
}

/* The time of the file tells since when it is there. */
int queue_give_up(const struct queue *q, struct queue_entry *e, struct status *st)
{
	if (!write_tries(e, (struct timespec){ .tv_nsec = UTIME_NOW }))
		return complain(q, "set aside", e->id.text, st);
	return move(q, e->id.text, QUEUE_FAILED, st);
}

int queue_set_aside(const struct queue *q, const char *name, struct status *st)
{
	return move(q, name, QUEUE_CORRUPT, st);
}
