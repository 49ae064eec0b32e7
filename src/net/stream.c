/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/stream.h"

#include "base/mem.h"
#include "net/wait.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	READ_SIZE = 16 * 1024, /* one TLS record */
	INPUT_LIMIT =
		256 * 1024, /* taken in while writing; no server has that much to say unasked */
	COPY_LIMIT = 16 * 1024, /* up to here one copied flight beats two writes */
};

struct stream *stream_new(const struct stream_ops *ops, void *self, struct stream *below)
{
	struct stream *s = mem_zero(1, sizeof *s);
	s->ops = ops;
	s->self = self;
	s->below = below;
	s->deadline = INT64_MAX;
	return s;
}

/* Anything may have been secret, but what was never written to need not be wiped. */
static void release_used(struct buf *b, size_t used)
{
	mem_wipe(b->data, used);
	buf_release(b);
}

void stream_free(struct stream *s)
{
	while (s != NULL) {
		struct stream *below = s->below;
		s->ops->close(s);
		release_used(&s->in, s->filled);
		release_used(&s->out, s->out.len);
		free(s);
		s = below;
	}
}

void stream_set_deadline(struct stream *s, int64_t deadline)
{
	for (; s != NULL; s = s->below)
		s->deadline = deadline;
}

static int lost(struct stream *s, int errnum, struct status *st)
{
	if (s->trouble.kind != STATUS_OK) {
		*st = s->trouble;
		return -1;
	}
	if (errnum == EPIPE)
		errnum = ECONNRESET;
	return status_sys(st, STATUS_TEMPORARY, errnum, "connection lost");
}

static int ended(struct status *st)
{
	status_set(st, STATUS_TEMPORARY, "the server closed the connection");
	st->sys = ECONNRESET;
	return -1;
}

static int timed_out(struct status *st)
{
	status_set(st, STATUS_TEMPORARY, "timed out");
	st->sys = ETIMEDOUT;
	return -1;
}

struct slice stream_buffered(const struct stream *s)
{
	return slice_cut(buf_slice(&s->in), s->taken, s->in.len);
}

/* Returns what poll saw, or -1. */
static int wait_for(struct stream *s, short events, struct status *st)
{
	struct pollfd p = { .fd = s->ops->fd(s), .events = events };
	int n = wait_ready(&p, 1, s->deadline);
	if (n < 0)
		return lost(s, errno, st);
	return n > 0 ? p.revents : timed_out(st);
}

int stream_wait(struct stream *s, bool writing, struct status *st)
{
	return wait_for(s, s->ops->wants(s, writing), st) < 0 ? -1 : 0;
}

ssize_t stream_raw_read(struct stream *s, void *into, size_t room)
{
	ssize_t n;
	do {
		n = s->ops->read(s, into, room);
	} while (n < 0 && errno == EINTR);
	return n;
}

ssize_t stream_raw_write(struct stream *s, const void *from, size_t len)
{
	ssize_t n;
	do {
		n = s->ops->write(s, from, len);
	} while (n < 0 && errno == EINTR);
	return n;
}

/* Forget what was taken; called before new bytes come in, so lines handed out stay valid until
 * then. */
static void forget_taken(struct stream *s)
{
	if (s->taken == 0)
		return;
	buf_drop(&s->in, s->taken);
	s->searched -= s->searched < s->taken ? s->searched : s->taken;
	s->taken = 0;
}

/* Read once without waiting: bytes read, 0 at the peer's end, -1 with errno. */
static ssize_t take_in(struct stream *s)
{
	forget_taken(s);
	char *end = buf_reserve(&s->in, READ_SIZE);
	ssize_t n = stream_raw_read(s, end, READ_SIZE);
	if (n > 0) {
		s->in.len += (size_t)n;
		s->in.data[s->in.len] = '\0';
		if (s->in.len > s->filled)
			s->filled = s->in.len;
	}
	if (n == 0)
		s->ended = true;
	return n;
}

static int fill(struct stream *s, struct status *st)
{
	for (;;) {
		if (s->ended)
			return ended(st);
		ssize_t n = take_in(s);
		if (n > 0)
			return 0;
		if (n == 0)
			return ended(st);
		if (errno != EAGAIN)
			return lost(s, errno, st);
		if (stream_wait(s, false, st) != 0)
			return -1;
	}
}

int stream_getline(struct stream *s, size_t max, struct slice *line, struct status *st)
{
	for (;;) {
		struct slice left = slice_cut(buf_slice(&s->in), s->taken, s->in.len);
		size_t from = s->searched > s->taken ? s->searched - s->taken : 0;
		size_t end = from + slice_find(slice_cut(left, from, left.len), '\n');
		if (end > max)
			return status_set(st, STATUS_BROKEN_PEER,
					  "a line of more than %zu bytes from the server", max);
		if (end < left.len) {
			s->taken += end + 1;
			s->searched = s->taken;
			if (end != 0 && left.data[end - 1] == '\r')
				end--;
			*line = slice_cut(left, 0, end);
			return 0;
		}
		s->searched = s->in.len;
		if (fill(s, st) != 0)
			return -1;
	}
}

int stream_get(struct stream *s, struct slice *bytes, struct status *st)
{
	struct status why;
	if (!stream_has_buffered(s) && !s->ended && fill(s, &why) != 0 && !s->ended) {
		*st = why;
		return -1;
	}
	*bytes = stream_buffered(s);
	s->taken = s->searched = s->in.len;
	return 0;
}

bool stream_has_buffered(const struct stream *s)
{
	return stream_buffered(s).len != 0;
}

bool stream_has_input(struct stream *s)
{
	if (stream_has_buffered(s) || s->ended)
		return true;
	return take_in(s) >= 0 || errno != EAGAIN;
}

int stream_getn(struct stream *s, size_t len, struct slice *bytes, struct status *st)
{
	while (s->in.len - s->taken < len) {
		if (fill(s, st) != 0)
			return -1;
	}
	*bytes = slice_cut(buf_slice(&s->in), s->taken, s->taken + len);
	s->taken += len;
	return 0;
}

void stream_put(struct stream *s, const void *data, size_t len)
{
	buf_add(&s->out, data, len);
}

/*
 * The peer's words are worth more than our EPIPE: a server that refuses and closes while we
 * write has said why, so what it sent is taken in before the loss is reported.
 */
static int write_failed(struct stream *s, struct status *st)
{
	int errnum = errno;
	if (s->trouble.kind == STATUS_OK && s->in.len < INPUT_LIMIT) {
		while (!s->ended && take_in(s) > 0 && s->in.len < INPUT_LIMIT)
			;
	}
	return lost(s, errnum, st);
}

/* Writing is stuck: wait until it goes on, or until there is something to read, and read that.
 */
static int wait_to_write(struct stream *s, struct status *st)
{
	bool listen = !s->ended && s->in.len < INPUT_LIMIT;
	short wants = s->ops->wants(s, true);
	int seen = wait_for(s, listen ? (short)(wants | POLLIN) : wants, st);
	if (seen < 0)
		return -1;
	if (listen && (seen & POLLIN) && take_in(s) < 0 && errno != EAGAIN)
		return lost(s, errno, st);
	return 0;
}

static int write_all(struct stream *s, const char *data, size_t len, struct status *st)
{
	while (len != 0) {
		ssize_t n = stream_raw_write(s, data, len);
		if (n >= 0) {
			data += n;
			len -= (size_t)n;
		} else if (errno != EAGAIN) {
			return write_failed(s, st);
		} else if (wait_to_write(s, st) != 0) {
			return -1;
		}
	}
	return 0;
}

int stream_flush(struct stream *s, struct status *st)
{
	int result = write_all(s, buf_str(&s->out), s->out.len, st);
	mem_wipe(s->out.data, s->out.len);
	buf_reset(&s->out);
	return result;
}

int stream_add(struct stream *s, const void *data, size_t len, struct status *st)
{
	if (s->out.len + len <= COPY_LIMIT) {
		stream_put(s, data, len);
		return 0;
	}
	if (s->out.len != 0 && stream_flush(s, st) != 0)
		return -1;
	return write_all(s, data, len, st);
}
