/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/capability.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Take in LINES, which are parted by LF. */
static struct capabilities parsed(const char *lines)
{
	struct capabilities c = { 0 };
	struct slice rest = slice_of(lines), line;
	while (slice_next(&rest, '\n', &line))
		capabilities_line(&c, line);
	return c;
}

static const struct {
	const char *keyword;
	size_t offset;
} flags[] = {
	{ "PIPELINING", offsetof(struct capabilities, pipelining) },
	{ "8BITMIME", offsetof(struct capabilities, eightbitmime) },
	{ "ENHANCEDSTATUSCODES", offsetof(struct capabilities, enhancedstatuscodes) },
	{ "DSN", offsetof(struct capabilities, dsn) },
	{ "CHUNKING", offsetof(struct capabilities, chunking) },
	{ "BINARYMIME", offsetof(struct capabilities, binarymime) },
	{ "STARTTLS", offsetof(struct capabilities, starttls) },
	{ "SMTPUTF8", offsetof(struct capabilities, smtputf8) },
	{ "REQUIRETLS", offsetof(struct capabilities, requiretls) },
	{ "SIZE", offsetof(struct capabilities, size) },
};

static size_t flags_set(const struct capabilities *c)
{
	size_t count = 0;
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++)
		count += *(const bool *)((const char *)c + flags[i].offset);
	return count;
}

static void each_flag_stands_for_itself(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
		struct capabilities c = parsed(flags[i].keyword);
		assert_true(*(bool *)((char *)&c + flags[i].offset));
		assert_int_equal(flags_set(&c), 1);
		capabilities_release(&c);
	}
}

static void case_and_blanks_do_not_count(void **state)
{
	(void)state;
	struct capabilities c =
		parsed("  pipelining\t\n8BitMime \r\nstartTLS ignored arguments\nDSN\r");
	assert_true(c.pipelining && c.eightbitmime && c.starttls && c.dsn);
	assert_int_equal(flags_set(&c), 4);
	capabilities_release(&c);
}

static void what_is_unknown_is_ignored(void **state)
{
	(void)state;
	struct capabilities c = parsed("HELP\nX-PIPELINING\nPIPELININGX\nPIPE\nXAUTH PLAIN\n"
				       "hello STARTTLS\n\n \n=\nSTARTTL\nVRFY STARTTLS");
	assert_int_equal(flags_set(&c), 0);
	assert_int_equal(c.auth.len, 0);
	capabilities_release(&c);
}

static const struct {
	const char *line;
	uint64_t limit;
} sizes[] = {
	{ "SIZE 35882577", 35882577 },
	{ "size\t 100 ", 100 },
	{ "SIZE=2000", 2000 },
	{ "SIZE", 0 },
	{ "SIZE 0", 0 },
	{ "SIZE -1", 0 },
	{ "SIZE 10M", 0 },
	{ "SIZE 0x10", 0 },
	{ "SIZE 18446744073709551616", 0 },
	{ "SIZE 99999999999999999999999999", 0 },
	{ "SIZE 9223372036854775808", UINT64_C(9223372036854775808) },
	{ "SIZE 10 20", 10 },
	{ "SIZE 10\nSIZE 20", 20 },
};

static void sizes_are_limits_or_none(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
		struct capabilities c = parsed(sizes[i].line);
		assert_true(c.size);
		if (c.size_limit != sizes[i].limit)
			fail_msg("'%s' gives %llu", sizes[i].line,
				 (unsigned long long)c.size_limit);
		capabilities_release(&c);
	}
}

static const struct {
	const char *lines;
	const char *list;
} mechanisms[] = {
	{ "AUTH", "" },
	{ "AUTH PLAIN LOGIN", "PLAIN LOGIN" },
	{ "auth plain  scram-sha-256\t", "PLAIN SCRAM-SHA-256" },
	{ "AUTH=PLAIN LOGIN", "PLAIN LOGIN" },
	{ "AUTH= PLAIN", "PLAIN" },
	{ "AUTH PLAIN LOGIN\nAUTH=LOGIN CRAM-MD5\nAUTH plain", "PLAIN LOGIN CRAM-MD5" },
	{ "AUTH PLAIN\nPIPELINING\nAUTH X_Y", "PLAIN X_Y" },
	{ "AUTH A=B \x1b[1m C", "C" },
	{ "AUTH ABCDEFGHIJKLMNOPQRST", "ABCDEFGHIJKLMNOPQRST" },
	{ "AUTH ABCDEFGHIJKLMNOPQRSTU", "" },
};

static void mechanisms_are_merged(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof mechanisms / sizeof *mechanisms; i++) {
		struct capabilities c = parsed(mechanisms[i].lines);
		assert_string_equal(buf_str(&c.auth), mechanisms[i].list);
		capabilities_release(&c);
	}
}

static const struct {
	const char *line;
	uint64_t mail, rcpt, rcptdomain;
} limits[] = {
	{ "LIMITS RCPTMAX=100 MAILMAX=10 RCPTDOMAINMAX=1", 10, 100, 1 },
	{ "limits rcptmax=7", 0, 7, 0 },
	{ "LIMITS", 0, 0, 0 },
	{ "LIMITS RCPTMAX RCPTMAX= MAILMAX=x FUTURE=1", 0, 0, 0 },
	{ "LIMITS RCPTMAX=5=6 MAILMAX=-1", 0, 0, 0 },
};

static void limits_are_kept(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
		struct capabilities c = parsed(limits[i].line);
		assert_int_equal(c.limit_mail, limits[i].mail);
		assert_int_equal(c.limit_rcpt, limits[i].rcpt);
		assert_int_equal(c.limit_rcptdomain, limits[i].rcptdomain);
		capabilities_release(&c);
	}
}

static void reset_forgets_all(void **state)
{
	(void)state;
	struct capabilities c = parsed(
		"STARTTLS\nSIZE 10\nAUTH PLAIN\nLIMITS RCPTMAX=1 MAILMAX=1 RCPTDOMAINMAX=1");
	capabilities_reset(&c);
	assert_int_equal(flags_set(&c), 0);
	assert_int_equal(c.size_limit + c.limit_mail + c.limit_rcpt + c.limit_rcptdomain, 0);
	assert_string_equal(buf_str(&c.auth), "");
	capabilities_line(&c, slice_of("AUTH LOGIN"));
	assert_string_equal(buf_str(&c.auth), "LOGIN");
	capabilities_release(&c);
	capabilities_release(&c);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_flag_stands_for_itself),
		cmocka_unit_test(case_and_blanks_do_not_count),
		cmocka_unit_test(what_is_unknown_is_ignored),
		cmocka_unit_test(sizes_are_limits_or_none),
		cmocka_unit_test(mechanisms_are_merged),
		cmocka_unit_test(limits_are_kept),
		cmocka_unit_test(reset_forgets_all),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
