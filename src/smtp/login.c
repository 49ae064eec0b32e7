/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/login.h"

#include "base/base64.h"
#include "net/tls_binding.h"
#include "smtp/sasl.h"
#include "smtp/session.h"

#include <stdio.h>
#include <string.h>

enum {
	/*
	 * Of a command line with an initial response (RFC 5321, 4.5.3.1.4). RFC 4954 raises the
	 * limit for servers, but not all heed it: Dovecot says "500 Line too long" past 1 KiB,
	 * and Gmail "555 command line too long" (2026).
	 */
	MAX_INITIAL = 512 - 2,
	MAX_REASON = 128, /* of the JSON text by which a token is refused */
	MIN_HIDDEN = 8,   /* characters of base64 that are not in a challenge by chance */
};

struct login {
	struct session *session;
	const struct sasl_mechanism *mechanism;
	struct sasl *sasl;
	const char *binding_type; /* NULL: there is none */
	struct buf binding;
	struct buf reason; /* why the server is about to refuse us, printable */
	struct buf shown;  /* the command, for the transcript and sentences: "AUTH PLAIN" */
};

static int failed(const struct login *l, struct status *st)
{
	st->stage = STAGE_AUTH;
	text_fit(st->peer, sizeof st->peer, l->session->settings->peer);
	return -1;
}

static void encode(struct login *l, const struct buf *response, struct buf *out)
{
	size_t from = out->len;
	base64_encode(out, buf_slice(response));
	strings_add(&l->session->secrets, buf_str(out) + from);
}

/* Send LINE, which may hold a secret: the tap hears SHOWN in its place. Then wait for the
 * reply. */
static int exchange(struct login *l, const char *shown, const struct buf *line,
		    struct status *st)
{
	struct session *s = l->session;
	if (session_expect_silence(s, COMMAND_AUTH, st) != 0)
		return -1;
	stream_put(s->stream, buf_str(line), line->len);
	stream_put(s->stream, "\r\n", 2);
	tap_line(s->tap, TAP_SENT, slice_of(shown));
	if (session_flush(s, COMMAND_AUTH, st) != 0)
		return -1;
	return session_receive(s, COMMAND_AUTH, st);
}

/* "AUTH X", with the initial response behind it if there is one and it fits; if it does not, it
 * is HELD. */
static int initial_response(struct login *l, struct buf *line, struct buf *held,
			    struct status *st)
{
	const struct sasl_mechanism *m = l->mechanism;
	struct buf response = { 0 };
	buf_addf(line, "AUTH %s", m->name);
	buf_addf(&l->shown, "AUTH %s", m->name);
	if (!m->client_first)
		return 0;
	int result = sasl_step(l->sasl, slice_of(""), &response, st);
	if (result == 0) {
		encode(l, &response, held);
		if (held->len == 0)
			buf_add_char(held, '=');
	}
	buf_release_secret(&response);
	if (result == 0 && line->len + 1 + held->len <= MAX_INITIAL) {
		buf_addf(line, " %s", buf_str(held));
		buf_add_str(&l->shown, " " TAP_SECRET);
		buf_reset(held);
	}
	return result;
}

static int begin(struct login *l, struct status *st)
{
	struct buf line = { 0 }, held = { 0 };
	int result = initial_response(l, &line, &held, st);
	if (result == 0)
		result = exchange(l, buf_str(&l->shown), &line, st);
	else
		failed(l, st);
	if (result == 0 && held.len != 0 && l->session->reply.code == 334)
		result = exchange(l, TAP_SECRET, &held, st);
	buf_release_secret(&line);
	buf_release_secret(&held);
	return result;
}

/* Tell the server that this exchange is over (RFC 4954, 4); what it answers changes nothing. */
static int cancel(struct login *l, struct status *st)
{
	struct status ignored;
	struct buf line = { 0 };
	buf_add_char(&line, '*');
	exchange(l, "*", &line, &ignored);
	buf_release(&line);
	return failed(l, st);
}

static int answer(struct login *l, struct status *st)
{
	struct buf challenge = { 0 }, response = { 0 }, line = { 0 };
	struct slice text = slice_trim(buf_slice(&l->session->reply.text));
	int result;
	if (base64_decode(&challenge, text) != 0) {
		status_set(st, STATUS_BROKEN_PEER, "%s: the server's challenge is no base64",
			   buf_str(&l->shown));
		result = cancel(l, st);
	} else if (sasl_step(l->sasl, buf_slice(&challenge), &response, st) != 0) {
		result = cancel(l, st);
	} else {
		if (sasl_refused(l->sasl))
			text_printable(&l->reason, slice_trim(buf_slice(&challenge)),
				       MAX_REASON);
		encode(l, &response, &line);
		result = exchange(l, TAP_SECRET, &line, st);
	}
	buf_release_secret(&challenge);
	buf_release_secret(&response);
	buf_release_secret(&line);
	return result;
}

static int refused(const struct login *l, struct status *st)
{
	session_answer(l->session, COMMAND_AUTH, buf_str(&l->shown), st);
	size_t len = strlen(st->text);
	if (l->reason.len != 0)
		snprintf(st->text + len, sizeof st->text - len, " (%s)", buf_str(&l->reason));
	return -1;
}

static int finish(struct login *l, struct status *st)
{
	if (l->session->reply.code != 235)
		return refused(l, st);
	if (sasl_finished(l->sasl))
		return 0;
	status_set(st, STATUS_BROKEN_PEER,
		   "%s: the server says yes but did not prove who it is", buf_str(&l->shown));
	return failed(l, st);
}

/* It ends: a mechanism answers only as many challenges as it has answers. */
static int converse(struct login *l, struct status *st)
{
	if (begin(l, st) != 0)
		return -1;
	while (l->session->reply.code == 334) {
		if (answer(l, st) != 0)
			return -1;
	}
	return finish(l, st);
}

static int choose(struct login *l, struct status *st)
{
	const struct session *s = l->session;
	if (s->settings->tls == SESSION_OPPORTUNISTIC && !s->is_protected) {
		status_set(st, STATUS_NOT_SECURE, "no TLS, and so no login and no message");
		status_hint(st, "%s", "the server offers no TLS, but user is set: see tls");
		return failed(l, st);
	}
	struct sasl_wish wish = {
		.wanted = s->settings->auth,
		.offers = buf_str(&s->caps.auth),
		.is_protected = s->is_protected,
		.has_token = s->settings->token != NULL,
		.has_binding = l->binding_type != NULL,
	};
	return sasl_choose(&wish, &l->mechanism, st) == 0 ? 0 : failed(l, st);
}

/* The characters of base64 that SECRET alone decides when SHIFT bytes stand before it. */
static void hide_encoded(struct session *s, const char *secret, size_t shift)
{
	struct buf plain = { 0 }, encoded = { 0 };
	for (size_t i = 0; i < shift; i++)
		buf_add_char(&plain, ' ');
	buf_add_str(&plain, secret);
	base64_encode(&encoded, buf_slice(&plain));
	struct slice own =
		slice_cut(buf_slice(&encoded), (shift * 8 + 5) / 6, plain.len * 8 / 6);
	if (own.len >= MIN_HIDDEN)
		strings_add_slice(&s->secrets, own);
	buf_release_secret(&plain);
	buf_release_secret(&encoded);
}

/*
 * A server may say anything: the secret as it is, as LOGIN would send it, or in the middle of a
 * challenge, which then is no base64 any more.
 */
static void hide(struct session *s, const char *secret)
{
	struct buf encoded = { 0 };
	if (secret == NULL)
		return;
	strings_add(&s->secrets, secret);
	for (size_t shift = 0; shift < 3; shift++)
		hide_encoded(s, secret, shift);
	base64_encode(&encoded, slice_of(secret));
	strings_add(&s->secrets, buf_str(&encoded));
	buf_release_secret(&encoded);
}

/* Who names SCRAM without -PLUS wants no channel binding, and so the server is not told of one.
 */
static struct sasl *start(const struct login *l)
{
	const struct session_settings *o = l->session->settings;
	bool binds = l->mechanism->binds || ascii_same_nocase(o->auth, "auto");
	struct sasl_credentials credentials = {
		.user = o->user,
		.password = o->password,
		.token = o->token,
		.host = o->host,
		.port = o->port,
		.binding_type = binds ? l->binding_type : NULL,
		.binding = buf_slice(&l->binding),
	};
	return sasl_new(l->mechanism, &credentials);
}

static int log_in(struct login *l, struct status *st)
{
	struct session *s = l->session;
	if (s->is_protected)
		l->binding_type = tls_binding(s->stream, &l->binding);
	if (choose(l, st) != 0)
		return -1;
	hide(s, s->settings->password);
	hide(s, s->settings->token);
	l->sasl = start(l);
	if (converse(l, st) != 0)
		return -1;
	s->mechanism = l->mechanism->name;
	tap_note(s->tap, "logged in as %s with %s", s->settings->user, s->mechanism);
	return 0;
}

int session_login(struct session *s, struct status *st)
{
	struct login l = { .session = s };
	int result = log_in(&l, st);
	sasl_free(l.sasl);
	buf_release_secret(&l.binding);
	buf_release(&l.reason);
	buf_release(&l.shown);
	return result;
}
