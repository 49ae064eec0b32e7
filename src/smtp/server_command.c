/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/server_command.h"

#include "base/utf8.h"
#include "smtp/server_path.h"
#include "smtp/server_reply.h"

#include <inttypes.h>

enum { MAX_HELLO = 255 };

enum verb_flags {
	TAKES_NOTHING = 1 << 0,    /* no argument */
	NEEDS_SOMETHING = 1 << 1,  /* an argument */
	HAS_PATH = 1 << 2,         /* long lines, and letters of all scripts */
	ENDS_TRANSACTION = 1 << 3, /* also when it is refused for its form */
	ENDS_SESSION = 1 << 4,
};

struct answer {
	unsigned code;
	const char *enhanced;
	const char *text;
};

struct verb {
	const char *name;
	unsigned flags;
	/* 0 once it put its reply into s->out, -1 with a refusal (server_refuse) in ST. */
	int (*run)(struct server *s, struct slice argument, struct status *st);
	const struct answer *answer; /* static: the reply, where there is nothing to run */
};

void server_forget(struct server *s)
{
	bool any = s->in_transaction;
	s->in_transaction = false;
	s->recipients = 0;
	if (any)
		s->handler->reset(s->handler->context);
}

void server_give_up(struct server *s, const char *enhanced, const char *text)
{
	server_forget(s);
	server_reply(&s->out, 421, enhanced, slice_of(text));
	s->closed = true;
}

static void say(struct server *s, unsigned code, const char *enhanced, const char *text)
{
	server_reply(&s->out, code, enhanced, slice_of(text));
}

static void greet_back(struct server *s, struct slice argument, bool extended)
{
	server_forget(s);
	buf_reset(&s->hello);
	text_printable(&s->hello, argument, MAX_HELLO);
	s->extended = extended;
}

static int run_helo(struct server *s, struct slice argument, struct status *st)
{
	(void)st;
	greet_back(s, argument, false);
	say(s, 250, NULL, s->settings->name);
	return 0;
}

static int run_ehlo(struct server *s, struct slice argument, struct status *st)
{
	(void)st;
	struct buf text = { 0 };
	greet_back(s, argument, true);
	buf_addf(&text, "%s\nPIPELINING\nSIZE", s->settings->name);
	if (s->settings->max_size != 0)
		buf_addf(&text, " %" PRIu64, s->settings->max_size);
	buf_addf(&text, "\n8BITMIME\nSMTPUTF8\nENHANCEDSTATUSCODES%s",
		 s->settings->dsn ? "\nDSN" : "");
	server_reply(&s->out, 250, NULL, buf_slice(&text));
	buf_release(&text);
	return 0;
}

/* Say OK, or what the handler said: an address that it cannot use is 553, not 554. */
static void say_result(struct server *s, int result, const char *enhanced,
		       enum server_path_detail detail, const struct status *st)
{
	if (result == 0) {
		say(s, 250, enhanced, "Ok");
		return;
	}
	struct status told = *st;
	bool address = st->kind == STATUS_BAD_MESSAGE || st->kind == STATUS_BAD_USAGE;
	if (address && st->code == 0 && st->enhanced[0] == 0)
		server_refuse(&told, 553, 1, detail, "%s", st->text);
	server_reply_status(&s->out, &told);
}

static int open_transaction(struct server *s, const struct server_mail *m)
{
	struct status st;
	int result = s->handler->mail(s->handler->context, m, &st);
	s->in_transaction = result == 0;
	s->smtputf8 = result == 0 && m->smtputf8;
	say_result(s, result, "2.1.0", DETAIL_MAIL, &st);
	return 0;
}

static int run_mail(struct server *s, struct slice argument, struct status *st)
{
	struct server_mail m = { 0 };
	uint64_t limit = s->settings->max_size;
	int result = server_mail_read(&m, argument, s->settings->dsn, st);
	if (result == 0 && limit != 0 && m.size > limit)
		result = server_refuse(st, 552, 3, 4, "the message is larger than %" PRIu64,
				       limit);
	else if (result == 0)
		result = open_transaction(s, &m);
	server_mail_release(&m);
	return result;
}

static int add_recipient(struct server *s, const struct server_rcpt *r)
{
	struct status st;
	int result = s->handler->rcpt(s->handler->context, r, &st);
	s->recipients += result == 0 ? 1 : 0;
	say_result(s, result, "2.1.5", DETAIL_RCPT, &st);
	return 0;
}

static int run_rcpt(struct server *s, struct slice argument, struct status *st)
{
	if (!s->in_transaction)
		return server_refuse(st, 503, 5, 1, "MAIL comes before RCPT");
	struct server_rcpt r = { 0 };
	size_t limit = s->settings->max_recipients;
	int result = server_rcpt_read(&r, argument, s->settings->dsn, s->smtputf8, st);
	if (result == 0 && limit != 0 && s->recipients >= limit)
		result = server_refuse(st, 452, 5, 3, "a message may have %zu recipients",
				       limit);
	else if (result == 0)
		result = add_recipient(s, &r);
	server_rcpt_release(&r);
	return result;
}

static int run_data(struct server *s, struct slice argument, struct status *st)
{
	(void)argument;
	struct status why;
	if (!s->in_transaction)
		return server_refuse(st, 503, 5, 1, "MAIL comes before DATA");
	if (s->recipients == 0)
		return server_refuse(st, 554, 5, 1, "there are no valid recipients");
	if (s->handler->begin(s->handler->context, &why) != 0) {
		server_reply_status(&s->out, &why);
		return 0;
	}
	say(s, 354, NULL, "End with a dot on a line by itself");
	s->in_data = true;
	s->size = 0;
	s->refused = false;
	server_data_start(&s->data, s->bare_lf);
	return 0;
}

static int run_rset(struct server *s, struct slice argument, struct status *st)
{
	(void)argument;
	(void)st;
	server_forget(s);
	say(s, 250, "2.0.0", "Ok");
	return 0;
}

static int run_quit(struct server *s, struct slice argument, struct status *st)
{
	(void)argument;
	(void)st;
	server_forget(s);
	say(s, 221, "2.0.0", "Bye");
	s->closed = true;
	return 0;
}

static int run_unknown(struct server *s, struct slice argument, struct status *st)
{
	(void)s;
	(void)argument;
	return server_refuse(st, 500, 5, 2, "the command is not known");
}

static const struct answer fine = { 250, "2.0.0", "Ok" };
static const struct answer help = { 214, "2.0.0",
				    "EHLO HELO MAIL RCPT DATA RSET NOOP QUIT VRFY HELP" };
/* RFC 5321, 3.5.3 */
static const struct answer perhaps = { 252, "2.5.0", "Send some mail, I'll try my best" };
static const struct answer not_here = { 502, "5.5.1", "The command is not implemented" };

static const struct verb verbs[] = {
	{ "HELO", NEEDS_SOMETHING, run_helo, NULL },
	{ "EHLO", NEEDS_SOMETHING, run_ehlo, NULL },
	{ "MAIL", NEEDS_SOMETHING | HAS_PATH | ENDS_TRANSACTION, run_mail, NULL },
	{ "RCPT", NEEDS_SOMETHING | HAS_PATH, run_rcpt, NULL },
	{ "DATA", TAKES_NOTHING, run_data, NULL },
	{ "RSET", TAKES_NOTHING, run_rset, NULL },
	{ "NOOP", 0, NULL, &fine },
	{ "QUIT", TAKES_NOTHING, run_quit, NULL },
	{ "VRFY", NEEDS_SOMETHING, NULL, &perhaps },
	{ "HELP", 0, NULL, &help },
	{ "ATRN", 0, NULL, &not_here },
	{ "AUTH", 0, NULL, &not_here },
	{ "BDAT", 0, NULL, &not_here },
	{ "BURL", 0, NULL, &not_here },
	{ "ETRN", 0, NULL, &not_here },
	{ "EXPN", 0, NULL, &not_here },
	{ "LHLO", 0, NULL, &not_here },
	{ "ONEX", 0, NULL, &not_here },
	{ "SAML", 0, NULL, &not_here },
	{ "SEND", 0, NULL, &not_here },
	{ "SOML", 0, NULL, &not_here },
	{ "STARTTLS", 0, NULL, &not_here },
	{ "TURN", 0, NULL, &not_here },
	{ "VERB", 0, NULL, &not_here },
	{ "XCLIENT", 0, NULL, &not_here },
	{ "XFORWARD", 0, NULL, &not_here },
	{ "CONNECT", ENDS_SESSION, NULL, NULL },
	{ "DELETE", ENDS_SESSION, NULL, NULL },
	{ "GET", ENDS_SESSION, NULL, NULL },
	{ "HEAD", ENDS_SESSION, NULL, NULL },
	{ "OPTIONS", ENDS_SESSION, NULL, NULL },
	{ "PATCH", ENDS_SESSION, NULL, NULL },
	{ "POST", ENDS_SESSION, NULL, NULL },
	{ "PUT", ENDS_SESSION, NULL, NULL },
};

static const struct verb unknown = { "", 0, run_unknown, NULL };

/* Take the verb off the front of LINE. */
static const struct verb *take_verb(struct slice *line)
{
	size_t end = 0;
	while (end < line->len && line->data[end] != ' ' && line->data[end] != '\t')
		end++;
	struct slice word = slice_cut(*line, 0, end);
	*line = slice_trim(slice_cut(*line, end, line->len));
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
		if (slice_is_nocase(word, verbs[i].name))
			return &verbs[i];
	}
	return &unknown;
}

static bool any_control_but_tab(struct slice line)
{
	for (size_t i = 0; i < line.len; i++) {
		unsigned char c = (unsigned char)line.data[i];
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return true;
	}
	return false;
}

/* What is wrong with LINE, whichever command it is. */
static int check_line(const struct verb *verb, struct slice line, size_t len, struct status *st)
{
	bool path = (verb->flags & HAS_PATH) != 0;
	if (len > (path ? SERVER_MAX_LINE : SERVER_LINE))
		return server_refuse(st, 500, 5, 2, "the command is too long");
	if (any_control_but_tab(line))
		return server_refuse(st, 501, 5, 2, "a control character in a command");
	if (!path && !ascii_only(line))
		return server_refuse(st, 501, 5, 2, "a byte over 127 in a command");
	return 0;
}

static int check_argument(const struct verb *verb, struct slice argument, struct status *st)
{
	if ((verb->flags & NEEDS_SOMETHING) != 0 && argument.len == 0)
		return server_refuse(st, 501, 5, 4, "%s needs an argument", verb->name);
	if ((verb->flags & TAKES_NOTHING) != 0 && argument.len != 0)
		return server_refuse(st, 501, 5, 4, "%s takes no argument", verb->name);
	return 0;
}

static int run(struct server *s, const struct verb *verb, struct slice argument,
	       struct status *st)
{
	const struct answer *a = verb->answer;
	if (a == NULL)
		return verb->run(s, argument, st);
	say(s, a->code, a->enhanced, a->text);
	return 0;
}

/* Did the client say what makes no sense? An address that is refused does, and what is not
 * implemented makes sense elsewhere. */
static bool is_bad(unsigned code)
{
	return code == 500 || code == 501 || code == 503 || code == 504 || code == 555;
}

/*
 * A MAIL ends the transaction before all else, however it goes on: the recipients that follow
 * in the same flight are not for the message of another sender.
 *
 * A web page can make a browser send a form to any port, and in its lines are commands; so the
 * first line of that ends the session, however long it is.
 */
void server_command(struct server *s, struct slice line, size_t len)
{
	struct status st;
	struct slice argument = slice_trim(line);
	const struct verb *verb = take_verb(&argument);
	if ((verb->flags & ENDS_SESSION) != 0) {
		server_give_up(s, "4.7.0", "This is no web server");
		return;
	}
	if ((verb->flags & ENDS_TRANSACTION) != 0)
		server_forget(s);
	if (check_line(verb, line, len, &st) == 0 && check_argument(verb, argument, &st) == 0 &&
	    run(s, verb, argument, &st) == 0)
		return;
	if (is_bad(st.code) && ++s->bad == SERVER_MAX_BAD)
		server_give_up(s, "4.7.0", "Too many bad commands");
	else
		server_reply_status(&s->out, &st);
}
