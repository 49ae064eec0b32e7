/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/session.h"

#include "base/clock.h"

#include "net/certs.h"
#include "net/tls_peer.h"
#include "smtp/dialogue.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define GREETING "S: 220 ready\n"
#define EHLO     GREETING "C: EHLO me.example\n"
#define QUIT     "C: QUIT\n"

/* Sessions that fail, and those that stand and are told to quit. */
static const struct {
	const char *name, *text;
	enum session_tls tls;
	bool lmtp;
	enum status_kind kind; /* STATUS_OK: it stands */
	enum stage stage;
	const char *says; /* in the sentence */
} cases[] = {
	{ "plain", EHLO "S: 250-there\nS: 250 SIZE\n" QUIT, SESSION_PLAIN, false, STATUS_OK, 0,
	  NULL },
	{ "bare", "S: 220\nC: EHLO me.example\nS: 250\n" QUIT, SESSION_PLAIN, false, STATUS_OK,
	  0, NULL },
	{ "in many lines", "S: 220-a\nS: 220-b\nS: 220 c\nC: EHLO me.example\nS: 250 x\n" QUIT,
	  SESSION_PLAIN, false, STATUS_OK, 0, NULL },
	{ "LMTP", GREETING "C: LHLO me.example\nS: 250 x\n" QUIT, SESSION_PLAIN, true,
	  STATUS_OK, 0, NULL },
	{ "old", EHLO "S: 502 what?\nC: HELO me.example\nS: 250 there\n" QUIT, SESSION_PLAIN,
	  false, STATUS_OK, 0, NULL },
	{ "older", EHLO "S: 500 what?\nC: HELO me.example\nS: 250 there\n" QUIT, SESSION_PLAIN,
	  false, STATUS_OK, 0, NULL },
	{ "nothing at all", "", SESSION_PLAIN, false, STATUS_TEMPORARY, STAGE_GREETING,
	  "while waiting for the greeting" },
	{ "half a greeting", "S: 220-one\n", SESSION_PLAIN, false, STATUS_TEMPORARY,
	  STAGE_GREETING, NULL },
	{ "busy", "S: 421 too many\n", SESSION_PLAIN, false, STATUS_TEMPORARY, STAGE_GREETING,
	  "421 too many" },
	{ "unwilling", "S: 554 no\n", SESSION_PLAIN, false, STATUS_TEMPORARY, STAGE_GREETING,
	  "greeting: 554 no" },
	{ "another yes", "S: 250 hi\n", SESSION_PLAIN, false, STATUS_BROKEN_PEER,
	  STAGE_GREETING, "unexpected greeting: 250 hi" },
	{ "no SMTP", "S: HTTP/1.1 400 Bad Request\n", SESSION_PLAIN, false, STATUS_BROKEN_PEER,
	  STAGE_GREETING, "HTTP/1.1 400" },
	{ "EHLO is refused", EHLO "S: 550 go away\n", SESSION_PLAIN, false, STATUS_TEMPORARY,
	  STAGE_EHLO, "EHLO me.example: 550 go away" },
	{ "EHLO is put off", EHLO "S: 450 later\n", SESSION_PLAIN, false, STATUS_TEMPORARY,
	  STAGE_EHLO, NULL },
	{ "no EHLO, no HELO", EHLO "S: 504 what?\nC: HELO me.example\nS: 500 what?\n",
	  SESSION_PLAIN, false, STATUS_TEMPORARY, STAGE_EHLO, "HELO me.example: 500 what?" },
	{ "no LHLO", GREETING "C: LHLO me.example\nS: 500 what?\n", SESSION_PLAIN, true,
	  STATUS_TEMPORARY, STAGE_EHLO, "LHLO me.example: 500" },
	{ "another yes to EHLO", EHLO "S: 220 hi\n", SESSION_PLAIN, false, STATUS_BROKEN_PEER,
	  STAGE_EHLO, NULL },
	{ "two greetings", "S: 220 ready\nS: 220 ready\n", SESSION_PLAIN, false,
	  STATUS_BROKEN_PEER, STAGE_EHLO, "the server spoke out of turn" },
	{ "half a second greeting", "S: 220 ready\nS: 220-\n", SESSION_PLAIN, false,
	  STATUS_TEMPORARY, STAGE_EHLO, NULL },
	{ "bye after the greeting", "S: 220 ready\nS: 421 bye\n", SESSION_PLAIN, false,
	  STATUS_TEMPORARY, STAGE_EHLO, "421 bye" },
	{ "end after the greeting", "S: 220 ready\n", SESSION_PLAIN, false, STATUS_TEMPORARY,
	  STAGE_EHLO, "closed" },
	{ "STARTTLS is not offered", EHLO "S: 250-there\nS: 250 SIZE\n", SESSION_STARTTLS,
	  false, STATUS_NOT_SECURE, STAGE_STARTTLS, "does not offer STARTTLS" },
	{ "STARTTLS from an old server", EHLO "S: 502 what?\nC: HELO me.example\nS: 250 x\n",
	  SESSION_STARTTLS, false, STATUS_NOT_SECURE, STAGE_STARTTLS, NULL },
	{ "STARTTLS later", EHLO "S: 250-there\nS: 250 STARTTLS\nC: STARTTLS\nS: 454 later\n",
	  SESSION_STARTTLS, false, STATUS_TEMPORARY, STAGE_STARTTLS, "STARTTLS: 454 later" },
	{ "STARTTLS and bye", EHLO "S: 250-there\nS: 250 STARTTLS\nC: STARTTLS\nS: 421 bye\n",
	  SESSION_STARTTLS, false, STATUS_TEMPORARY, STAGE_STARTTLS, NULL },
	{ "STARTTLS put off in another way",
	  EHLO "S: 250-there\nS: 250 STARTTLS\nC: STARTTLS\nS: 450 x\n", SESSION_STARTTLS,
	  false, STATUS_NOT_SECURE, STAGE_STARTTLS, NULL },
	{ "STARTTLS refused", EHLO "S: 250-there\nS: 250 STARTTLS\nC: STARTTLS\nS: 502 no\n",
	  SESSION_STARTTLS, false, STATUS_NOT_SECURE, STAGE_STARTTLS, "STARTTLS: 502 no" },
	{ "STARTTLS has another yes",
	  EHLO "S: 250-there\nS: 250 STARTTLS\nC: STARTTLS\nS: 250 ok\n", SESSION_STARTTLS,
	  false, STATUS_BROKEN_PEER, STAGE_STARTTLS, NULL },
	{ "STARTTLS with plain text behind it",
	  EHLO "S: 250-there\nS: 250 STARTTLS\nC: STARTTLS\n"
	       "S: 220 go\nS: 250 injected\n",
	  SESSION_STARTTLS, false, STATUS_BROKEN_PEER, STAGE_STARTTLS, NULL },
	{ "STARTTLS and the end",
	  EHLO "S: 250-there\nS: 250 STARTTLS\nC: STARTTLS\nS: 220 go\nC~ \x16\n",
	  SESSION_STARTTLS, false, STATUS_TEMPORARY, STAGE_STARTTLS, NULL },
	{ "TLS is not needed", EHLO "S: 250 there\n" QUIT, SESSION_OPPORTUNISTIC, false,
	  STATUS_OK, 0, NULL },
	{ "TLS is refused and not needed",
	  EHLO "S: 250-there\nS: 250 STARTTLS\nC: STARTTLS\nS: 454 no\n" QUIT,
	  SESSION_OPPORTUNISTIC, false, STATUS_OK, 0, NULL },
	{ "bye in place of TLS",
	  EHLO "S: 250-there\nS: 250 STARTTLS\nC: STARTTLS\nS: 421 bye\n",
	  SESSION_OPPORTUNISTIC, false, STATUS_TEMPORARY, STAGE_STARTTLS, NULL },
	{ "plain text where TLS should be", "C~ \x16\nS: 220 ready\n", SESSION_IMPLICIT, false,
	  STATUS_NOT_SECURE, STAGE_STARTTLS, NULL },
};

static void servers_are_believed_what_can_be_believed(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct dialogue d = { .text = cases[i].text, .recipients = "" };
		print_message("          %s\n", cases[i].name);
		d.settings.tls = cases[i].tls;
		d.settings.lmtp = cases[i].lmtp;
		d.settings.tls_settings.name = "mx.example";
		d.settings.tls_settings.min_version = 12;
		dialogue_run(&d);
		if (strchr(cases[i].text, '~') == NULL) {
			dialogue_expect_sound(&d);
			dialogue_expect_sent(&d);
		}
		assert_int_equal(d.result, cases[i].kind == STATUS_OK ? 0 : -1);
		if (d.result != 0) {
			assert_string_equal(status_label(d.st.kind),
					    status_label(cases[i].kind));
			assert_int_equal(d.st.stage, cases[i].stage);
			assert_true(cases[i].says == NULL ||
				    strstr(d.st.text, cases[i].says) != NULL);
		}
		dialogue_release(&d);
	}
}

static void silence_has_an_end(void **state)
{
	(void)state;
	for (int greets = 0; greets < 2; greets++) {
		struct script peer = { 0 };
		struct session s;
		struct status st;
		struct session_settings settings = { .peer = "mx.example:25",
						     .hello = "me.example" };
		settings.deadline = clock_now() + 30;
		if (greets)
			script_says(&peer, "220 ready\r\n");
		script_stalls(&peer);
		assert_int_equal(session_open(&s, stream_mem_new(&peer), &settings, NULL, &st),
				 -1);
		assert_int_equal(st.kind, STATUS_TEMPORARY);
		assert_int_equal(st.sys, ETIMEDOUT);
		assert_non_null(
			strstr(st.text, greets ? "no answer to EHLO" : "no greeting within"));
		assert_true(greets == (st.hint[0] == '\0'));
		session_release(&s);
		script_release(&peer);
	}
}

/* The timeout of the settings counts for the whole of a reply, however slowly it comes. */
static void a_trickle_is_no_reply(void **state)
{
	(void)state;
	struct script peer = { .nap_ms = 5 };
	struct session s;
	struct status st;
	struct session_settings settings = { .peer = "mx.example:25",
					     .hello = "me.example",
					     .timeout = 1 };
	settings.deadline = clock_in(20);
	for (int i = 0; i < 1000; i++) {
		script_says(&peer, "2");
		script_delays(&peer);
	}
	assert_int_equal(session_open(&s, stream_mem_new(&peer), &settings, NULL, &st), -1);
	assert_int_equal(st.sys, ETIMEDOUT);
	assert_string_equal(st.text, "no greeting within 1 s");
	session_release(&s);
	script_release(&peer);
}

/*
 * A server that can do STARTTLS: one stream that is a script until "STARTTLS" has its answer,
 * and TLS from there on. Inside it answers what the client said, line by line.
 */
struct upgrade {
	struct script clear;
	struct tls_peer tls;
	struct stream *before, *after;
	size_t answered; /* bytes of tls.got */
	const char *greeting;
};

static bool is_clear(const struct upgrade *u)
{
	return u->before != NULL && !script_is_over(&u->clear);
}

static void answer(struct upgrade *u)
{
	if (!u->tls.done)
		return;
	if (u->greeting != NULL)
		tls_peer_say(&u->tls, u->greeting);
	u->greeting = NULL;
	struct slice line = slice_cut(buf_slice(&u->tls.got), u->answered, u->tls.got.len);
	if (slice_find(line, '\n') == line.len)
		return;
	u->answered += slice_find(line, '\n') + 1;
	tls_peer_say(&u->tls, "250-inside\r\n250-STARTTLS\r\n250 DSN\r\n");
}

static ssize_t both_read(struct stream *s, void *into, size_t room)
{
	struct upgrade *u = s->self;
	if (is_clear(u))
		return u->before->ops->read(u->before, into, room);
	tls_peer_turn(&u->tls);
	answer(u);
	return u->after->ops->read(u->after, into, room);
}

static ssize_t both_write(struct stream *s, const void *from, size_t len)
{
	struct upgrade *u = s->self;
	struct stream *to = is_clear(u) ? u->before : u->after;
	return to->ops->write(to, from, len);
}

static short both_want(const struct stream *s, bool writing)
{
	const struct upgrade *u = s->self;
	return u->after->ops->wants(u->after, writing);
}

static int both_fd(const struct stream *s)
{
	const struct upgrade *u = s->self;
	return u->after->ops->fd(u->after);
}

static void both_close(struct stream *s)
{
	struct upgrade *u = s->self;
	stream_free(u->before);
	stream_free(u->after);
}

static const struct stream_ops both = { both_read, both_write, both_want, both_fd, both_close };

static void hear(void *context, enum tap_kind kind, struct slice text)
{
	struct buf *heard = context;
	if (kind == TAP_NOTE)
		buf_add_slice(heard, text);
}

static struct session_settings tls_settings(enum session_tls how)
{
	struct session_settings settings = { .peer = "mx.example:25",
					     .hello = "me.example",
					     .tls = how };
	settings.deadline = clock_in(20);
	settings.tls_settings.name = "mx.example";
	settings.tls_settings.min_version = 12;
	return settings;
}

static void open_upgraded(struct upgrade *u, enum session_tls how)
{
	struct cert cert = cert_make(&(struct wish){ .cn = "mx.example" }, NULL);
	struct buf heard = { 0 };
	struct tap tap = { hear, &heard };
	struct session s;
	struct status st;
	struct session_settings settings = tls_settings(how);
	tls_peer_init(&u->tls, &cert, 1);
	u->after = tls_peer_stream(&u->tls);
	int result = session_open(&s, stream_new(&both, u, NULL), &settings, &tap, &st);
	if (result != 0)
		fail_msg("%s", st.text);
	assert_true(s.is_protected && s.caps.dsn && !s.caps.pipelining);
	assert_non_null(strstr(buf_str(&heard), "verified: not at all"));
	assert_non_null(strstr(buf_str(&u->tls.got), "EHLO me.example\r\n"));
	session_quit(&s);
	tls_peer_release(&u->tls);
	cert_release(&cert);
	buf_release(&heard);
}

static void what_was_said_before_tls_does_not_hold(void **state)
{
	(void)state;
	struct upgrade u = { 0 };
	script_says(&u.clear, "220 ready\r\n");
	script_awaits(&u.clear, "EHLO me.example\r\n");
	script_says(&u.clear, "250-outside\r\n250-PIPELINING\r\n250 STARTTLS\r\n");
	script_awaits(&u.clear, "STARTTLS\r\n");
	script_says(&u.clear, "220 go\r\n");
	u.before = stream_mem_new(&u.clear);
	open_upgraded(&u, SESSION_STARTTLS);
	assert_string_equal(buf_str(&u.clear.sent), "EHLO me.example\r\nSTARTTLS\r\n");
	script_release(&u.clear);
}

static void tls_may_come_first(void **state)
{
	(void)state;
	struct upgrade u = { .greeting = "220 ready\r\n" };
	open_upgraded(&u, SESSION_IMPLICIT);
}

static void quitting_nothing_is_fine(void **state)
{
	(void)state;
	struct session s = { 0 };
	session_quit(&s);
	session_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(servers_are_believed_what_can_be_believed),
		cmocka_unit_test(silence_has_an_end),
		cmocka_unit_test(a_trickle_is_no_reply),
		cmocka_unit_test(what_was_said_before_tls_does_not_hold),
		cmocka_unit_test(tls_may_come_first),
		cmocka_unit_test(quitting_nothing_is_fine),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
