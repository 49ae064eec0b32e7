/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/queue_words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

/* Does OUT say TEXT? It is empty afterwards. */
static void expect(struct buf *out, const char *text)
{
	assert_string_equal(buf_str(out), text);
	buf_release(out);
}

static void spans_have_one_unit(void **state)
{
	static const struct {
		int64_t seconds;
		const char *text;
	} rows[] = {
		{ -5, "1s" },         { 0, "1s" },
		{ 1, "1s" },          { 99, "99s" },
		{ 100, "2m" },        { 120, "2m" },
		{ 121, "3m" },        { 720, "12m" },
		{ 99 * 60, "99m" },   { 99 * 60 + 1, "2h" },
		{ 4 * 3600, "4h" },   { 4 * 3600 + 1, "5h" },
		{ 47 * 3600, "47h" }, { 48 * 3600, "2d" },
		{ 5 * 86400, "5d" },  { INT64_MAX, "106751991167301d" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf out = { 0 };
		words_span(rows[i].seconds, &out);
		expect(&out, rows[i].text);
	}
}

static void what_is_due_says_so(void **state)
{
	static const struct {
		int64_t next;
		const char *text;
	} rows[] = {
		{ 0, "due now" },
		{ 1000, "due now" },
		{ 1001, "next try in 1s" },
		{ 1720, "next try in 12m" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf out = { 0 };
		words_due(rows[i].next, 1000, &out);
		expect(&out, rows[i].text);
	}
}

static void attempts_are_counted(void **state)
{
	struct buf out = { 0 };
	(void)state;
	words_attempts(0, &out);
	expect(&out, "not tried yet");
	words_attempts(1, &out);
	expect(&out, "1 attempt");
	words_attempts(65535, &out);
	expect(&out, "65535 attempts");
}

/* Columns behind it stay where they are. */
static void times_have_one_width(void **state)
{
	static const struct {
		int64_t when;
		const char *text;
	} rows[] = {
		{ 0, "Thu Jan  1 00:00:00" },
		{ 1795323600, "Sun Nov 22 05:00:00" },
		{ 253402300799, "Fri Dec 31 23:59:59" },
		{ 253402300800, "--- --- -- --:--:--" },
		{ INT64_MAX, "--- --- -- --:--:--" },
	};
	(void)state;
	setenv("TZ", "UTC", 1);
	tzset();
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		struct buf out = { 0 };
		words_time(rows[i].when, &out);
		expect(&out, rows[i].text);
	}
}

static void marks_have_words(void **state)
{
	(void)state;
	assert_string_equal(words_mark(MARK_PENDING), "pending");
	assert_string_equal(words_mark(MARK_DELIVERED), "delivered");
	assert_string_equal(words_mark(MARK_FAILED), "refused");
	assert_string_equal(words_mark(MARK_TOLD), "refused");
}

static void words_of_others_are_printable(void **state)
{
	char peer[] = "mx.test\n", reply[] = "450 \033[2J\r\nnot\tnow \xc2\x9b";
	struct recipient r = { .reply = reply };
	struct buf out = { 0 };
	(void)state;
	words_reply(&r, &out);
	expect(&out, "450 ?[2J??not now ??");
	r.peer = peer;
	words_reply(&r, &out);
	expect(&out, "mx.test?: 450 ?[2J??not now ??");
	words_address("", &out);
	expect(&out, "<>");
	words_address("\xc3\xbc\x07@x.test", &out);
	expect(&out, "\xc3\xbc?@x.test");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(spans_have_one_unit),
		cmocka_unit_test(what_is_due_says_so),
		cmocka_unit_test(attempts_are_counted),
		cmocka_unit_test(times_have_one_width),
		cmocka_unit_test(marks_have_words),
		cmocka_unit_test(words_of_others_are_printable),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
