/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/smtp_service.h"

#include "base/clock.h"
#include "base/identity.h"
#include "base/mem.h"
#include "cmd/desk.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <sysexits.h>
#include <unistd.h>

enum {
	IDLE = 5 * 60 * 1000, /* ms without a word from the client (RFC 5321, 4.5.3.2.7) */
	LAST_WORD = 5 * 1000, /* ms for the client to read why the session ends */
	LOOK_UP = 1000,       /* ms between looks at whether to stop */
	PIECE = 64 * 1024,
	AT_ONCE = 512, /* what a pipe that can be written to takes without a wait */
	MAX_RECIPIENTS = 10 * 1000,
};

struct talk {
	int in, out;
	const volatile bool *stop;
	struct server server;
	char *piece; /* owned */
};

static bool is_stopping(const struct talk *t)
{
	return t->stop != NULL && *t->stop;
}

/* 1: ready; 0: the time is over; -1: the service ends. */
static int await_command(const struct talk *t)
{
	int64_t deadline = clock_now() + IDLE;
	struct pollfd p = { .fd = t->in, .events = POLLIN };
	while (clock_now() < deadline) {
		if (is_stopping(t))
			return -1;
		if (poll(&p, 1, LOOK_UP) > 0)
			return 1;
	}
	return 0;
}

/* Who waits for an answer reads it at once; so when the service ends, little time is enough. */
static bool await_room(const struct talk *t)
{
	int64_t start = clock_now();
	struct pollfd p = { .fd = t->out, .events = POLLOUT };
	while (clock_now() < start + (is_stopping(t) ? LAST_WORD : IDLE)) {
		if (poll(&p, 1, LOOK_UP) > 0)
			return true;
	}
	return false;
}

/* False: the client is gone, or does not read. */
static bool flush(struct talk *t)
{
	struct slice rest = buf_slice(&t->server.out);
	while (rest.len != 0) {
		size_t len = rest.len < AT_ONCE ? rest.len : AT_ONCE;
		if (!await_room(t))
			return false;
		ssize_t done = write(t->out, rest.data, len);
		if (done < 0 && errno == EINTR)
			continue;
		if (done < 0)
			return false;
		rest = slice_cut(rest, (size_t)done, rest.len);
	}
	buf_reset(&t->server.out);
	return true;
}

/* False at the end of the session; *WHOLE: no message was cut off by it. */
static bool listen_once(struct talk *t, bool *whole)
{
	int ready = await_command(t);
	if (ready <= 0) {
		*whole = ready == 0 ? server_timeout(&t->server) : server_stop(&t->server);
		return false;
	}
	ssize_t got = read(t->in, t->piece, PIECE);
	if (got < 0 && (errno == EINTR || errno == EAGAIN))
		return true;
	if (got <= 0) {
		*whole = server_eof(&t->server);
		return false;
	}
	server_feed(&t->server, slice_n(t->piece, (size_t)got));
	return true;
}

static bool converse(struct talk *t)
{
	bool whole = true;
	server_greet(&t->server);
	while (flush(t)) {
		if (t->server.closed)
			return true;
		if (!listen_once(t, &whole)) {
			flush(t);
			return whole;
		}
	}
	return server_eof(&t->server);
}

static void add_name(const struct context *c, struct buf *out)
{
	const char *own = c->config.defaults.hello;
	if (own != NULL)
		buf_add_str(out, own);
	else
		identity_host(out);
}

int smtp_serve(int in, int out, const struct request *r, const struct context *c,
	       const volatile bool *stop)
{
	struct desk desk;
	struct buf name = { 0 };
	struct talk t = { .in = in, .out = out, .stop = stop, .piece = mem_alloc(PIECE) };
	add_name(c, &name);
	const struct server_settings settings = {
		.name = buf_str(&name),
		.max_size = (uint64_t)c->config.defaults.max_size,
		.max_recipients = MAX_RECIPIENTS,
	};
	desk_init(&desk, r, c);
	server_init(&t.server, &settings, &desk.handler);
	bool whole = converse(&t);
	server_release(&t.server);
	desk_release(&desk);
	free(t.piece);
	buf_release(&name);
	return whole ? EX_OK : EX_TEMPFAIL;
}
