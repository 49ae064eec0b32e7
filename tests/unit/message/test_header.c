/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/header.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static const char section[] = "Received: by a;\r\n"
			      "\tnow\r\n"
			      "To: x@y\r\n"
			      "Subject : folded\r\n"
			      "  twice\r\n"
			      " \r\n"
			      "to:\r\n"
			      "X-8: \xfc\xc3\xbc\r\n"
			      "TO: z\r\n";

static struct header parsed(const char *text)
{
	struct header h = { 0 };
	struct status st = { 0 };
	if (header_parse(&h, slice_of(text), &st) != 0)
		fail_msg("%s", st.text);
	return h;
}

static void assert_written(const struct header *h, const char *expected)
{
	struct buf out = { 0 };
	header_write(h, &out);
	assert_string_equal(buf_str(&out), expected);
	assert_int_equal(out.len, strlen(expected));
	buf_release(&out);
}

/* clang-format off */
static const struct {
	const char *line;
	bool field;
} lines[] = {
	{ "To: x", true },
	{ "To:", true },
	{ "To:\r\n", true },
	{ "To \t: x\r\n", true },
	{ "!#$%&'*+-./0;<=>?@[\\]^_`{|}~: x", true },
	{ "", false },
	{ "\r\n", false },
	{ ":", false },
	{ ": x", false },
	{ " To: x", false },
	{ "To", false },
	{ "To \r\n", false },
	{ "To\r\n: x", false },
	{ "Dear all: hello", false },
	{ "From a@b Thu Jan  1 00:00:00 1970", false },
	{ "T\xc3\xb6: x", false },
	{ "T\x01: x", false },
	{ "T\x7f: x", false },
};
/* clang-format on */

static void tells_fields(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		if (header_is_field(slice_of(lines[i].line)) != lines[i].field)
			fail_msg("%s", lines[i].line);
	}
}

static void keeps_every_byte(void **state)
{
	(void)state;
	struct header h = parsed(section);
	assert_int_equal(h.count, 6);
	assert_written(&h, section);
	header_release(&h);
	assert_null(h.at);
	assert_int_equal(h.count, 0);
}

static void parses_nothing(void **state)
{
	(void)state;
	struct header h = parsed("");
	assert_int_equal(h.count, 0);
	assert_written(&h, "");
	header_release(&h);
}

static void splits_names_and_bodies(void **state)
{
	(void)state;
	struct header h = parsed(section);
	assert_true(slice_is(field_name(&h.at[0]), "Received"));
	assert_true(slice_is(field_body(&h.at[0]), " by a;\r\n\tnow"));
	assert_true(slice_is(field_name(&h.at[2]), "Subject"));
	assert_true(slice_is(field_body(&h.at[2]), " folded\r\n  twice\r\n "));
	assert_true(slice_is(field_body(&h.at[3]), ""));
	header_release(&h);
}

/* clang-format off */
static const struct {
	const char *name;
	const char *text;
	const char *problem;
	size_t len; /* 0: that of the string */
} bad[] = {
	{ "continuation first", " x\r\n", "' x': neither a field nor a continuation", 0 },
	{ "empty line", "A: b\r\n\r\nC: d\r\n", "'': neither a field nor a continuation", 0 },
	{ "no colon", "A: b\r\nhello you\r\n", "'hello you': neither a field", 0 },
	{ "no name", "A: b\r\n: c\r\n", "': c': neither a field", 0 },
	{ "colon in a fold", "A\r\n : c\r\n", "'A': neither a field", 0 },
	{ "8-bit name", "\xc3\xa4: b\r\n", "'\xc3\xa4: b': neither a field", 0 },
	{ "NUL", "A: b\r\nC: d\0e\r\n", "'C: d?e': NUL", 14 },
	{ "NUL in a fold", "A: b\r\n \0\r\n", "'A: b': NUL", 10 },
	{ "bare LF", "A: b\nBcc: x\r\n", "'A: b?Bcc: x': CR or LF alone", 0 },
	{ "bare CR", "A: b\rBcc: x\r\n", "'A: b': CR or LF alone", 0 },
	{ "two CRs", "A: b\r\r\n", "'A: b': CR or LF alone", 0 },
	{ "LF only", "A: b\n", "'A: b?': CR or LF alone", 0 },
	{ "no line end", "A: b\r\nC: d", "'C: d': CR or LF alone", 0 },
	{ "CR at the end", "A: b\r", "'A: b': CR or LF alone", 0 },
};
/* clang-format on */

static void refuses_sections(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct header h = parsed("Kept: x\r\n");
		struct status st = { 0 };
		size_t len = bad[i].len != 0 ? bad[i].len : strlen(bad[i].text);
		if (header_parse(&h, slice_n(bad[i].text, len), &st) != -1)
			fail_msg("%s: taken", bad[i].name);
		if (strstr(st.text, bad[i].problem) == NULL)
			fail_msg("%s: %s", bad[i].name, st.text);
		assert_int_equal(st.kind, STATUS_BAD_MESSAGE);
		assert_written(&h, "Kept: x\r\n");
		header_release(&h);
	}
}

static void finds_fields(void **state)
{
	(void)state;
	struct header h = parsed(section);
	assert_ptr_equal(header_find(&h, "tO", 0), &h.at[1]);
	assert_ptr_equal(header_find(&h, "to", 1), &h.at[1]);
	assert_ptr_equal(header_find(&h, "to", 2), &h.at[3]);
	assert_ptr_equal(header_find(&h, "to", 4), &h.at[5]);
	assert_null(header_find(&h, "to", 6));
	assert_null(header_find(&h, "to", 100));
	assert_null(header_find(&h, "t", 0));
	assert_null(header_find(&h, "too", 0));
	assert_ptr_equal(header_find(&h, "subject", 0), &h.at[2]);
	header_release(&h);
}

static void removes_fields(void **state)
{
	(void)state;
	struct header h = parsed(section);
	assert_int_equal(header_remove(&h, "to"), 3);
	assert_int_equal(header_remove(&h, "to"), 0);
	assert_int_equal(header_remove(&h, "subject"), 1);
	assert_written(&h, "Received: by a;\r\n\tnow\r\nX-8: \xfc\xc3\xbc\r\n");
	assert_int_equal(header_remove(&h, "received"), 1);
	assert_int_equal(header_remove(&h, "x-8"), 1);
	assert_written(&h, "");
	header_release(&h);
}

static void inserts_fields(void **state)
{
	(void)state;
	struct header h = { 0 };
	header_insert(&h, 0, "B", slice_of("b"));
	header_insert(&h, 0, "A", slice_of("a\r\n a"));
	header_insert(&h, 2, "D", slice_of(""));
	header_insert(&h, 2, "C", slice_of("c"));
	header_insert(&h, 100, "E", slice_of("e"));
	assert_written(&h, "A: a\r\n a\r\nB: b\r\nC: c\r\nD: \r\nE: e\r\n");
	assert_true(slice_is(field_name(&h.at[0]), "A"));
	assert_true(slice_is(field_body(&h.at[0]), " a\r\n a"));
	assert_ptr_equal(header_find(&h, "d", 0), &h.at[3]);
	header_release(&h);
}

static void replaces_bodies(void **state)
{
	(void)state;
	struct header h = parsed("To \t:a\r\n b\r\nCc: c\r\n");
	field_replace_body(&h.at[0], slice_of("\tlonger than before"));
	field_replace_body(&h.at[1], slice_of(""));
	assert_written(&h, "To \t:\tlonger than before\r\nCc:\r\n");
	assert_true(slice_is(field_body(&h.at[0]), "\tlonger than before"));
	assert_true(slice_is(field_name(&h.at[0]), "To"));
	field_replace_body(&h.at[0], slice_cut(field_body(&h.at[0]), 0, 7));
	assert_written(&h, "To \t:\tlonger\r\nCc:\r\n");
	header_release(&h);
}

/* Quadratic, these would take hours. */
static void takes_linear_time(void **state)
{
	(void)state;
	static const char *const units[] = { "A:\r\n", "A:\r\n ", "A: \r", "A: \n",
					     "A:\r\n \r\n" };
	enum { SIZE = 1024 * 1024 };
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		struct header h = { 0 };
		struct status st;
		struct buf text = { 0 };
		while (text.len < SIZE)
			buf_add_str(&text, units[i]);
		clock_t start = clock();
		header_parse(&h, buf_slice(&text), &st);
		header_remove(&h, "A");
		if (clock() - start > 5 * CLOCKS_PER_SEC)
			fail_msg("too slow: %s", units[i]);
		header_release(&h);
		buf_release(&text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tells_fields),     cmocka_unit_test(keeps_every_byte),
		cmocka_unit_test(parses_nothing),   cmocka_unit_test(splits_names_and_bodies),
		cmocka_unit_test(refuses_sections), cmocka_unit_test(finds_fields),
		cmocka_unit_test(removes_fields),   cmocka_unit_test(inserts_fields),
		cmocka_unit_test(replaces_bodies),  cmocka_unit_test(takes_linear_time),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
