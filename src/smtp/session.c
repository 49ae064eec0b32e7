/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/session.h"

#include "base/clock.h"
#include "base/mem.h"
#include "smtp/hints.h"
#include "smtp/login.h"
#include "smtp/transaction.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static void arm(struct session *s, enum command c)
{
	int64_t seconds = s->settings->timeout != 0 ? s->settings->timeout : command_seconds(c);
	stream_set_deadline(s->stream, clock_earlier(clock_in(seconds), s->settings->deadline));
}

static int where(const struct session *s, enum command c, struct status *st)
{
	st->stage = command_stage(c);
	text_fit(st->peer, sizeof st->peer, s->settings->peer);
	return -1;
}

/* What stands before the name of C where its reply is meant: the greeting answers nothing. */
static const char *answer_to(enum command c)
{
	return c == COMMAND_GREETING ? "" : "answer to ";
}

int session_failed(const struct session *s, enum command c, struct status *st)
{
	struct status cause = *st;
	int64_t seconds = s->settings->timeout != 0 ? s->settings->timeout : command_seconds(c);
	if (cause.sys == ETIMEDOUT)
		status_set(st, cause.kind, "no %s%s within %lld s", answer_to(c),
			   command_name(c), (long long)seconds);
	else if (cause.sys == ECONNRESET)
		status_set(st, cause.kind, "%s while waiting for the %s%s", cause.text,
			   answer_to(c), command_name(c));
	else if (cause.kind == STATUS_BROKEN_PEER)
		status_set(st, cause.kind, "%s: %s", command_name(c), cause.text);
	st->sys = cause.sys;
	return where(s, c, st);
}

/* What a refusal means where it stands; 0 as code or class: any. The first row that fits
 * counts. */
static const struct {
	enum stage stage;
	unsigned short code, class;
	enum status_kind kind;
} meanings[] = {
	{ STAGE_STARTTLS, 454, 0, STATUS_TEMPORARY },
	{ STAGE_STARTTLS, 421, 0, STATUS_TEMPORARY },
	{ STAGE_STARTTLS, 0, 4, STATUS_NOT_SECURE },
	{ STAGE_NONE, 0, 4, STATUS_TEMPORARY },
	{ STAGE_STARTTLS, 0, 5, STATUS_NOT_SECURE },
	{ STAGE_GREETING, 0, 5, STATUS_TEMPORARY },
	{ STAGE_EHLO, 0, 5, STATUS_TEMPORARY },
	{ STAGE_AUTH, 0, 5, STATUS_NOT_ALLOWED },
	{ STAGE_RCPT, 550, 0, STATUS_NO_USER },
	{ STAGE_RCPT, 551, 0, STATUS_NO_USER },
	{ STAGE_RCPT, 553, 0, STATUS_NO_USER },
	{ STAGE_NONE, 0, 5, STATUS_REJECTED },
	{ STAGE_DOT, 0, 2, STATUS_OK },
};

static enum status_kind meaning(enum stage stage, const struct reply *r)
{
	for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
		bool fits = (meanings[i].stage == STAGE_NONE || meanings[i].stage == stage) &&
			    (meanings[i].code == 0 || meanings[i].code == r->code) &&
			    (meanings[i].class == 0 || meanings[i].class == reply_class(r));
		if (fits)
			return meanings[i].kind;
	}
	return STATUS_BROKEN_PEER;
}

static int answer(const struct session *s, enum command c, const char *line,
		  enum status_kind kind, struct status *st)
{
	const struct reply *r = &s->reply;
	struct buf shown = { 0 };
	reply_show(r, &shown, sizeof st->text / 2);
	bool unexpected = kind == STATUS_BROKEN_PEER;
	status_set(st, kind, "%s%s%s: %s", unexpected ? "unexpected " : "",
		   unexpected ? answer_to(c) : "", line, buf_str(&shown));
	buf_release(&shown);
	st->code = r->code;
	memcpy(st->enhanced, r->enhanced, sizeof st->enhanced);
	hints_add(r, line, st);
	return where(s, c, st);
}

int session_answer(const struct session *s, enum command c, const char *line, struct status *st)
{
	return answer(s, c, line, meaning(command_stage(c), &s->reply), st);
}

int session_unexpected(const struct session *s, enum command c, struct status *st)
{
	return answer(s, c, command_name(c), STATUS_BROKEN_PEER, st);
}

void session_put(struct session *s, const char *line)
{
	stream_put(s->stream, line, strlen(line));
	stream_put(s->stream, "\r\n", 2);
	tap_line(s->tap, TAP_SENT, slice_of(line));
}

/*
 * A server may say 421 whenever it likes (RFC 5321, 3.8). Anything else that comes unasked
 * could be taken for the answer to what we send next, so the connection is of no more use.
 */
int session_expect_silence(struct session *s, enum command next, struct status *st)
{
	if (!stream_has_input(s->stream))
		return 0;
	stream_set_deadline(s->stream, clock_in(1));
	if (reply_read(&s->reply, s->stream, s->tap, &s->secrets, st) != 0) {
		if (st->sys == ETIMEDOUT)
			status_set(st, STATUS_BROKEN_PEER, "the server spoke out of turn");
		return session_failed(s, next, st);
	}
	if (s->reply.code == 421)
		return session_answer(s, next, "before it was asked", st);
	return answer(s, next, "nothing: the server spoke out of turn", STATUS_BROKEN_PEER, st);
}

int session_flush(struct session *s, enum command c, struct status *st)
{
	arm(s, c);
	return stream_flush(s->stream, st) == 0 ? 0 : session_failed(s, c, st);
}

int session_content(struct session *s, struct slice piece, struct status *st)
{
	arm(s, COMMAND_BDAT);
	if (stream_add(s->stream, piece.data, piece.len, st) == 0)
		return 0;
	return session_failed(s, COMMAND_BDAT, st);
}

int session_receive(struct session *s, enum command c, struct status *st)
{
	arm(s, c);
	if (reply_read(&s->reply, s->stream, s->tap, &s->secrets, st) == 0)
		return 0;
	return session_failed(s, c, st);
}

/* One command and its reply, nothing else in flight. */
static int exchange(struct session *s, enum command c, const char *line, struct status *st)
{
	if (session_expect_silence(s, c, st) != 0)
		return -1;
	session_put(s, line);
	if (session_flush(s, c, st) != 0)
		return -1;
	return session_receive(s, c, st);
}

static int greeting(struct session *s, struct status *st)
{
	if (session_receive(s, COMMAND_GREETING, st) != 0) {
		bool silent = st->kind == STATUS_BROKEN_PEER || st->sys == ETIMEDOUT;
		if (silent && s->settings->tls != SESSION_IMPLICIT)
			status_hint(
				st,
				"no SMTP server, or one that wants tls = implicit (port 465)");
		return -1;
	}
	if (s->reply.code == 220)
		return 0;
	return session_answer(s, COMMAND_GREETING, command_name(COMMAND_GREETING), st);
}

/* The first line names the server; each further one is a keyword. */
static void note_capabilities(struct session *s)
{
	struct slice rest = buf_slice(&s->reply.text), line;
	capabilities_reset(&s->caps);
	slice_next(&rest, '\n', &line);
	while (slice_next(&rest, '\n', &line))
		capabilities_line(&s->caps, line);
}

static int hello(struct session *s, enum command c, const char *verb, struct status *st)
{
	struct buf line = { 0 };
	buf_add_str(&line, verb);
	buf_add_char(&line, ' ');
	buf_add_str(&line, s->settings->hello);
	int result = exchange(s, c, buf_str(&line), st);
	if (result == 0 && s->reply.code != 250)
		result = session_answer(s, c, buf_str(&line), st);
	buf_release(&line);
	return result;
}

static int introduce(struct session *s, struct status *st)
{
	struct status refusal;
	capabilities_reset(&s->caps);
	int result = s->settings->lmtp ? hello(s, COMMAND_LHLO, "LHLO", &refusal)
				       : hello(s, COMMAND_EHLO, "EHLO", &refusal);
	if (result == 0) {
		note_capabilities(s);
		return 0;
	}
	bool unknown = refusal.code == 500 || refusal.code == 502 || refusal.code == 504;
	if (unknown && !s->settings->lmtp)
		return hello(s, COMMAND_HELO, "HELO", st);
	*st = refusal;
	return -1;
}

static void note_tls(const struct session *s)
{
	const struct tls_facts *f = &s->tls;
	tap_note(s->tap,
		 "%s with %s, certificate of '%s' by '%s', %ld days left, verified: %s%s",
		 f->version, f->cipher, f->subject, f->issuer, f->days_left, f->verified,
		 f->resumed ? " (session resumed)" : "");
}

static int shake_hands(struct session *s, struct status *st)
{
	arm(s, COMMAND_STARTTLS);
	if (tls_start(&s->stream, &s->settings->tls_settings, &s->tls, st) != 0) {
		if (st->sys == ETIMEDOUT || st->sys == ECONNRESET)
			return session_failed(s, COMMAND_STARTTLS, st);
		return where(s, COMMAND_STARTTLS, st);
	}
	s->is_protected = true;
	note_tls(s);
	return 0;
}

static int not_offered(struct session *s, struct status *st)
{
	status_set(st, STATUS_NOT_SECURE, "the server does not offer STARTTLS");
	status_hint(
		st, "%s",
		"nothing was sent; try tls = implicit with port 465, or, only on a network you "
		"trust, tls = none");
	return where(s, COMMAND_STARTTLS, st);
}

/* STARTTLS, and a new introduction: what was said in the clear counts for nothing (RFC
 * 3207, 4.2). */
static int upgrade(struct session *s, struct status *st)
{
	bool optional = s->settings->tls == SESSION_OPPORTUNISTIC;
	if (!s->caps.starttls)
		return optional ? 0 : not_offered(s, st);
	if (exchange(s, COMMAND_STARTTLS, "STARTTLS", st) != 0)
		return -1;
	if (s->reply.code == 220)
		return shake_hands(s, st) == 0 ? introduce(s, st) : -1;
	if (optional && reply_class(&s->reply) >= 4 && s->reply.code != 421)
		return 0;
	return session_answer(s, COMMAND_STARTTLS, "STARTTLS", st);
}

static bool upgrades(const struct session *s)
{
	return s->settings->tls == SESSION_STARTTLS ||
	       s->settings->tls == SESSION_OPPORTUNISTIC;
}

static int open_session(struct session *s, struct status *st)
{
	if (s->settings->tls == SESSION_IMPLICIT && shake_hands(s, st) != 0)
		return -1;
	if (greeting(s, st) != 0 || introduce(s, st) != 0)
		return -1;
	if (upgrades(s) && upgrade(s, st) != 0)
		return -1;
	return s->settings->auth != NULL ? session_login(s, st) : 0;
}

int session_open(struct session *s, struct stream *stream,
		 const struct session_settings *settings, const struct tap *tap,
		 struct status *st)
{
	*s = (struct session){ .settings = settings, .stream = stream, .tap = tap };
	return open_session(s, st);
}

void session_quit(struct session *s)
{
	struct status ignored;
	if (s->stream == NULL)
		return;
	if (s->ahead == NULL) {
		session_put(s, "QUIT");
		session_flush(s, COMMAND_QUIT, &ignored);
	}
	session_release(s);
}

void session_release(struct session *s)
{
	transaction_free(s->ahead);
	s->ahead = NULL;
	stream_free(s->stream);
	s->stream = NULL;
	capabilities_release(&s->caps);
	reply_release(&s->reply);
	strings_release_secret(&s->secrets);
}
