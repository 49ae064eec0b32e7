/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/happy.h"

#include "base/clock.h"
#include "net/dial.h"
#include "net/stream_fd.h"
#include "net/wait.h"

#include <errno.h>
#include <unistd.h>

/* RFC 8305, 5 */
enum { HEAD_START_MS = 250 };

struct attempt {
	const struct sockaddr_ip *address;
	int fd; /* -1, which poll passes over, once it is over */
	int64_t deadline;
};

struct race {
	const struct happy *happy;
	struct attempt attempts[ADDRESSES_MAX]; /* in the order in which they begin */
	size_t count;
	size_t begun;
	size_t running;
	int64_t next_from;  /* when the next one begins, if none fails before */
	int winner;         /* a descriptor, or -1 */
	struct status last; /* how the last one failed */
};

/* The families take turns, beginning with that of the first address (RFC 8305, 4). */
static void line_up(struct race *r, const struct addresses *list)
{
	const struct sockaddr_ip *kinds[2][ADDRESSES_MAX];
	size_t counts[2] = { 0, 0 };
	for (size_t i = 0; i < list->count; i++) {
		bool other = list->at[i].at.any.sa_family != list->at[0].at.any.sa_family;
		kinds[other][counts[other]++] = &list->at[i];
	}
	for (size_t i = 0; i < ADDRESSES_MAX; i++) {
		for (size_t k = 0; k < 2; k++) {
			if (i < counts[k])
				r->attempts[r->count++] =
					(struct attempt){ .address = kinds[k][i], .fd = -1 };
		}
	}
}

/* A leads nowhere, as r->last says, so the next one need not wait. Of the last one the caller
 * tells. */
static void fail(struct race *r, const struct attempt *a)
{
	struct status *st = &r->last;
	char text[SOCKADDR_TEXT_ROOM];
	if (st->sys == ETIMEDOUT) {
		status_set(st, STATUS_TEMPORARY, "cannot connect: no answer from %s",
			   sockaddr_text(&a->address->at.any, text));
		st->sys = ETIMEDOUT;
	}
	st->stage = STAGE_CONNECT;
	if (r->running != 0 || r->begun < r->count)
		tap_note(r->happy->tap, "%s", st->text);
	r->next_from = 0;
}

static void begin_next(struct race *r)
{
	const struct happy *h = r->happy;
	struct attempt *a = &r->attempts[r->begun++];
	struct dialing d = { .type = SOCK_STREAM,
			     .address = &a->address->at.any,
			     .len = a->address->len,
			     .source = h->source };
	char text[SOCKADDR_TEXT_ROOM];
	tap_note(h->tap, "connecting to %s port %u (%s)", h->name, h->port,
		 sockaddr_text(d.address, text));
	int64_t now = clock_now();
	r->next_from = now + HEAD_START_MS;
	if (dial_begin(&d, &r->last) != 0) {
		fail(r, a);
	} else if (d.done) {
		r->winner = d.fd;
	} else {
		a->fd = d.fd;
		a->deadline = clock_earlier(now + 1000 * h->timeout, h->deadline);
		r->running++;
	}
}

/* The descriptor of A can be written, or its time is up. */
static void end(struct race *r, struct attempt *a, bool ready)
{
	int result = ready ? dial_result(a->fd, &r->last)
			   : status_sys(&r->last, STATUS_TEMPORARY, ETIMEDOUT, "no answer");
	r->running--;
	if (result == 0) {
		r->winner = a->fd;
	} else {
		close(a->fd);
		fail(r, a);
	}
	a->fd = -1;
}

/* Wait until one of those that run has an end, or the next one's turn comes. */
static int await_news(struct race *r)
{
	struct pollfd fds[ADDRESSES_MAX];
	int64_t until = r->begun < r->count ? r->next_from : INT64_MAX;
	for (size_t i = 0; i < r->begun; i++) {
		fds[i] = (struct pollfd){ .fd = r->attempts[i].fd, .events = POLLOUT };
		if (fds[i].fd >= 0)
			until = clock_earlier(until, r->attempts[i].deadline);
	}
	if (wait_ready(fds, r->begun, until) < 0)
		return status_sys(&r->last, STATUS_TEMPORARY, errno, "cannot connect");
	int64_t now = clock_now();
	for (size_t i = 0; i < r->begun && r->winner < 0; i++) {
		struct attempt *a = &r->attempts[i];
		bool ready = fds[i].revents != 0;
		if (a->fd >= 0 && (ready || a->deadline <= now))
			end(r, a, ready);
	}
	return 0;
}

static void run(struct race *r)
{
	while (r->winner < 0 && (r->begun < r->count || r->running != 0)) {
		bool due =
			r->begun < r->count && (r->running == 0 || clock_now() >= r->next_from);
		if (due)
			begin_next(r);
		else if (await_news(r) != 0)
			return;
	}
}

int happy_connect(const struct happy *h, const struct addresses *list, struct stream **stream,
		  struct status *st)
{
	struct race r = { .happy = h, .winner = -1 };
	line_up(&r, list);
	run(&r);
	for (size_t i = 0; i < r.begun; i++) {
		if (r.attempts[i].fd >= 0)
			close(r.attempts[i].fd);
	}
	if (r.winner < 0) {
		*st = r.last;
		return -1;
	}
	*stream = stream_fd_new(r.winner);
	return 0;
}
