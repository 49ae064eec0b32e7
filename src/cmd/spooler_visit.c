/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/spooler_visit.h"

#include "base/clock.h"
#include "base/identity.h"
#include "cmd/outcome.h"
#include "cmd/queue_set.h"
#include "cmd/spooler_box.h"
#include "delivery/handoff.h"
#include "delivery/spool.h"
#include "net/stream_fd.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sysexits.h>
#include <unistd.h>

enum {
	IDLE_SECONDS = 60,       /* a caller has all he sends when he connects */
	TOTAL_SECONDS = 10 * 60, /* for the whole visit, come what may */
	HINT_EVERY = 5 * 1000,   /* ms between queue runs that callers ask for */
	PIECE = 64 * 1024,
};

struct visit {
	struct context *context; /* borrowed */
	uid_t uid;
	bool may_all;          /* sees everybody's messages */
	struct stream *stream; /* owned */
	int64_t deadline;
	int out, err; /* what is printed for him; -1: it could not be had */
	struct spool spool;
	struct handoff_reply reply;
	struct spooler_shared *shared; /* borrowed, or NULL */
};

bool spooler_peer(int fd, uid_t *uid)
{
	struct ucred peer;
	socklen_t len = sizeof peer;
	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &len) != 0)
		return false;
	*uid = peer.uid;
	return true;
}

static void patience(struct visit *v)
{
	stream_set_deadline(v->stream, clock_earlier(clock_in(IDLE_SECONDS), v->deadline));
}

static int read_request(struct visit *v, struct status *st)
{
	struct slice bytes;
	while (!spool_done(&v->spool)) {
		patience(v);
		if (stream_get(v->stream, &bytes, st) != 0)
			return -1;
		if (bytes.len == 0)
			return status_set(st, STATUS_BROKEN_PEER,
					  "the caller left before the end");
		if (spool_feed(&v->spool, bytes, st) != 0)
			return -1;
	}
	return 0;
}

/* ---- what he asks for ---- */

void spooler_log(const struct context *c, const struct spool *s, const struct status *st)
{
	static const struct queue_entry none = { .origin = FROM_SERVICE };
	const struct account *a = s->submission.account;
	struct queue_entry nobody = none;
	nobody.uid = s->uid;
	const struct outcome o = {
		.settings = a != NULL ? a : &c->config.defaults,
		.account = a != NULL ? a->name : NULL,
		.entry = s->submission.request != NULL ? &s->submission.entry : &nobody,
		.failure = st,
		.took = clock_now() - c->transcript.start,
	};
	outcome_log(&o);
}

static int submit(struct visit *v, struct status *st)
{
	if (spool_commit(&v->spool, st) != 0)
		return -1;
	v->reply.st.kind = STATUS_QUEUED;
	v->reply.id = v->spool.submission.entry.id;
	return 0;
}

static void wake_all(const struct queue_set *s)
{
	for (size_t i = 0; i < s->count; i++)
		queue_wake(&s->at[i]);
}

/* A hint, which is not passed on more often than is good for others. */
static int hint(const struct queue_set *s, struct visit *v)
{
	int64_t now = clock_now();
	if (v->shared == NULL || v->may_all || now - v->shared->hinted >= HINT_EVERY) {
		if (v->shared != NULL)
			v->shared->hinted = now;
		wake_all(s);
	}
	return EX_OK;
}

static const struct {
	enum request_mode mode;
	int (*use)(const struct queue_set *s, const struct request *r);
} uses[] = {
	{ MODE_LIST, queue_list },           { MODE_SHOW_MESSAGE, queue_show },
	{ MODE_HOLD, queue_hold },           { MODE_RELEASE, queue_release_held },
	{ MODE_REMOVE, queue_discard_held },
};

static int use_queues(struct visit *v)
{
	struct queue_set s;
	const struct context *c = v->context;
	const struct request *r = &v->spool.request;
	int code = EX_USAGE;
	queue_set_open_of(&s, &c->config, c->home.len != 0 ? buf_str(&c->home) : NULL);
	s.restricted = !v->may_all;
	s.uid = v->uid;
	if (r->mode == MODE_FLUSH) {
		code = queue_can_try(&s, r);
		code = code == EX_OK ? hint(&s, v) : code;
	}
	for (size_t i = 0; i < sizeof uses / sizeof uses[0]; i++) {
		if (uses[i].mode == r->mode)
			code = uses[i].use(&s, r);
	}
	queue_set_release(&s);
	return code;
}

/* The first kind that has this exit code. */
static enum status_kind kind_of(int code)
{
	for (int kind = STATUS_REJECTED; kind < STATUS_KINDS && code != EX_OK; kind++) {
		if (status_exit((enum status_kind)kind) == code)
			return (enum status_kind)kind;
	}
	return code == EX_OK ? STATUS_OK : STATUS_TEMPORARY;
}

/* What was said on standard error, less our name in front: a sentence, and then a hint. */
static void take_words(int fd, struct status *st)
{
	char text[1024];
	ssize_t n = pread(fd, text, sizeof text, 0);
	struct slice rest = slice_n(text, n > 0 ? (size_t)n : 0), line;
	const char name[] = "postrider: ";
	for (int i = 0; i < 2 && slice_next(&rest, '\n', &line) && line.len != 0; i++) {
		if (slice_starts_nocase(line, name))
			line = slice_cut(line, sizeof name - 1, line.len);
		if (i == 0)
			status_set(st, st->kind, "%.*s", (int)line.len, line.data);
		else
			status_hint(st, "%.*s", (int)line.len, line.data);
	}
}

/* The doors print; here that goes into files without a name. */
static int answer_query(struct visit *v, struct status *st)
{
	if (v->out < 0 || v->err < 0 || dup2(v->out, STDOUT_FILENO) < 0 ||
	    dup2(v->err, STDERR_FILENO) < 0)
		return status_sys(st, STATUS_SYSTEM, errno, "cannot keep what is to be said");
	int code = use_queues(v);
	v->reply.st.kind = kind_of(code);
	take_words(v->err, &v->reply.st);
	return 0;
}

/* ---- the answer ---- */

static int pass_on(struct visit *v, struct frames_writer *w)
{
	struct status unheard;
	patience(v);
	stream_put(v->stream, buf_str(&w->out), w->out.len);
	buf_reset(&w->out);
	return stream_flush(v->stream, &unheard);
}

static int send_output(struct visit *v, struct frames_writer *w)
{
	char piece[PIECE];
	off_t at = 0;
	int result = 0;
	ssize_t n = v->out >= 0 ? pread(v->out, piece, sizeof piece, at) : 0;
	while (n > 0 && result == 0) {
		frames_body(w, slice_n(piece, (size_t)n));
		result = pass_on(v, w);
		at += n;
		n = pread(v->out, piece, sizeof piece, at);
	}
	return result;
}

static void reply(struct visit *v)
{
	struct frames_writer w = { 0 };
	frames_begin(&w, VERB_REPLY);
	if (send_output(v, &w) == 0) {
		handoff_encode_reply(&v->reply, &w);
		pass_on(v, &w);
	}
	buf_release(&w.out);
}

static int serve(struct visit *v, struct status *st)
{
	enum sandbox_reach reach;
	if (spooler_box_enter(v->context, &reach, st) != 0 || read_request(v, st) != 0)
		return -1;
	return spool_is_message(&v->spool) ? submit(v, st) : answer_query(v, st);
}

void spooler_visit(struct context *c, int fd, struct spooler_shared *shared)
{
	struct visit v = { .context = c,
			   .shared = shared,
			   .deadline = clock_in(TOTAL_SECONDS) };
	struct buf login = { 0 };
	struct status st = { 0 };
	alarm(TOTAL_SECONDS + IDLE_SECONDS);
	c->transcript.start = clock_now();
	if (!spooler_peer(fd, &v.uid))
		return;
	v.may_all = v.uid == 0 || v.uid == geteuid();
	v.out = memfd_create("out", MFD_CLOEXEC);
	v.err = memfd_create("err", MFD_CLOEXEC);
	v.stream = stream_fd_new(fd);
	identity_login_of(v.uid, &login);
	if (!v.may_all)
		config_keep_for(&c->config, buf_str(&login));
	spool_init(&v.spool, &c->config, c->home.len != 0 ? buf_str(&c->home) : NULL, v.uid,
		   buf_str(&login));
	bool done = serve(&v, &st) == 0;
	if (!done)
		v.reply = (struct handoff_reply){ .st = st };
	reply(&v);
	if (spool_is_message(&v.spool))
		spooler_log(c, &v.spool, done ? NULL : &st);
	if (done && v.reply.st.kind == STATUS_QUEUED)
		spool_let_go(&v.spool);
	spool_release(&v.spool);
	stream_free(v.stream);
	buf_release(&login);
}

void spooler_turn_away(int fd, const char *why)
{
	struct frames_writer w = { 0 };
	struct handoff_reply busy = { 0 };
	status_set(&busy.st, STATUS_TEMPORARY, "%s", why);
	status_hint(&busy.st, "try again later");
	frames_begin(&w, VERB_REPLY);
	handoff_encode_reply(&busy, &w);
	ssize_t unread = send(fd, buf_str(&w.out), w.out.len, MSG_DONTWAIT | MSG_NOSIGNAL);
	(void)unread;
	buf_release(&w.out);
	close(fd);
}
