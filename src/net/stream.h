/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stream - a line of bytes in both directions, with a deadline on every wait
 *
 * One interface over a socket, TLS on top of another stream, and memory in tests. A stream is
 * built bottom up; each one owns the stream below it, so freeing the top frees all.
 *
 * The ops never block. Blocking happens in one place (wait.h), which polls the descriptor at
 * the bottom until the stream's deadline. While writing it also takes in what the peer sends,
 * so two sides with full buffers cannot wait for each other.
 *
 * Nothing is sent before stream_flush or stream_add: what belongs into one flight is put
 * together and leaves with one write.
 */
#ifndef NET_STREAM_H
#define NET_STREAM_H

#include "base/buf.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct stream;

struct stream_ops {
	/*
	 * As read(2) and write(2) on a non-blocking descriptor: bytes moved, 0 for the peer's
	 * orderly end (read only), or -1 with errno. EAGAIN means: poll for wants(), then call
	 * again with the same arguments. On any other error they may leave a sentence of their
	 * own in s->trouble.
	 */
	ssize_t (*read)(struct stream *s, void *into, size_t room);
	ssize_t (*write)(struct stream *s, const void *from, size_t len);
	/* POLLIN or POLLOUT: what the last EAGAIN of a read (WRITING false) or write is waiting
	 * for. */
	short (*wants)(const struct stream *s, bool writing);
	/* The descriptor to poll; the one of the stream below, all the way down. -1: never
	 * blocks. */
	int (*fd)(const struct stream *s);
	/* Say goodbye if the protocol has a way to (no waiting), then release what `self`
	 * holds. */
	void (*close)(struct stream *s);
};

struct stream {
	const struct stream_ops *ops;
	void *self;           /* owned: the implementation's own state */
	struct stream *below; /* owned; NULL at the bottom */
	int64_t deadline;     /* clock_now() terms; every wait ends there */
	struct buf in;        /* received, not yet taken */
	size_t filled;        /* the most that `in` ever held: what has to be wiped */
	size_t taken;         /* bytes of `in` already handed out */
	size_t searched;      /* bytes of `in` known to hold no LF */
	struct buf out;       /* put, not yet sent */
	bool ended;           /* the peer has closed its side */
	struct status
		trouble; /* the implementation's own words for its last error, or kind OK */
};

/* A stream with OPS over BELOW (NULL at the bottom); takes SELF and BELOW. */
struct stream *stream_new(const struct stream_ops *ops, void *self, struct stream *below);

/* Close and free S and all below it; what was put but not flushed is not sent. NULL is fine. */
void stream_free(struct stream *s);

/* Every wait from now on ends at DEADLINE (clock_now() terms). */
void stream_set_deadline(struct stream *s, int64_t deadline);

/*
 * Wait for a line and give it without its LF or CRLF; it is valid until the next call on S. A
 * line of more than MAX bytes is STATUS_BROKEN_PEER, the peer's end and a lost connection are
 * STATUS_TEMPORARY with sys = ECONNRESET, the deadline is STATUS_TEMPORARY with sys =
 * ETIMEDOUT.
 */
int stream_getline(struct stream *s, size_t max, struct slice *line, struct status *st);

/* Wait until at least one byte is there, then give all that is there: LEN 0 is the peer's end.
 */
int stream_get(struct stream *s, struct slice *bytes, struct status *st);

/*
 * Wait until LEN bytes are there and give these; they are valid until the next call on S.
 * Errors as stream_getline.
 */
int stream_getn(struct stream *s, size_t len, struct slice *bytes, struct status *st);

/*
 * Take in what has already arrived, without waiting. Is there something that nobody has taken
 * yet: bytes, the peer's end, or a lost connection?
 */
bool stream_has_input(struct stream *s);
/* The bytes in the buffer that nobody has taken, valid until the next call on S; and whether
 * there are any. They ask the buffer alone, not the peer. */
struct slice stream_buffered(const struct stream *s);
bool stream_has_buffered(const struct stream *s);

/* Put bytes into the next flight. Cannot fail; the caller flushes before it grows large. */
void stream_put(struct stream *s, const void *data, size_t len);

/* Send what was put, and take in what arrives meanwhile. Errors as stream_getline. */
int stream_flush(struct stream *s, struct status *st);

/* As stream_put while the flight is small; else send it, and then DATA without copying it. */
int stream_add(struct stream *s, const void *data, size_t len, struct status *st);

/* For the implementations of ops: read and write of the stream below, past its buffers. */
ssize_t stream_raw_read(struct stream *s, void *into, size_t room);
ssize_t stream_raw_write(struct stream *s, const void *from, size_t len);
/* Poll S once for reading or writing, until its deadline. 0, or -1 with st (sys = ETIMEDOUT or
 * another). */
int stream_wait(struct stream *s, bool writing, struct status *st);

#endif
