/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What our server does when something is too much, too long, or too late. */
#include "smtp/server.h"

#include "smtp/desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define OPEN   "MAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\n"
#define OPENED "mail a@x|rcpt b@y|"

static void say(struct desk *d, const char *text)
{
	desk_feed(d, slice_of(text), strlen(text));
}

static void check_codes(const struct desk *d, const char *codes)
{
	char *got = desk_codes(d);
	assert_string_equal(got, codes);
	assert_false(d->broken);
	free(got);
}

/* WORD and as many x behind it as make LEN octets with END. */
static void add_line(struct buf *out, const char *word, size_t len, const char *end)
{
	size_t last = out->len + len - strlen(end);
	buf_add_str(out, word);
	while (out->len < last)
		buf_add_char(out, 'x');
	buf_add_str(out, end);
}

static const struct {
	const char *word;
	size_t len;
	const char *end, *codes;
} lengths[] = {
	{ "NOOP ", 512, "\r\n", "250 250" },
	{ "NOOP ", 512, "\n", "250 250" },
	{ "NOOP ", 513, "\r\n", "500 250" },
	{ "NOOP ", 513, "\n", "500 250" },
	{ "NOOP ", 4096, "\r\n", "500 250" },
	{ "NOOP ", 4097, "\r\n", "500 250" },
	{ "NOOP ", 65536, "\r\n", "500 250" },
	{ "NOOP ", 65537, "\r\n", "421" },
	{ "XXXX", 2000, "\r\n", "500 250" },
	{ "MAIL FROM:<a@x> ENVID=e XX=", 600, "\r\n", "555 250" },
	{ "MAIL FROM:<a@x> ENVID=e XX=", 4096, "\r\n", "555 250" },
	{ "MAIL FROM:<a@x> ENVID=e XX=", 4097, "\r\n", "500 250" },
	{ "MAIL FROM:<a@x> ENVID=e XX=", 9000, "\r\n", "500 250" },
	{ "MAIL FROM:<a@", 300, ">\r\n", "553 250" },
	{ "GET /", 600, "\r\n", "421" },
	{ "GET /", 9000, "\r\n", "421" },
};

static void S139_a_line_that_is_too_long_is_skipped(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
		struct buf in = { 0 };
		add_line(&in, lengths[i].word, lengths[i].len, lengths[i].end);
		assert_int_equal(in.len, lengths[i].len);
		buf_add_str(&in, "NOOP\r\n");
		for (size_t step = 1; step <= in.len; step = step * 3 + 1) {
			struct desk d;
			desk_init(&d);
			desk_feed(&d, buf_slice(&in), step);
			check_codes(&d, lengths[i].codes);
			desk_release(&d);
		}
		buf_release(&in);
	}
}

static void S139_a_line_without_end_ends_the_session(void **state)
{
	(void)state;
	struct desk d;
	desk_init(&d);
	for (size_t i = 0; i < SERVER_ENDLESS; i++)
		say(&d, "x");
	assert_false(d.server.closed);
	assert_true(d.server.line.room <= SERVER_MAX_LINE * 2);
	say(&d, "x");
	assert_true(d.server.closed);
	check_codes(&d, "421");
	desk_release(&d);
}

/* The recipients behind it are not for the sender before it. */
static void S139_a_mail_that_is_too_long_ends_the_transaction(void **state)
{
	(void)state;
	struct desk d;
	struct buf in = { 0 };
	desk_init(&d);
	buf_add_str(&in, OPEN);
	add_line(&in, "MAIL FROM:<c@x> AUTH=", 5000, "\r\n");
	buf_add_str(&in, "RCPT TO:<d@y>\r\nDATA\r\n");
	desk_feed(&d, buf_slice(&in), 100);
	check_codes(&d, "250 250 500 503 503");
	assert_string_equal(buf_str(&d.log), OPENED "reset|");
	buf_release(&in);
	desk_release(&d);
}

static const struct {
	const char *in;
	size_t len;
	const char *codes;
} odd_bytes[] = {
#define TEXT(s) s, sizeof s - 1
	{ TEXT("NOOP a\0b\r\n"), "501" },
	{ TEXT("\0\r\n"), "501" },
	{ TEXT("NO\0OP\r\n"), "501" },
	{ TEXT("NOOP a\rb\r\n"), "501" },
	{ TEXT("NOOP\r\r\n"), "501" },
	{ TEXT("NOOP \x1b[2J\r\n"), "501" },
	{ TEXT("NOOP \x7f\r\n"), "501" },
	{ TEXT("NOOP\t a \t\r\n"), "250" },
	{ TEXT("NOOP \xc3\xbc\r\n"), "501" },
	{ TEXT("\xc3\xbc\r\n"), "501" },
	{ TEXT("EHLO \xc3\xbc.test\r\n"), "501" },
	{ TEXT("VRFY \xc3\xbc\r\n"), "501" },
	{ TEXT("MAIL FROM:<\xc3\xbc@x>\r\n"), "501" },
	{ TEXT("MAIL FROM:<a@x\0> SMTPUTF8\r\n"), "501" },
	{ TEXT("MAIL FROM:<\xc3\xbc@x> SMTPUTF8\r\n"), "250" },
	{ TEXT("MAIL FROM:<\xfc@x> SMTPUTF8\r\n"), "553" },
	{ TEXT("MAIL FROM:<a@x> SMTPUTF8\r\nRCPT TO:<\xc3\xbc@x>\r\n"), "250 250" },
	{ TEXT("MAIL FROM:<a@x>\r\nRCPT TO:<\xc3\xbc@x>\r\n"), "250 501" },
	{ TEXT("MAIL FROM:<a@x> SMTPUTF8\r\nRSET\r\nMAIL FROM:<a@x>\r\nRCPT "
	       "TO:<\xc3\xbc@x>\r\n"),
	  "250 250 250 501" },
	{ TEXT("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\n"), "501" },
};

static void S140_bytes_that_belong_into_no_command(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof odd_bytes / sizeof *odd_bytes; i++) {
		struct desk d;
		desk_init(&d);
		desk_feed(&d, slice_n(odd_bytes[i].in, odd_bytes[i].len), 3);
		print_message("%zu\n", i);
		check_codes(&d, odd_bytes[i].codes);
		desk_release(&d);
	}
}

static const struct {
	const char *in, *codes;
} sizes[] = {
	{ "MAIL FROM:<a@x> SIZE=10\r\n", "250" },
	{ "MAIL FROM:<a@x> SIZE=11\r\n", "552" },
	{ "MAIL FROM:<a@x> SIZE=99999999999999999999\r\n", "552" },
	{ "MAIL FROM:<a@x> SIZE=999999999999999999999\r\n", "501" },
	{ "MAIL FROM:<a@x> HOLDFOR=10\r\n", "555" },
	{ OPEN "DATA\r\n12345678\r\n.\r\n", "250 250 354 250" },
	{ OPEN "DATA\r\n123456789\r\n.\r\n", "250 250 354 552" },
	{ OPEN "DATA\r\n..2345678\r\n.\r\n", "250 250 354 250" },
	{ OPEN "DATA\r\n123456789\r\n.\r\n" OPEN "DATA\r\n1\r\n.\r\n",
	  "250 250 354 552 250 250 354 250" },
};

static void S141_what_is_too_large_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		for (size_t step = 1; step < 40; step++) {
			struct desk d;
			desk_init(&d);
			d.settings.max_size = 10;
			desk_feed(&d, slice_of(sizes[i].in), step);
			check_codes(&d, sizes[i].codes);
			desk_release(&d);
		}
	}
}

static void S142_one_recipient_too_many_is_for_later(void **state)
{
	(void)state;
	struct desk d;
	desk_init(&d);
	d.settings.max_recipients = 2;
	d.refuses = "rcpt c@y";
	status_set(&d.refusal, STATUS_NO_USER, "unknown");
	say(&d, OPEN "RCPT TO:<c@y>\r\nRCPT TO:<d@y>\r\nRCPT TO:<e@y>\r\nDATA\r\n.\r\n");
	check_codes(&d, "250 250 550 250 452 354 250");
	say(&d, OPEN "RCPT TO:<d@y>\r\nRCPT TO:<e@y>\r\n");
	check_codes(&d, "250 250 550 250 452 354 250 250 250 250 452");
	desk_release(&d);
}

static const char *const bad[] = {
	"\r\n",
	"HELLO\r\n",
	"RCPT TO:<a@x>\r\n",
	"DATA\r\n",
	"MAIL FROM\r\n",
	"MAIL TO:<a@x>\r\n",
	"QUIT now\r\n",
	"EHLO\r\n",
	"NOOP \x01\r\n",
	"MAIL FROM:<a@x> Y\r\n",
};

static void S143_twenty_bad_commands_end_the_session(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct desk d;
		desk_init(&d);
		for (size_t n = 1; n < SERVER_MAX_BAD; n++) {
			say(&d, bad[i]);
			assert_false(d.server.closed);
		}
		assert_null(strstr(buf_str(&d.server.out), "421"));
		buf_reset(&d.server.out);
		say(&d, bad[i]);
		say(&d, "NOOP\r\n");
		check_codes(&d, "421");
		assert_true(d.server.closed);
		desk_release(&d);
	}
}

/* A worker that lives for days sends many messages, and a bad address now and then. */
static void S143_what_is_refused_for_other_reasons_does_not_count(void **state)
{
	(void)state;
	static const char *const fair[] = {
		"RCPT TO:<a b@x>\r\n",
		"VERB on\r\n",
		"AUTH PLAIN\r\n",
		("MAIL FROM:<a@x> SIZE=99\r\n" OPEN),
	};
	struct desk d;
	desk_init(&d);
	d.settings.max_size = 20;
	say(&d, OPEN);
	for (size_t i = 0; i < sizeof fair / sizeof *fair; i++) {
		for (size_t n = 0; n < 2 * SERVER_MAX_BAD; n++)
			say(&d, fair[i]);
	}
	assert_false(d.server.closed);
	for (size_t n = 0; n < 2 * SERVER_MAX_BAD; n++)
		say(&d, "XYZ\r\n" OPEN "DATA\r\n.\r\n");
	assert_false(d.server.closed);
	assert_false(d.broken);
	desk_release(&d);
}

static void S145_silence_ends_the_session(void **state)
{
	(void)state;
	static const struct {
		const char *in, *codes;
		bool between;
	} talks[] = {
		{ "", "421", true },
		{ "NOO", "421", true },
		{ OPEN, "250 250 421", true },
		{ OPEN "DATA\r\nhello\r\n", "250 250 354 421", false },
		{ "QUIT\r\n", "221", true },
	};
	for (size_t i = 0; i < sizeof talks / sizeof *talks; i++) {
		bool (*const how[])(struct server *) = { server_timeout, server_stop };
		for (size_t n = 0; n < 2; n++) {
			struct desk d;
			desk_init(&d);
			say(&d, talks[i].in);
			assert_int_equal(how[n](&d.server), talks[i].between);
			say(&d, "\r\n.\r\nNOOP\r\n");
			check_codes(&d, talks[i].codes);
			assert_true(d.server.closed);
			assert_false(d.open);
			assert_int_equal(d.messages, 0);
			desk_release(&d);
		}
	}
}

static void S145_the_end_of_input_is_quiet(void **state)
{
	(void)state;
	static const char *const talks[] = {
		"", "QUI", "QUIT\r\n", OPEN, OPEN "DATA\r\n.\r\n", OPEN "DATA"
	};
	for (size_t i = 0; i < sizeof talks / sizeof *talks; i++) {
		struct desk d;
		desk_init(&d);
		say(&d, talks[i]);
		size_t said = d.server.out.len;
		assert_true(server_eof(&d.server));
		assert_int_equal(d.server.out.len, said);
		assert_false(d.open);
		desk_release(&d);
		assert_false(d.broken);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(S139_a_line_that_is_too_long_is_skipped),
		cmocka_unit_test(S139_a_line_without_end_ends_the_session),
		cmocka_unit_test(S139_a_mail_that_is_too_long_ends_the_transaction),
		cmocka_unit_test(S140_bytes_that_belong_into_no_command),
		cmocka_unit_test(S141_what_is_too_large_is_refused),
		cmocka_unit_test(S142_one_recipient_too_many_is_for_later),
		cmocka_unit_test(S143_twenty_bad_commands_end_the_session),
		cmocka_unit_test(S143_what_is_refused_for_other_reasons_does_not_count),
		cmocka_unit_test(S145_silence_ends_the_session),
		cmocka_unit_test(S145_the_end_of_input_is_quiet),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
