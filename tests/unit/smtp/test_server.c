/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/server.h"

#include "smtp/desk.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define TEXT(s) s, sizeof s - 1

/* A transaction up to DATA, and its entries in the log. */
#define OPEN     "MAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\n"
#define OPENED   "mail a@x|rcpt b@y|"
#define LF_OPEN  "MAIL FROM:<a@x>\nRCPT TO:<b@y>\n"
#define ACCEPTED "begin|end hello\r\n|reset|"

static void check(const struct desk *d, const char *codes, const char *log)
{
	char *got = desk_codes(d);
	assert_string_equal(got, codes);
	assert_string_equal(buf_str(&d->log), log);
	assert_false(d->broken);
	free(got);
}

static void say(struct desk *d, const char *text)
{
	server_feed(&d->server, slice_of(text));
}

struct talk {
	const char *name;
	const char *in;
	size_t len;
	const char *codes, *log;
};

/* The same however it is cut: in pieces of every size, and in two at every place. */
static void check_talk(const struct talk *t)
{
	print_message("%s\n", t->name);
	for (size_t step = 1; step <= t->len; step++) {
		struct desk whole, two;
		desk_init(&whole);
		desk_feed(&whole, slice_n(t->in, t->len), step);
		check(&whole, t->codes, t->log);
		desk_release(&whole);
		desk_init(&two);
		server_feed(&two.server, slice_n(t->in, step));
		server_feed(&two.server, slice_n(t->in + step, t->len - step));
		check(&two, t->codes, t->log);
		desk_release(&two);
	}
}

static const struct talk order[] = {
	{ "RCPT first", TEXT("RCPT TO:<b@y>\r\n"), "503", "" },
	{ "DATA first", TEXT("DATA\r\n"), "503", "" },
	{ "DATA after EHLO", TEXT("EHLO c\r\nDATA\r\n"), "250 503", "" },
	{ "state unchanged", TEXT("DATA\r\n" OPEN "DATA x\r\nDATA\r\nhello\r\n.\r\n"),
	  "503 250 250 501 354 250", OPENED ACCEPTED },
	{ "RCPT after a message", TEXT(OPEN "DATA\r\nhello\r\n.\r\nRCPT TO:<c@y>\r\n"),
	  "250 250 354 250 503", OPENED ACCEPTED },
	{ "DATA after a message", TEXT(OPEN "DATA\r\nhello\r\n.\r\nDATA\r\n"),
	  "250 250 354 250 503", OPENED ACCEPTED },
	{ "without HELO", TEXT(OPEN), "250 250", OPENED },
};

static void S133_commands_out_of_order_change_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof order / sizeof *order; i++)
		check_talk(&order[i]);
}

static const struct talk resets[] = {
	{ "second MAIL", TEXT(OPEN "MAIL FROM:<c@x>\r\n"), "250 250 250",
	  OPENED "reset|mail c@x|" },
	{ "second MAIL keeps no recipients", TEXT(OPEN "MAIL FROM:<c@x>\r\nDATA\r\n"),
	  "250 250 250 554", OPENED "reset|mail c@x|" },
	{ "as Symfony after a refused recipient",
	  TEXT("MAIL FROM:<a@x>\r\nRCPT TO:<b c>\r\nNOOP\r\n" OPEN "DATA\r\nhello\r\n.\r\n"),
	  "250 553 250 250 250 354 250", "mail a@x|reset|" OPENED ACCEPTED },
	{ "a bad MAIL too", TEXT(OPEN "MAIL FROM:<c@>\r\nRCPT TO:<d@y>\r\nDATA\r\n"),
	  "250 250 553 503 503", OPENED "reset|" },
	{ "a MAIL without an address", TEXT(OPEN "MAIL\r\nDATA\r\n"), "250 250 501 503",
	  OPENED "reset|" },
	{ "a MAIL with a NUL", TEXT(OPEN "MAIL FROM:<c\0@x>\r\nDATA\r\n"), "250 250 501 503",
	  OPENED "reset|" },
	{ "RSET", TEXT(OPEN "RSET\r\nDATA\r\n"), "250 250 250 503", OPENED "reset|" },
	{ "RSET, then RCPT", TEXT(OPEN "RSET\r\nRCPT TO:<c@y>\r\n"), "250 250 250 503",
	  OPENED "reset|" },
	{ "EHLO", TEXT(OPEN "EHLO c\r\nDATA\r\n"), "250 250 250 503", OPENED "reset|" },
	{ "HELO", TEXT(OPEN "HELO c\r\nDATA\r\n"), "250 250 250 503", OPENED "reset|" },
	{ "a bad EHLO does not", TEXT(OPEN "EHLO\r\nDATA\r\nhello\r\n.\r\n"),
	  "250 250 501 354 250", OPENED ACCEPTED },
	{ "RSET without anything", TEXT("RSET\r\nRSET\r\n"), "250 250", "" },
	{ "QUIT", TEXT(OPEN "QUIT\r\n"), "250 250 221", OPENED "reset|" },
};

static void S134_what_begins_anew_forgets_both_sender_and_recipients(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof resets / sizeof *resets; i++)
		check_talk(&resets[i]);
}

static const struct talk without_recipients[] = {
	{ "none", TEXT("MAIL FROM:<a@x>\r\nDATA\r\n"), "250 554", "mail a@x|" },
	{ "one refused", TEXT("MAIL FROM:<a@x>\r\nRCPT TO:<>\r\nDATA\r\n"), "250 553 554",
	  "mail a@x|" },
	{ "and one good behind",
	  TEXT("MAIL FROM:<a@x>\r\nRCPT TO:<>\r\nRCPT TO:<b@y>\r\nDATA\r\nhello\r\n.\r\n"),
	  "250 553 250 354 250", OPENED ACCEPTED },
};

static void S135_no_data_without_a_recipient(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof without_recipients / sizeof *without_recipients; i++)
		check_talk(&without_recipients[i]);
}

#define DATA    OPEN "DATA\r\n"
#define LF_DATA LF_OPEN "DATA\n"

static const struct talk ends[] = {
	{ "CRLF.CRLF", TEXT(DATA "hello\r\n.\r\nNOOP\r\n"), "250 250 354 250 250",
	  OPENED ACCEPTED },
	{ "LF.LF", TEXT(LF_DATA "hello\n.\nNOOP\n"), "250 250 354 250 250",
	  OPENED "begin|end hello\n|reset|" },
	{ "LF.LF in a session with CRLF", TEXT(DATA "a\n.\nNOOP\r\n.\r\n"), "250 250 354 250",
	  OPENED "begin|end a\n.\nNOOP\r\n|reset|" },
	{ "LF.CRLF in a session with CRLF", TEXT(DATA "a\n.\r\nNOOP\r\n.\r\n"),
	  "250 250 354 250", OPENED "begin|end a\n.\r\nNOOP\r\n|reset|" },
	{ "CRLF.LF in a session with CRLF", TEXT(DATA "a\r\n.\nNOOP\r\n.\r\n"),
	  "250 250 354 250", OPENED "begin|end a\r\n\nNOOP\r\n|reset|" },
	{ "CR.CR", TEXT(DATA "a\r.\rNOOP\r\n.\r\n"), "250 250 354 250",
	  OPENED "begin|end a\r.\rNOOP\r\n|reset|" },
	{ "CRLF.CR", TEXT(DATA "a\r\n.\rNOOP\r\n.\r\n"), "250 250 354 250",
	  OPENED "begin|end a\r\n\rNOOP\r\n|reset|" },
	{ "CRLF.CRLF in a session with LF", TEXT(LF_DATA "a\r\n.\r\nNOOP\n.\n"),
	  "250 250 354 250", OPENED "begin|end a\r\n\r\nNOOP\n|reset|" },
	{ "CRLF.LF in a session with LF", TEXT(LF_DATA "a\r\n.\nNOOP\n.\n"), "250 250 354 250",
	  OPENED "begin|end a\r\n\nNOOP\n|reset|" },
	{ "LF.CRLF in a session with LF", TEXT(LF_DATA "a\n.\r\nNOOP\n.\n"), "250 250 354 250",
	  OPENED "begin|end a\n\r\nNOOP\n|reset|" },
	{ "DATA decides", TEXT(LF_OPEN "DATA\r\na\n.\nb\r\n.\r\n"), "250 250 354 250",
	  OPENED "begin|end a\n.\nb\r\n|reset|" },
	{ "DATA decides, each time",
	  TEXT(DATA "hello\r\n.\r\n" LF_DATA "hello\r\n\n.\nNOOP\r\n"),
	  "250 250 354 250 250 250 354 250 250",
	  OPENED ACCEPTED OPENED "begin|end hello\r\n\n|reset|" },
	{ "an empty message", TEXT(DATA ".\r\n"), "250 250 354 250",
	  OPENED "begin|end |reset|" },
	{ "an empty message, LF", TEXT(LF_DATA ".\n"), "250 250 354 250",
	  OPENED "begin|end |reset|" },
	{ "dots are unstuffed", TEXT(DATA "..\r\n...\r\n.a\r\n..b\r\na.\r\n.\r\n"),
	  "250 250 354 250", OPENED "begin|end .\r\n..\r\na\r\n.b\r\na.\r\n|reset|" },
	{ "dots are unstuffed, LF", TEXT(LF_DATA "..\n...\n.a\na.\n.\n"), "250 250 354 250",
	  OPENED "begin|end .\n..\na\na.\n|reset|" },
};

static void S136_only_the_end_ends_a_message(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
		check_talk(&ends[i]);
}

/* However much of a message has come, its end has not. */
static void S137_the_end_of_input_within_content_takes_nothing(void **state)
{
	(void)state;
	const char *whole = DATA "hello\r\n..\r\n.\r\n";
	size_t data = strlen(DATA);
	for (size_t len = 0; len <= strlen(whole); len++) {
		struct desk d;
		desk_init(&d);
		server_feed(&d.server, slice_n(whole, len));
		bool inside = len >= data && len < strlen(whole);
		assert_int_equal(server_eof(&d.server), !inside);
		assert_true(d.server.closed);
		assert_false(d.open);
		assert_int_equal(d.messages, len == strlen(whole) ? 1 : 0);
		server_feed(&d.server, slice_of("hello\r\n.\r\n"));
		assert_int_equal(d.messages, len == strlen(whole) ? 1 : 0);
		assert_false(d.broken);
		desk_release(&d);
	}
}

static const struct {
	const char *step;
	enum status_kind kind;
	int sys;
	unsigned short code;
	const char *reply;
} failures[] = {
	{ "content", STATUS_DISK, ENOSPC, 0, "452 4.3.1 no luck" },
	{ "content", STATUS_DISK, EDQUOT, 0, "452 4.3.1 no luck" },
	{ "content", STATUS_DISK, EIO, 0, "451 4.3.0 no luck" },
	{ "content", STATUS_BAD_MESSAGE, 0, 552, "552 5.6.0 no luck" },
	{ "end", STATUS_DISK, ENOSPC, 0, "452 4.3.1 no luck" },
	{ "end", STATUS_DISK, EIO, 0, "451 4.3.0 no luck" },
	{ "end", STATUS_TEMPORARY, 0, 0, "451 4.4.0 no luck" },
	{ "end", STATUS_REJECTED, 0, 550, "550 5.0.0 no luck" },
	{ "end", STATUS_BAD_MESSAGE, 0, 0, "554 5.6.0 no luck" },
};

/* The rest of the content is skipped, the reply comes at its end, and the next message is not
 * the worse for it. */
static void S138_what_cannot_be_stored_is_refused_at_the_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
		const char *in = DATA "hello\r\n..\r\nQUIT\r\n.\r\n";
		for (size_t step = 1; step <= strlen(in); step++) {
			struct desk d;
			desk_init(&d);
			d.refuses = failures[i].step;
			status_set(&d.refusal, failures[i].kind, "no luck");
			d.refusal.sys = failures[i].sys;
			d.refusal.code = failures[i].code;
			desk_feed(&d, slice_of(in), step);
			assert_non_null(strstr(buf_str(&d.server.out), failures[i].reply));
			assert_int_equal(d.messages, 0);
			assert_false(d.open);
			d.refuses = NULL;
			buf_reset(&d.server.out);
			buf_reset(&d.log);
			say(&d, DATA "hello\r\n.\r\n");
			check(&d, "250 250 354 250", OPENED ACCEPTED);
			assert_int_equal(d.messages, 1);
			desk_release(&d);
		}
	}
}

static void S138_nothing_is_said_before_the_message_is_safe(void **state)
{
	(void)state;
	struct desk d;
	desk_init(&d);
	say(&d, DATA "hello\r\n.\r");
	check(&d, "250 250 354", OPENED "begin|");
	say(&d, "\n");
	check(&d, "250 250 354 250", OPENED ACCEPTED);
	assert_non_null(strstr(buf_str(&d.server.out), "\r\n250 Ok: queued as ID1\r\n"));
	desk_release(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(S133_commands_out_of_order_change_nothing),
		cmocka_unit_test(S134_what_begins_anew_forgets_both_sender_and_recipients),
		cmocka_unit_test(S135_no_data_without_a_recipient),
		cmocka_unit_test(S136_only_the_end_ends_a_message),
		cmocka_unit_test(S138_what_cannot_be_stored_is_refused_at_the_end),
		cmocka_unit_test(S138_nothing_is_said_before_the_message_is_safe),
		cmocka_unit_test(S137_the_end_of_input_within_content_takes_nothing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
