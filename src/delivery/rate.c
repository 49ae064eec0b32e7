/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/rate.h"

#include "base/clock.h"
#include "base/crc32c.h"
#include "base/file.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

enum { MINUTE = 60 * 1000 * 1000, SECOND = 1000 * 1000 }; /* microseconds */

enum {
	LOCK_SECONDS = 2, /* for others to count, which takes them no time */
	PAUSE_MS = 20,
};

/*
 * The file is a ring of times, as many as there may be messages in a minute: the place of the
 * oldest, then the times, in microseconds since 1970. Another size means another limit.
 */
struct ring {
	int fd;
	uint64_t room;
	uint64_t oldest;
};

static uint64_t place_of(uint64_t index)
{
	return (1 + index) * sizeof(int64_t);
}

static bool read_number(int fd, uint64_t at, int64_t *into)
{
	struct buf bytes = { 0 };
	bool done = file_read_at(fd, at, sizeof *into, &bytes);
	if (done)
		memcpy(into, bytes.data, sizeof *into);
	buf_release(&bytes);
	return done;
}

static bool write_number(int fd, uint64_t at, int64_t number)
{
	return file_write_at(fd, at, slice_n((const char *)&number, sizeof number));
}

/* A ring of another size is begun anew, full of times long ago. */
static bool prepare(struct ring *r)
{
	struct stat facts;
	int64_t oldest = 0;
	if (fstat(r->fd, &facts) != 0)
		return false;
	if ((uint64_t)facts.st_size != place_of(r->room) &&
	    (ftruncate(r->fd, 0) != 0 || ftruncate(r->fd, (off_t)place_of(r->room)) != 0))
		return false;
	if (!read_number(r->fd, 0, &oldest))
		return false;
	r->oldest = oldest >= 0 && (uint64_t)oldest < r->room ? (uint64_t)oldest : 0;
	return true;
}

/* A time in the future is that of a clock which was wrong. */
static int64_t take(struct ring *r)
{
	int64_t now = clock_wall_us(), then = 0;
	if (!prepare(r) || !read_number(r->fd, place_of(r->oldest), &then))
		return 0;
	if (then <= now && now - then < MINUTE)
		return (MINUTE - (now - then)) / SECOND + 1;
	if (write_number(r->fd, place_of(r->oldest), now))
		write_number(r->fd, 0, (int64_t)((r->oldest + 1) % r->room));
	return 0;
}

/* 0, or -1 with errno: EWOULDBLOCK if somebody has it all the time. */
static int lock(int fd)
{
	int64_t deadline = clock_in(LOCK_SECONDS);
	while (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		if (errno != EWOULDBLOCK || clock_now() >= deadline)
			return -1;
		poll(NULL, 0, PAUSE_MS);
	}
	return 0;
}

/*
 * Who was stopped while he counted keeps the lock. Then the limit counts as reached: to send
 * uncounted could have the provider lock the account, and to wait costs a minute.
 */
int64_t rate_take(const struct queue *q, const struct account *a)
{
	char name[32];
	int64_t wait = 0;
	if (a->rate == 0)
		return 0;
	snprintf(name, sizeof name, "rate-%08" PRIx32, crc32c(0, slice_of(a->name)));
	struct ring r = { .fd = queue_open_file(q, name, O_RDWR | O_CREAT),
			  .room = (uint64_t)a->rate };
	if (r.fd < 0)
		return 0;
	if (lock(r.fd) == 0)
		wait = take(&r);
	else if (errno == EWOULDBLOCK)
		wait = MINUTE / SECOND;
	close(r.fd);
	return wait;
}
