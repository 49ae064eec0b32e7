/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/command.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char sender[] = "a@example.com", null_sender[] = "", envid[] = "id+1 =\xe4";

static const struct {
	struct capabilities caps;
	struct facts facts;
	struct wishes wishes;
	const char *ret;
	char *sender, *envid;
	const char *line;
} mails[] = {
	{ .sender = sender, .line = "MAIL FROM:<a@example.com>" },
	{ .sender = null_sender, .line = "MAIL FROM:<>" },
	{ .sender = sender,
	  .facts = { .size = 123, .eight_bit = true },
	  .ret = "HDRS",
	  .envid = envid,
	  .line = "MAIL FROM:<a@example.com>" },
	{ .sender = sender,
	  .caps = { .size = true },
	  .facts = { .size = UINT64_C(5000000000) },
	  .line = "MAIL FROM:<a@example.com> SIZE=5000000000" },
	{ .sender = sender,
	  .caps = { .eightbitmime = true },
	  .facts = { .size = 1 },
	  .line = "MAIL FROM:<a@example.com>" },
	{ .sender = sender,
	  .caps = { .eightbitmime = true },
	  .facts = { .eight_bit = true },
	  .line = "MAIL FROM:<a@example.com> BODY=8BITMIME" },
	{ .sender = sender,
	  .caps = { .dsn = true },
	  .ret = "FULL",
	  .line = "MAIL FROM:<a@example.com> RET=FULL" },
	{ .sender = sender,
	  .caps = { .dsn = true },
	  .envid = envid,
	  .line = "MAIL FROM:<a@example.com> ENVID=id+2B1+20+3D+E4" },
	{ .sender = sender,
	  .wishes = { .require_tls = true, .hold_for = 60, .deliver_by = 120, .priority = -3 },
	  .line = "MAIL FROM:<a@example.com> REQUIRETLS HOLDFOR=60 BY=120;R MT-PRIORITY=-3" },
	{ .sender = null_sender,
	  .caps = { .dsn = true, .size = true, .eightbitmime = true },
	  .facts = { .size = 7, .eight_bit = true },
	  .ret = "HDRS",
	  .envid = envid,
	  .line = "MAIL FROM:<> SIZE=7 BODY=8BITMIME RET=HDRS ENVID=id+2B1+20+3D+E4" },
};

static void mail_says_what_the_server_understands(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof mails / sizeof *mails; i++) {
		struct buf line = { 0 };
		struct envelope e = { .sender = mails[i].sender,
				      .ret = mails[i].ret,
				      .envid = mails[i].envid,
				      .wishes = mails[i].wishes };
		struct message m = { .facts = mails[i].facts };
		command_mail(&line, &e, &m, &mails[i].caps);
		assert_string_equal(buf_str(&line), mails[i].line);
		buf_release(&line);
	}
}

static const struct {
	bool dsn;
	unsigned notify;
	const char *line;
} rcpts[] = {
	{ false, NOTIFY_DEFAULT, "RCPT TO:<b+c=d@example.net>" },
	{ false, NOTIFY_NEVER, "RCPT TO:<b+c=d@example.net>" },
	{ true, NOTIFY_DEFAULT, "RCPT TO:<b+c=d@example.net>" },
	{ true, NOTIFY_NEVER,
	  "RCPT TO:<b+c=d@example.net> NOTIFY=NEVER ORCPT=rfc822;b+2Bc+3Dd@example.net" },
	{ true, NOTIFY_SUCCESS | NOTIFY_FAILURE | NOTIFY_DELAY,
	  "RCPT TO:<b+c=d@example.net> NOTIFY=SUCCESS,FAILURE,DELAY "
	  "ORCPT=rfc822;b+2Bc+3Dd@example.net" },
	{ true, NOTIFY_DELAY,
	  "RCPT TO:<b+c=d@example.net> NOTIFY=DELAY ORCPT=rfc822;b+2Bc+3Dd@example.net" },
};

static void rcpt_says_what_the_server_understands(void **state)
{
	(void)state;
	char address[] = "b+c=d@example.net";
	for (size_t i = 0; i < sizeof rcpts / sizeof *rcpts; i++) {
		struct buf line = { 0 };
		struct envelope e = { .notify = rcpts[i].notify };
		struct recipient r = { .address = address };
		struct capabilities caps = { .dsn = rcpts[i].dsn };
		command_rcpt(&line, &e, &r, &caps);
		assert_string_equal(buf_str(&line), rcpts[i].line);
		buf_release(&line);
	}
}

/* RFC 3461, 4: what may stand for itself, and "+" with two upper-case digits for the rest. */
static void xtext_is_printable_ascii(void **state)
{
	(void)state;
	for (int c = 1; c < 256; c++) {
		struct buf out = { 0 };
		char text[2] = { (char)c, '\0' };
		command_xtext(&out, text);
		bool itself = c >= 33 && c <= 126 && c != '+' && c != '=';
		assert_int_equal(out.len, itself ? 1 : 3);
		assert_true(out.data[0] == (itself ? (char)c : '+'));
		assert_true(itself || strspn(out.data + 1, "0123456789ABCDEF") == 2);
		buf_release(&out);
	}
}

/* RFC 5321, 4.5.3.2: no reply has less time than it asks for; QUIT, which nobody needs, aside.
 */
static void every_command_has_a_name_a_stage_and_time(void **state)
{
	(void)state;
	static const struct {
		enum command c;
		enum stage stage;
		int64_t least;
	} rows[] = {
		{ COMMAND_GREETING, STAGE_GREETING, 300 }, { COMMAND_EHLO, STAGE_EHLO, 300 },
		{ COMMAND_HELO, STAGE_EHLO, 300 },         { COMMAND_LHLO, STAGE_EHLO, 300 },
		{ COMMAND_STARTTLS, STAGE_STARTTLS, 300 }, { COMMAND_AUTH, STAGE_AUTH, 180 },
		{ COMMAND_MAIL, STAGE_MAIL, 300 },         { COMMAND_RCPT, STAGE_RCPT, 300 },
		{ COMMAND_DATA, STAGE_DATA, 120 },         { COMMAND_BDAT, STAGE_DATA, 180 },
		{ COMMAND_DOT, STAGE_DOT, 600 },           { COMMAND_RSET, STAGE_QUIT, 1 },
		{ COMMAND_QUIT, STAGE_QUIT, 1 },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		assert_int_equal(command_stage(rows[i].c), rows[i].stage);
		assert_true(command_seconds(rows[i].c) >= rows[i].least);
		assert_true(command_name(rows[i].c)[0] != '\0');
	}
	assert_true(command_seconds(COMMAND_QUIT) <= 5);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mail_says_what_the_server_understands),
		cmocka_unit_test(rcpt_says_what_the_server_understands),
		cmocka_unit_test(xtext_is_printable_ascii),
		cmocka_unit_test(every_command_has_a_name_a_stage_and_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
