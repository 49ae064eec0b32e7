/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/hints.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *line;
	const char *reply[3];
	const char *hint; /* a part of it; NULL: there is none */
} cases[] = {
	{ "AUTH PLAIN ********",
	  { "535-5.7.8 Username and Password not accepted. For more information, go to",
	    "535 5.7.8  https://support.google.com/mail/?p=BadCredentials" },
	  "apppasswords" },
	{ "AUTH XOAUTH2 ********",
	  { "535-5.7.8 Username and Password not accepted. For more information, go to",
	    "535 5.7.8  https://support.google.com/mail/?p=BadCredentials" },
	  "token-command has to" },
	{ "AUTH LOGIN",
	  { "534-5.7.14 <https://accounts.google.com/signin/continue> Please log in with",
	    "534-5.7.14 your web browser and then try again.", "534 5.7.14 Learn more" },
	  "web browser once" },
	{ "AUTH LOGIN",
	  { "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for "
	    "the Mailbox." },
	  "smtp_auth_disabled" },
	{ "AUTH XOAUTH2 ********",
	  { "535 5.7.139 Authentication unsuccessful, SmtpClientAuthentication is disabled for "
	    "the Tenant." },
	  "smtp_auth_disabled" },
	{ "AUTH LOGIN",
	  { "535 5.7.139 Authentication unsuccessful, basic authentication is disabled." },
	  "token-command" },
	{ "AUTH LOGIN",
	  { "535 5.7.139 Authentication unsuccessful, user is locked by your organization's "
	    "security defaults policy." },
	  "token-command" },
	{ "AUTH LOGIN",
	  { "454 4.7.0 Too many login attempts, please try again later." },
	  "wait" },
	{ "AUTH LOGIN",
	  { "535 5.7.3 Authentication unsuccessful" },
	  "check user and password" },
	{ "AUTH SCRAM-SHA-256-PLUS ********", { "535 no" }, "does without channel binding" },
	{ "AUTH SCRAM-SHA-256 ********", { "535 no" }, "check user and password" },
	{ "AUTH OAUTHBEARER", { "535 no" }, "token-command has to" },
	{ "MAIL FROM:<a@b>",
	  { "530 5.7.57 Client not authenticated to send mail." },
	  "set user" },
	{ "MAIL FROM:<a@b>",
	  { "553 5.7.1 <a@b>: Sender address rejected: not owned by user c" },
	  "own addresses" },
	{ "the end of the message",
	  { "554 5.2.252 SendAsDenied; a@b not allowed to send as c@d" },
	  "own addresses" },
	{ "RCPT TO:<a@b>", { "554 5.7.1 <a@b>: Relay access denied" }, "passes mail on" },
	{ "RCPT TO:<a@b>", { "550 relay not permitted" }, "passes mail on" },
	{ "MAIL FROM:<a@b>", { "554 relay" }, NULL },
	{ "RCPT TO:<a@b>", { "550 5.1.1 no such user" }, NULL },
	{ "RCPT TO:<a@b>", { "250 relay" }, NULL },
	{ "AUTH PLAIN ********", { "454 4.7.0 later" }, NULL },
	{ "AUTH PLAIN ********", { "538 5.7.11 x" }, "TLS before the login" },
};

static void what_servers_say_has_a_remedy(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct reply r = { 0 };
		struct status st = { 0 };
		reply_reset(&r);
		for (size_t n = 0; n < 3 && cases[i].reply[n] != NULL; n++)
			assert_int_equal(reply_line(&r, slice_of(cases[i].reply[n]), &st), 0);
		assert_true(r.complete);
		hints_add(&r, cases[i].line, &st);
		if (cases[i].hint == NULL)
			assert_string_equal(st.hint, "");
		else if (strstr(st.hint, cases[i].hint) == NULL)
			fail_msg("'%s' for %s", st.hint, cases[i].reply[0]);
		assert_true(strlen(st.hint) < sizeof st.hint - 1);
		reply_release(&r);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_servers_say_has_a_remedy),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
