/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/server_command.h"

#include "smtp/desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void talk(struct desk *d, const char *in)
{
	desk_init(d);
	desk_feed(d, slice_of(in), strlen(in) + 1);
}

static void check(const struct desk *d, const char *codes, const char *log)
{
	char *got = desk_codes(d);
	assert_string_equal(got, codes);
	assert_string_equal(buf_str(&d->log), log);
	assert_false(d->broken);
	free(got);
}

static const struct {
	const char *in, *out;
} replies[] = {
	{ "HELO c.test\r\n", "250 mail.test\r\n" },
	{ "EHLO c.test\r\n", "250-mail.test\r\n250-PIPELINING\r\n250-SIZE\r\n250-8BITMIME\r\n"
			     "250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250 DSN\r\n" },
	{ "noop\r\nNoOp x\n", "250 2.0.0 Ok\r\n250 2.0.0 Ok\r\n" },
	{ "  NOOP\r\n", "250 2.0.0 Ok\r\n" },
	{ "QUIT \r\nNOOP\r\n", "221 2.0.0 Bye\r\n" },
	{ "mail from:<a@x>\r\nrcpt to:<b@y>\r\n", "250 2.1.0 Ok\r\n250 2.1.5 Ok\r\n" },
	{ "MAIL FROM:<a b@x>\r\n", "553 5.1.7 cannot use the address 'a b@x': what stands "
				   "before the @ needs quotes\r\n" },
	{ "XYZ\r\n", "500 5.5.2 the command is not known\r\n" },
	{ "MAIL FROM:<a@x> X=1\r\n", "555 5.5.4 the parameter 'X' is not known here\r\n" },
};

static void replies_are_as_the_standards_have_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof replies / sizeof *replies; i++) {
		struct desk d;
		talk(&d, replies[i].in);
		assert_string_equal(buf_str(&d.server.out), replies[i].out);
		desk_release(&d);
	}
}

static void settings_show_in_the_greeting_and_in_ehlo(void **state)
{
	(void)state;
	struct desk d;
	desk_init(&d);
	d.settings.dsn = false;
	d.settings.max_size = 1000;
	server_greet(&d.server);
	desk_feed(&d, slice_of("EHLO \t c.test\r\nMAIL FROM:<a@x> RET=FULL\r\n"), 100);
	assert_string_equal(buf_str(&d.server.out),
			    "220 mail.test ESMTP postrider\r\n"
			    "250-mail.test\r\n250-PIPELINING\r\n250-SIZE 1000\r\n"
			    "250-8BITMIME\r\n250-SMTPUTF8\r\n250 ENHANCEDSTATUSCODES\r\n"
			    "555 5.5.4 the parameter 'RET' is not known here\r\n");
	assert_string_equal(buf_str(&d.server.hello), "c.test");
	assert_true(d.server.extended);
	desk_feed(&d, slice_of("HELO d\r\n"), 100);
	assert_string_equal(buf_str(&d.server.hello), "d");
	assert_false(d.server.extended);
	desk_release(&d);
}

static void S144_a_group_is_answered_in_order(void **state)
{
	(void)state;
	struct desk d;
	talk(&d, "EHLO c\r\nMAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\nRCPT TO:<>\r\nRCPT TO:<c@y>\r\n"
		 "VRFY b\r\nDATA\r\nhello\r\n.\r\nMAIL FROM:<>\r\nRCPT TO:<a@x>\r\nDATA\r\n"
		 ".\r\nQUIT\r\nNOOP\r\n");
	check(&d, "250 250 250 553 250 252 354 250 250 250 354 250 221",
	      "mail a@x|rcpt b@y|rcpt c@y|begin|end hello\r\n|reset|"
	      "mail |rcpt a@x|begin|end |reset|");
	desk_release(&d);
}

static const struct {
	const char *in, *codes;
} others[] = {
	{ "VRFY a\r\n", "252" },
	{ "VRFY\r\n", "501" },
	{ "EXPN a\r\n", "502" },
	{ "TURN\r\n", "502" },
	{ "VERB on\r\n", "502" },
	{ "ONEX\r\n", "502" },
	{ "XCLIENT ADDR=192.0.2.1\r\n", "502" },
	{ "AUTH PLAIN AGEAYg==\r\n", "502" },
	{ "STARTTLS\r\n", "502" },
	{ "BDAT 1 LAST\r\n", "502" },
	{ "ETRN x\r\n", "502" },
	{ "LHLO c\r\n", "502" },
	{ "HELP\r\n", "214" },
	{ "HELP MAIL\r\n", "214" },
	{ "MAILFROM:<a@x>\r\n", "500" },
	{ "XXXX\r\n", "500" },
	{ "\r\n", "500" },
	{ "EHLO\r\n", "501" },
	{ "HELO \r\n", "501" },
	{ "RSET x\r\n", "501" },
	{ "QUIT x\r\n", "501" },
};

static void S144_other_commands_never_close(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		struct desk d;
		talk(&d, others[i].in);
		check(&d, others[i].codes, "");
		assert_false(d.server.closed);
		desk_release(&d);
	}
}

static void browsers_are_sent_away(void **state)
{
	(void)state;
	static const char *const verbs[] = {
		"GET", "post", "PUT", "HEAD", "OPTIONS", "CONNECT"
	};
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
		struct desk d;
		struct buf in = { 0 };
		buf_addf(&in, "%s / HTTP/1.1\r\nHost: x\r\n\r\nMAIL FROM:<a@x>\r\n", verbs[i]);
		talk(&d, buf_str(&in));
		check(&d, "421", "");
		assert_true(d.server.closed);
		desk_release(&d);
		buf_release(&in);
	}
}

static const struct {
	const char *command, *codes, *log;
} paths[] = {
	{ "MAIL FROM:<>", "250", "mail |" },
	{ "MAIL FROM: <a@x>", "250", "mail a@x|" },
	{ "MAIL  FROM:\t< a@x >  ", "250", "mail a@x|" },
	{ "MAIL FROM:a@x", "250", "mail a@x|" },
	{ "MAIL FROM: a@x SIZE=3", "250", "mail a@x size=3|" },
	{ "MAIL FROM:<root>", "250", "mail root|" },
	{ "MAIL FROM:root", "250", "mail root|" },
	{ "MAIL FROM:<Postmaster>", "250", "mail Postmaster|" },
	{ "MAIL FROM:<@r.test,@s.test:a@x>", "250", "mail a@x|" },
	{ "MAIL FROM:<\"a b\"@x>", "250", "mail \"a b\"@x|" },
	{ "MAIL FROM:\"a b\"@x", "250", "mail \"a b\"@x|" },
	{ "MAIL FROM:<\"ab\"@x>", "250", "mail ab@x|" },
	{ "MAIL FROM:<\"a@b\">", "250", "mail \"a@b\"|" },
	{ "MAIL FROM:<\"a\\\"b\"@x>", "250", "mail \"a\\\"b\"@x|" },
	{ "MAIL FROM:<a.@x>", "250", "mail a.@x|" },
	{ "MAIL FROM:<a@[192.0.2.1]>", "250", "mail a@[192.0.2.1]|" },
	{ "MAIL FROM:<a+b=c%d!e@x>", "250", "mail a+b=c%d!e@x|" },
	{ "MAIL FROM:<a@x", "501", "" },
	{ "MAIL FROM:a@x>", "501", "" },
	{ "MAIL FROM:", "501", "" },
	{ "MAIL FROM", "501", "" },
	{ "MAIL <a@x>", "501", "" },
	{ "MAIL TO:<a@x>", "501", "" },
	{ "MAIL FROM:<a@x>SIZE=3", "501", "" },
	{ "MAIL FROM:<a@x>>", "501", "" },
	{ "MAIL FROM:<<a@x>>", "501", "" },
	{ "MAIL FROM:<\"a@x>", "501", "" },
	{ "MAIL FROM:A <a@x>", "555", "" },
	{ "MAIL FROM:<A <a@x>", "553", "" },
	{ "MAIL FROM:<\"a>b\"@x>", "553", "" },
	{ "MAIL FROM:<\"a<b\"@x>", "553", "" },
	{ "MAIL FROM:<a@x,b@x>", "553", "" },
	{ "MAIL FROM:<a@x (c)>", "553", "" },
	{ "MAIL FROM:<(c)a@x>", "553", "" },
	{ "MAIL FROM:<a@x.>", "553", "" },
	{ "MAIL FROM:<a@>", "553", "" },
	{ "MAIL FROM:<@x>", "553", "" },
	{ "MAIL FROM:<@>", "553", "" },
	{ "MAIL FROM:<g:a@x;>", "553", "" },
	{ "MAIL FROM:<@r.test:>", "553", "" },
	{ "MAIL FROM:<-a@x>", "553", "" },
	{ "MAIL FROM:<\"-a\"@x>", "553", "" },
	{ "MAIL FROM:<-a>", "553", "" },
	{ "MAIL FROM:<a@b@x>", "553", "" },
	{ "MAIL FROM:<a\tb@x>", "553", "" },
};

static void paths_are_taken_as_clients_write_them(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
		struct desk d;
		struct buf in = { 0 };
		buf_addf(&in, "%s\r\n", paths[i].command);
		talk(&d, buf_str(&in));
		print_message("%s\n", paths[i].command);
		check(&d, paths[i].codes, paths[i].log);
		desk_release(&d);
		buf_release(&in);
	}
}

#define X100                                                                                   \
	"012345678901234567890123456789012345678901234567890123456789012345678901234567890123" \
	"4567890123456789"

static const struct {
	const char *parameters, *codes, *log;
} mail_parameters[] = {
	{ "SIZE=0", "250", "mail a@x|" },
	{ "size=77 body=8bitmime smtputf8", "250", "mail a@x size=77 8bit utf8|" },
	{ "BODY=7BIT", "250", "mail a@x|" },
	{ "AUTH=<>", "250", "mail a@x|" },
	{ "RET=hdrs ENVID=a+2Bb+20c", "250", "mail a@x ret=HDRS envid=a+b c|" },
	{ "RET=FULL", "250", "mail a@x ret=FULL|" },
	{ "ENVID=" X100, "250", "mail a@x envid=" X100 "|" },
	{ "ENVID=x" X100, "501", "" },
	{ "SIZE=", "501", "" },
	{ "SIZE", "501", "" },
	{ "SIZE=x", "501", "" },
	{ "SIZE=-1", "501", "" },
	{ "SIZE=1 SIZE=2", "501", "" },
	{ "BODY=BINARYMIME", "501", "" },
	{ "BODY", "501", "" },
	{ "SMTPUTF8=yes", "501", "" },
	{ "RET=ALL", "501", "" },
	{ "ENVID=", "501", "" },
	{ "ENVID", "501", "" },
	{ "ENVID=+0A", "501", "" },
	{ "ENVID=+7F", "501", "" },
	{ "ENVID=+FF", "501", "" },
	{ "ENVID=+C3+BC", "501", "" },
	{ "ENVID=+2b", "501", "" },
	{ "ENVID=a+2", "501", "" },
	{ "ENVID=a+", "501", "" },
	{ "ENVID=a ENVID=b", "501", "" },
	{ "ENVID=\xc3\xbc SMTPUTF8", "501", "" },
	{ "NOTIFY=NEVER", "555", "" },
	{ "=x", "555", "" },
	{ "SIZE=1 FOO", "555", "" },
};

static const struct {
	const char *parameters, *codes, *log;
} rcpt_parameters[] = {
	{ "NOTIFY=NEVER", "250", "rcpt b@y notify=1|" },
	{ "notify=success,Delay", "250", "rcpt b@y notify=10|" },
	{ "NOTIFY=FAILURE ORCPT=rfc822;c+2Bd@z", "250",
	  "rcpt b@y notify=4 orcpt=rfc822;c+d@z|" },
	{ "ORCPT=utf-8;c\\x{FC}@z", "250", "rcpt b@y orcpt=utf-8;c\\x{FC}@z|" },
	{ "NOTIFY=NEVER,DELAY", "501", "" },
	{ "NOTIFY=", "501", "" },
	{ "NOTIFY", "501", "" },
	{ "NOTIFY=DELAY,", "501", "" },
	{ "NOTIFY=MAYBE", "501", "" },
	{ "ORCPT=rfc822", "501", "" },
	{ "ORCPT=rfc822;", "501", "" },
	{ "ORCPT=;b@x", "501", "" },
	{ "ORCPT=rfc+20822;b@x", "501", "" },
	{ "ORCPT=rfc822;b+0D+0AX:+20y", "501", "" },
	{ "ORCPT", "501", "" },
	{ "SIZE=3", "555", "" },
};

static void parameters_are_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof mail_parameters / sizeof *mail_parameters; i++) {
		struct desk d;
		struct buf in = { 0 };
		buf_addf(&in, "MAIL FROM:<a@x> %s\r\n", mail_parameters[i].parameters);
		talk(&d, buf_str(&in));
		print_message("%s\n", mail_parameters[i].parameters);
		check(&d, mail_parameters[i].codes, mail_parameters[i].log);
		desk_release(&d);
		buf_release(&in);
	}
	for (size_t i = 0; i < sizeof rcpt_parameters / sizeof *rcpt_parameters; i++) {
		struct desk d;
		struct buf in = { 0 };
		talk(&d, "MAIL FROM:<a@x>\r\n");
		buf_reset(&d.log);
		buf_reset(&d.server.out);
		buf_addf(&in, "RCPT TO:<b@y> %s\r\n", rcpt_parameters[i].parameters);
		print_message("%s\n", rcpt_parameters[i].parameters);
		desk_feed(&d, buf_slice(&in), 7);
		check(&d, rcpt_parameters[i].codes, rcpt_parameters[i].log);
		desk_release(&d);
		buf_release(&in);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_are_as_the_standards_have_them),
		cmocka_unit_test(settings_show_in_the_greeting_and_in_ehlo),
		cmocka_unit_test(S144_a_group_is_answered_in_order),
		cmocka_unit_test(S144_other_commands_never_close),
		cmocka_unit_test(browsers_are_sent_away),
		cmocka_unit_test(paths_are_taken_as_clients_write_them),
		cmocka_unit_test(parameters_are_read),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
