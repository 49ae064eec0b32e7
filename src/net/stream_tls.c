/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/stream_tls.h"

#include "base/mem.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	/* GnuTLS reads each record in two pieces: from here, a flight costs one read(2). */
	AHEAD = 16 * 1024 + 512,
	/* Messages in a row that carry no data: tickets, key updates, warnings. */
	QUIET_LIMIT = 64,
};

struct link {
	gnutls_session_t session;
	gnutls_certificate_credentials_t credentials;
	bool blocked; /* the stream below had us wait during the present call of GnuTLS */
	bool ended;   /* the stream below has come to its end */
	int errnum;   /* of the stream below's last failure */
	struct ticket ticket;
	char first[3]; /* the first bytes that came */
	size_t seen;   /* how many of them came */
	size_t from;   /* bytes read ahead, not yet asked for by GnuTLS, are ahead[from..to) */
	size_t to;
	char ahead[AHEAD];
};

/* Keep what GnuTLS would translate into a number of its own; it reads errno after this. */
static ssize_t moved(struct link *l, ssize_t n)
{
	if (n < 0) {
		l->blocked = errno == EAGAIN;
		l->errnum = errno;
	}
	return n;
}

static ssize_t pull(gnutls_transport_ptr_t context, void *into, size_t room)
{
	struct stream *s = context;
	struct link *l = s->self;
	if (l->from == l->to) {
		ssize_t n = moved(l, stream_raw_read(s->below, l->ahead, sizeof l->ahead));
		l->ended = n == 0;
		if (n <= 0)
			return n;
		l->from = 0;
		l->to = (size_t)n;
		for (size_t i = 0; i < l->to && l->seen < sizeof l->first; i++)
			l->first[l->seen++] = l->ahead[i];
	}
	size_t len = l->to - l->from < room ? l->to - l->from : room;
	memcpy(into, l->ahead + l->from, len);
	l->from += len;
	return (ssize_t)len;
}

/* A handshake's flight comes in pieces, and leaves with one write. */
static ssize_t push(gnutls_transport_ptr_t context, const giovec_t *parts, int count)
{
	struct stream *s = context;
	struct link *l = s->self;
	if (count == 1)
		return moved(l, stream_raw_write(s->below, parts->iov_base, parts->iov_len));
	struct buf flight = { 0 };
	for (int i = 0; i < count; i++)
		buf_add(&flight, parts[i].iov_base, parts[i].iov_len);
	ssize_t n = moved(l, stream_raw_write(s->below, flight.data, flight.len));
	int errnum = errno;
	buf_release(&flight);
	errno = errnum;
	return n;
}

/* An end in the middle of a record is one more way to cut a connection, not a faulty record. */
static int cause(const struct link *l, int code)
{
	return l->ended ? GNUTLS_E_PREMATURE_TERMINATION : code;
}

/* What broke the session, in words. */
static void tell(struct stream *s, int code)
{
	struct status *st = &s->trouble;
	const struct link *l = s->self;
	switch (code) {
	case GNUTLS_E_FATAL_ALERT_RECEIVED:
		status_set(st, STATUS_TEMPORARY, "the server ended TLS with the alert '%s'",
			   gnutls.alert_get_name(gnutls.alert_get(l->session)));
		break;
	case GNUTLS_E_PREMATURE_TERMINATION:
		status_set(st, STATUS_TEMPORARY, "the TLS connection was cut");
		break;
	case GNUTLS_E_REHANDSHAKE:
		status_set(st, STATUS_TEMPORARY,
			   "the server wants to renegotiate TLS, which is refused");
		break;
	default:
		status_set(st, STATUS_TEMPORARY, "TLS failed: %s", gnutls.strerror(code));
		break;
	}
	st->sys = ECONNRESET;
}

/* After this no call of GnuTLS is made for data, and its cause stands. */
static ssize_t gone(void)
{
	errno = ECONNRESET;
	return -1;
}

/* The session is beyond repair: leave words for it, and errno. */
static ssize_t broken(struct stream *s, int code)
{
	const struct link *l = s->self;
	if (code != GNUTLS_E_PULL_ERROR && code != GNUTLS_E_PUSH_ERROR) {
		tell(s, cause(l, code));
		return gone();
	}
	s->trouble = s->below->trouble;
	errno = l->errnum;
	return -1;
}

static bool ends_session(ssize_t code)
{
	return code == GNUTLS_E_REHANDSHAKE || gnutls.error_is_fatal((int)code);
}

/*
 * GnuTLS says "again" also for a message without data. What follows such a message may already
 * be here, where poll does not see it, so only the stream below decides that there is something
 * to wait for.
 */
static ssize_t tls_read(struct stream *s, void *into, size_t room)
{
	struct link *l = s->self;
	if (s->trouble.kind != STATUS_OK)
		return gone();
	for (int quiet = 0; quiet < QUIET_LIMIT; quiet++) {
		l->blocked = false;
		ssize_t n = gnutls.record_recv(l->session, into, room);
		if (n >= 0)
			return n;
		if (ends_session(n))
			return broken(s, (int)n);
		if (l->blocked) {
			errno = EAGAIN;
			return -1;
		}
	}
	return broken(s, GNUTLS_E_TOO_MANY_EMPTY_PACKETS);
}

static ssize_t tls_write(struct stream *s, const void *from, size_t len)
{
	struct link *l = s->self;
	if (s->trouble.kind != STATUS_OK)
		return gone();
	ssize_t n = gnutls.record_send(l->session, from, len);
	if (n >= 0)
		return n;
	if (ends_session(n))
		return broken(s, (int)n);
	errno = EAGAIN;
	return -1;
}

static short tls_wants(const struct stream *s, bool writing)
{
	const struct link *l = s->self;
	(void)writing; /* either may need the other */
	return s->below->ops->wants(s->below, gnutls.record_get_direction(l->session) != 0);
}

static int tls_fd(const struct stream *s)
{
	return s->below->ops->fd(s->below);
}

static void tls_close(struct stream *s)
{
	struct link *l = s->self;
	if (s->below != NULL)
		gnutls.bye(l->session, GNUTLS_SHUT_WR);
	ticket_keep(&l->ticket, l->session);
	gnutls.deinit(l->session);
	gnutls.certificate_free_credentials(l->credentials);
	free(l);
}

static const struct stream_ops tls_ops = {
	.read = tls_read,
	.write = tls_write,
	.wants = tls_wants,
	.fd = tls_fd,
	.close = tls_close,
};

struct stream *stream_tls_new(gnutls_session_t session,
			      gnutls_certificate_credentials_t credentials,
			      struct stream *below)
{
	struct link *l = mem_zero(1, sizeof *l);
	struct stream *s = stream_new(&tls_ops, l, below);
	s->deadline = below->deadline;
	l->session = session;
	l->credentials = credentials;
	gnutls.transport_set_ptr(session, s);
	gnutls.transport_set_pull_function(session, pull);
	gnutls.transport_set_vec_push_function(session, push);
	return s;
}

int stream_tls_handshake(struct stream *s, int *code, struct status *st)
{
	struct link *l = s->self;
	for (int quiet = 0; quiet < QUIET_LIMIT;) {
		l->blocked = false;
		*code = gnutls.handshake(l->session);
		if (*code == GNUTLS_E_SUCCESS)
			return 0;
		if (gnutls.error_is_fatal(*code)) {
			*code = cause(l, *code);
			return -1;
		}
		if (!l->blocked) {
			quiet++;
		} else if (stream_wait(s, false, st) != 0) {
			*code = GNUTLS_E_SUCCESS;
			return -1;
		}
	}
	return -1;
}

struct slice stream_tls_first(const struct stream *s)
{
	const struct link *l = s->self;
	return slice_n(l->first, l->seen);
}

int stream_tls_errno(const struct stream *s)
{
	const struct link *l = s->self;
	return l->errnum;
}

void stream_tls_set_ticket(struct stream *s, const struct ticket *t)
{
	struct link *l = s->self;
	l->ticket = *t;
}

gnutls_session_t stream_tls_session(const struct stream *s)
{
	const struct link *l = s->self;
	return l->session;
}

struct stream *stream_tls_abandon(struct stream *s)
{
	struct stream *below = s->below;
	s->below = NULL;
	stream_free(s);
	return below;
}
