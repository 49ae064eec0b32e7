/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/hints.h"

#include <string.h>

#define GOOGLE_PASSWORD                                                                        \
	"Google takes no account password here: make an app password at "                      \
	"myaccount.google.com/apppasswords, or use oauth or token-command"
#define MICROSOFT_TOKEN "Microsoft takes no password here: use oauth, or token-command"
#define OWN_SENDER                                                                             \
	"the server lets this user send from his own addresses alone: see from, and -f"

/*
 * The first row that fits counts: what servers are known to say (2026), and at the end what a
 * code means whoever says it. No code: any from 400. The words stand in one line of the reply,
 * in any case.
 */
static const struct row {
	unsigned short code;
	const char *command; /* in the line that was refused; NULL: any */
	const char *words;   /* in the reply; NULL: any */
	const char *hint;
} rows[] = {
	{ 0, "AUTH", "too many login attempts",
	  "wait, for hours if need be: each login until then makes it longer" },
	{ 0, "AUTH", "web browser",
	  "log in to the account with a web browser once, and try again; or make an app "
	  "password" },
	{ 0, "AUTH", "smtpclientauthentication is disabled",
	  "an administrator of Microsoft 365 has to turn on Authenticated SMTP, for the "
	  "mailbox "
	  "or for the tenant: aka.ms/smtp_auth_disabled" },
	{ 0, "AUTH", "did not meet the criteria",
	  "a policy of the organisation (Conditional Access) forbids this login: ask its "
	  "administrator" },
	{ 535, "OAUTH", NULL,
	  "token-command has to print a token that has not expired, belongs to user, and is "
	  "for "
	  "sending mail; with oauth, log in again" },
	{ 0, "AUTH", "basic authentication is", MICROSOFT_TOKEN },
	{ 0, "AUTH", "security defaults", MICROSOFT_TOKEN },
	{ 0, "AUTH", "username and password not accepted", GOOGLE_PASSWORD },
	{ 0, "AUTH", "application-specific password required", GOOGLE_PASSWORD },
	{ 0, NULL, "client not authenticated",
	  "the server wants a login: set user and a password or token-command" },
	{ 0, NULL, "sendasdenied", OWN_SENDER },
	{ 0, NULL, "permissions to send as this sender", OWN_SENDER },
	{ 0, NULL, "not owned by user", OWN_SENDER },
	{ 0, "RCPT", "relay",
	  "the server passes mail on for those it knows: set user and a password, or use the "
	  "server of your provider" },
	{ 535, "-PLUS", NULL,
	  "check user and password; if they are right, auth = scram-sha-256 does without "
	  "channel "
	  "binding" },
	{ 504, NULL, NULL,
	  "the server does not know this mechanism: name another one with the key auth" },
	{ 530, NULL, NULL,
	  "the server wants a login, or TLS before it: set user and a password, and see tls" },
	{ 534, NULL, NULL,
	  "the server wants another mechanism, or an app password made for this program" },
	{ 535, NULL, NULL,
	  "check user and password; with two-factor login, use an app password" },
	{ 538, NULL, NULL,
	  "the server wants TLS before the login: set tls = starttls or implicit" },
};

static bool has_words(struct slice text, const char *words)
{
	for (size_t at = 0; at < text.len; at++) {
		if (slice_starts_nocase(slice_cut(text, at, text.len), words))
			return true;
	}
	return false;
}

static bool fits(const struct row *row, const struct reply *r, const char *line)
{
	return (row->code == 0 ? r->code >= 400 : r->code == row->code) &&
	       (row->command == NULL || strstr(line, row->command) != NULL) &&
	       (row->words == NULL || has_words(buf_slice(&r->text), row->words));
}

void hints_add(const struct reply *r, const char *line, struct status *st)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (fits(&rows[i], r, line)) {
			status_hint(st, "%s", rows[i].hint);
			return;
		}
	}
}
