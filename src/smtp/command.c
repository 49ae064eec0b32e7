/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/command.h"

#include "base/number.h"

#include <inttypes.h>

enum { DECIMAL = 10 };

static const struct {
	const char *name;
	enum stage stage;
	int seconds;
} commands[] = {
	[COMMAND_GREETING] = { "greeting", STAGE_GREETING, 300 },
	[COMMAND_EHLO] = { "EHLO", STAGE_EHLO, 300 },
	[COMMAND_HELO] = { "HELO", STAGE_EHLO, 300 },
	[COMMAND_LHLO] = { "LHLO", STAGE_EHLO, 300 },
	[COMMAND_STARTTLS] = { "STARTTLS", STAGE_STARTTLS, 300 },
	[COMMAND_AUTH] = { "AUTH", STAGE_AUTH, 300 },
	[COMMAND_MAIL] = { "MAIL", STAGE_MAIL, 300 },
	[COMMAND_RCPT] = { "RCPT", STAGE_RCPT, 300 },
	[COMMAND_DATA] = { "DATA", STAGE_DATA, 120 },
	[COMMAND_BDAT] = { "BDAT", STAGE_DATA, 180 },
	[COMMAND_DOT] = { "the end of the message", STAGE_DOT, 600 },
	[COMMAND_RSET] = { "RSET", STAGE_QUIT, 20 },
	[COMMAND_QUIT] = { "QUIT", STAGE_QUIT, 5 },
};

enum stage command_stage(enum command c)
{
	return commands[c].stage;
}

int64_t command_seconds(enum command c)
{
	return commands[c].seconds;
}

const char *command_name(enum command c)
{
	return commands[c].name;
}

void command_xtext(struct buf *out, const char *text)
{
	for (; *text != '\0'; text++) {
		unsigned char c = (unsigned char)*text;
		if (c > 32 && c < 127 && c != '+' && c != '=')
			buf_add_char(out, *text);
		else
			buf_addf(out, "+%02X", c);
	}
}

/* That the server takes them is known before: see fit.h. */
static void wish_parameters(struct buf *out, const struct wishes *w)
{
	if (w->require_tls)
		buf_add_str(out, " REQUIRETLS");
	if (w->hold_for != 0)
		buf_addf(out, " HOLDFOR=%" PRId64, w->hold_for);
	if (w->deliver_by != 0)
		buf_addf(out, " BY=%" PRId64 ";R", w->deliver_by);
	if (w->priority != 0)
		buf_addf(out, " MT-PRIORITY=%" PRId64, w->priority);
}

void command_mail(struct buf *out, const struct envelope *e, const struct message *m,
		  const struct capabilities *caps)
{
	buf_add_str(out, "MAIL FROM:<");
	buf_add_str(out, e->sender);
	buf_add_char(out, '>');
	if (caps->size) {
		buf_add_str(out, " SIZE=");
		number_add(out, DECIMAL, 1, m->facts.size);
	}
	if (caps->eightbitmime && m->facts.eight_bit)
		buf_add_str(out, " BODY=8BITMIME");
	if (m->smtputf8)
		buf_add_str(out, " SMTPUTF8");
	if (caps->dsn && e->ret != NULL)
		buf_addf(out, " RET=%s", e->ret);
	if (caps->dsn && e->envid != NULL) {
		buf_add_str(out, " ENVID=");
		command_xtext(out, e->envid);
	}
	wish_parameters(out, &e->wishes);
}

static void notify_words(struct buf *out, unsigned notify)
{
	static const struct {
		unsigned bit;
		const char *word;
	} words[] = {
		{ NOTIFY_NEVER, "NEVER" },
		{ NOTIFY_SUCCESS, "SUCCESS" },
		{ NOTIFY_FAILURE, "FAILURE" },
		{ NOTIFY_DELAY, "DELAY" },
	};
	const char *separator = " NOTIFY=";
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if ((notify & words[i].bit) == 0)
			continue;
		buf_addf(out, "%s%s", separator, words[i].word);
		separator = ",";
	}
}

void command_rcpt(struct buf *out, const struct envelope *e, const struct recipient *r,
		  const struct capabilities *caps)
{
	buf_add_str(out, "RCPT TO:<");
	buf_add_str(out, r->address);
	buf_add_char(out, '>');
	if (!caps->dsn || e->notify == NOTIFY_DEFAULT)
		return;
	notify_words(out, e->notify);
	buf_add_str(out, " ORCPT=rfc822;");
	command_xtext(out, r->address);
}
