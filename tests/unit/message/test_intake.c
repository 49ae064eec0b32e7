/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/intake.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define LONG_LINE "0123456789012345678901234567890123456789012345678901234567890123456789"

static const struct {
	const char *name;
	const char *in;
	const char *head;
	const char *body;
	bool dot_is_data;
} cases[] = {
	{ "nothing", "", "", "", false },
	{ "header and body", "A: 1\nB: 2\n\nbody\n", "A: 1\r\nB: 2\r\n", "body\r\n", false },
	{ "CRLF", "A: 1\r\n\r\nbody\r\n", "A: 1\r\n", "body\r\n", false },
	{ "CRLF header, LF body", "A: 1\r\n\r\nl1\nl2\n", "A: 1\r\n", "l1\r\nl2\r\n", false },
	{ "CR CR LF", "A: 1\r\r\n\r\r\nx\r\r\n", "A: 1\r\n", "x\r\n", false },
	{ "header only", "A: 1\n", "A: 1\r\n", "", false },
	{ "header without line end", "A: 1", "A: 1\r\n", "", false },
	{ "header and empty line", "A: 1\n\n", "A: 1\r\n", "", false },
	{ "continuation", "A: 1\n 2\n\t3\n\nb\n", "A: 1\r\n 2\r\n\t3\r\n", "b\r\n", false },
	{ "blank continuation", "A: 1\n \nB: 2\n\n", "A: 1\r\n \r\nB: 2\r\n", "", false },
	{ "body keeps empty lines", "A: 1\n\n\n\nb\n\n", "A: 1\r\n", "\r\n\r\nb\r\n\r\n",
	  false },
	{ "empty first line", "\nTo: x\n", "", "To: x\r\n", false },
	{ "only an empty line", "\n", "", "", false },
	{ "first line is no field", "hello\nTo: x\n", "", "hello\r\nTo: x\r\n", false },
	{ "first line is a continuation", " A: 1\n\nx\n", "", " A: 1\r\n\r\nx\r\n", false },
	{ "first line is no field nor ended", "hello", "", "hello\r\n", false },
	{ "later line is no field", "A: 1\nhello\nTo: x\n", "A: 1\r\n", "hello\r\nTo: x\r\n",
	  false },
	{ "blank before the colon", "A : 1\n\nb", "A : 1\r\n", "b\r\n", false },
	{ "mbox line", "From r@x Mon Jan  1 00:00:00 2026\nA: 1\n\nb\n", "A: 1\r\n", "b\r\n",
	  false },
	{ "quoted mbox line", ">From r@x Mon\nA: 1\n\nb\n", "A: 1\r\n", "b\r\n", false },
	{ "mbox line, no field", "From r@x Mon\nhello\n", "", "hello\r\n", false },
	{ "mbox line, continuation", "From r@x Mon\n A: 1\n", "", " A: 1\r\n", false },
	{ "mbox line, empty line", "From r@x Mon\n\nhello\n", "", "hello\r\n", false },
	{ "mbox line alone", "From r@x Mon", "", "", false },
	{ "two mbox lines", "From a\nFrom b\nA: 1\n", "", "From b\r\nA: 1\r\n", false },
	{ "mbox line later", "A: 1\nFrom b\n\n", "A: 1\r\n", "From b\r\n\r\n", false },
	{ "From field with a blank", "From : a@x\n\nb", "From : a@x\r\n", "b\r\n", false },
	{ "From in the body", "A: 1\n\nFrom b\n", "A: 1\r\n", "From b\r\n", false },
	{ "CR starts no field", "A: 1\rBcc: 2\n\nb", "A: 1 Bcc: 2\r\n", "b\r\n", false },
	{ "CR starts a continuation", "A: 1\n\rBcc: 2\n\nb", "A: 1\r\n Bcc: 2\r\n", "b\r\n",
	  false },
	{ "lone dot at the end", "A: 1\n\nb\n.\n", "A: 1\r\n", "b\r\n", false },
	{ "lone dot at the end, CRLF", "A: 1\n\nb\r\n.\r\n", "A: 1\r\n", "b\r\n", false },
	{ "lone dot at the end, CR CR LF", "A: 1\n\nb\r\n.\r\r\n", "A: 1\r\n", "b\r\n", false },
	{ "lone dot, no line end", "A: 1\n\nb\n.", "A: 1\r\n", "b\r\n", false },
	{ "lone dot and CR", "A: 1\n\nb\n.\r", "A: 1\r\n", "b\r\n", false },
	{ "lone dot and text", "A: 1\n\nb\n.\nc\n", "A: 1\r\n", "b\r\n.\r\nc\r\n", false },
	{ "lone dot and an empty line", "A: 1\n\nb\n.\n\n", "A: 1\r\n", "b\r\n.\r\n\r\n",
	  false },
	{ "lone dot and a line of a CR", "A: 1\n\n.\n\r", "A: 1\r\n", ".\r\n\r\n", false },
	{ "two lone dots", "A: 1\n\nb\n.\n.\n", "A: 1\r\n", "b\r\n.\r\n", false },
	{ "two dots", "A: 1\n\n..\n", "A: 1\r\n", "..\r\n", false },
	{ "dot and blank", "A: 1\n\n. \n", "A: 1\r\n", ". \r\n", false },
	{ "dot and bare CR", "A: 1\n\n.\r.\n", "A: 1\r\n", ". .\r\n", false },
	{ "dot at the end of a line", "A: 1\n\nb.\n", "A: 1\r\n", "b.\r\n", false },
	{ "dot is all of the body", "A: 1\n\n.\n", "A: 1\r\n", "", false },
	{ "dot behind the header", "A: 1\n.\n", "A: 1\r\n", "", false },
	{ "dot behind the header and text", "A: 1\n.\nb\n", "A: 1\r\n", ".\r\nb\r\n", false },
	{ "dot is all", ".\n", "", "", false },
	{ "dot is all, no line end", ".", "", "", false },
	{ "dot is data", "A: 1\n\nb\n.\n", "A: 1\r\n", "b\r\n.\r\n", true },
	{ "dot is data and all", ".", "", ".\r\n", true },
	{ "a long line", LONG_LINE LONG_LINE "\n.x", "", LONG_LINE LONG_LINE "\r\n.x\r\n",
	  false },
};

/* Feed IN in pieces of STEP bytes and take the body after each; 0 or -1. */
static int take_in(struct intake *i, struct slice in, size_t step, struct buf *body)
{
	struct status st;
	int result = 0;
	for (size_t at = 0; at < in.len && result == 0; at += step) {
		result = intake_feed(i, slice_cut(in, at, at + step), &st);
		buf_add_slice(body, buf_slice(&i->body));
		buf_reset(&i->body);
	}
	if (result == 0)
		result = intake_finish(i, &st);
	buf_add_slice(body, buf_slice(&i->body));
	if (result != 0)
		assert_int_equal(st.kind, STATUS_BAD_MESSAGE);
	return result;
}

static void check_facts(const struct facts *got, struct slice body)
{
	struct facts want = { 0 };
	facts_add(&want, body);
	assert_int_equal(got->size, want.size);
	assert_int_equal(got->longest_line, want.longest_line);
	assert_int_equal(got->eight_bit, want.eight_bit);
	assert_int_equal(got->nul, want.nul);
	assert_int_equal(got->dot_line, want.dot_line);
}

static void test_cases_in_all_cuts(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof cases / sizeof *cases; n++) {
		print_message("%s\n", cases[n].name);
		struct slice in = slice_of(cases[n].in);
		for (size_t step = 1; step <= in.len + 1; step++) {
			struct intake i = { .dot_is_data = cases[n].dot_is_data };
			struct buf body = { 0 };
			assert_int_equal(take_in(&i, in, step, &body), 0);
			assert_true(i.head_done);
			assert_string_equal(buf_str(&i.head), cases[n].head);
			assert_string_equal(buf_str(&body), cases[n].body);
			check_facts(&i.lines.facts, buf_slice(&body));
			intake_release(&i);
			buf_release(&body);
		}
	}
}

static void test_the_header_is_done_before_the_body_is_read(void **state)
{
	(void)state;
	struct intake i = { 0 };
	struct status st;
	assert_int_equal(intake_feed(&i, slice_of("A: 1\n"), &st), 0);
	assert_false(i.head_done);
	assert_int_equal(intake_feed(&i, slice_of("\n"), &st), 0);
	assert_true(i.head_done);
	assert_string_equal(buf_str(&i.head), "A: 1\r\n");
	assert_int_equal(i.body.len, 0);
	intake_release(&i);
}

static void test_a_dot_on_a_terminal(void **state)
{
	(void)state;
	static const struct {
		const char *piece;
		bool at_dot;
	} steps[] = {
		{ "A: 1\n", false }, { "\n", false },   { ".", false },  { "\n", true },
		{ "b.\n", false },   { "..\n", false }, { ".\n", true }, { "x\n", false },
	};
	struct intake i = { 0 };
	struct status st;
	assert_false(intake_at_dot(&i));
	for (size_t n = 0; n < sizeof steps / sizeof *steps; n++) {
		assert_int_equal(intake_feed(&i, slice_of(steps[n].piece), &st), 0);
		assert_int_equal(intake_at_dot(&i), steps[n].at_dot);
	}
	intake_release(&i);

	struct intake first = { 0 };
	assert_int_equal(intake_feed(&first, slice_of(".\n"), &st), 0);
	assert_true(intake_at_dot(&first));
	assert_int_equal(first.body.len, 0);
	assert_int_equal(intake_feed(&first, slice_of("\n"), &st), 0);
	assert_false(intake_at_dot(&first));
	assert_string_equal(buf_str(&first.body), ".\r\n\r\n");
	assert_int_equal(intake_feed(&first, slice_of("\r\r"), &st), 0);
	assert_int_equal(intake_feed(&first, slice_of("."), &st), 0);
	assert_false(intake_at_dot(&first));
	intake_release(&first);
}

static void test_nul(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		const char *in;
		size_t len;
		int result;
	} nuls[] = {
		{ "in a field", "A: 1\0\n\nb\n", 9, -1 },
		{ "in a continuation", "A: 1\n \0\n\nb\n", 11, -1 },
		{ "in a name", "A: 1\nB\0cc: 2\n\nb\n", 17, -1 },
		{ "in a field that ends the input", "A: \0", 4, -1 },
		{ "in the body", "A: 1\n\nb\0\n", 9, 0 },
		{ "in the first line", "b\0\n", 3, -1 },
		{ "in a body without a header", "\nb\0\n", 4, 0 },
		{ "in an mbox line", "From \0\nA: 1\n", 12, 0 },
	};
	for (size_t n = 0; n < sizeof nuls / sizeof *nuls; n++) {
		print_message("%s\n", nuls[n].name);
		for (size_t step = 1; step <= nuls[n].len; step++) {
			struct intake i = { 0 };
			struct buf body = { 0 };
			struct slice in = slice_n(nuls[n].in, nuls[n].len);
			assert_int_equal(take_in(&i, in, step, &body), nuls[n].result);
			intake_release(&i);
			buf_release(&body);
		}
	}
}

/* COUNT times LINE, then END. */
static struct buf repeat(const char *line, size_t count, const char *end)
{
	struct buf b = { 0 };
	for (size_t n = 0; n < count; n++)
		buf_add_str(&b, line);
	buf_add_str(&b, end);
	return b;
}

static void test_limits(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		const char *line;
		size_t count;
		const char *end;
		int result;
		size_t head; /* bytes */
		size_t body;
	} limits[] = {
		{ "as many lines as may be", "A: 1\n", 10000, "\nb\n", 0, 60000, 3 },
		{ "a line more", "A: 1\n", 10001, "\nb\n", -1, 0, 0 },
		{ "as many bytes as may be", "A: 0123456789abc\r\n", 9000, "\n", 0, 162000, 0 },
		{ "a field that does not end", "A: ", 400000, "\n", -1, 0, 0 },
		{ "a continuation that does not end", "A:1\n ", 1, "\n", 0, 8, 0 },
		{ "a body of one line", "0123456789", 200000, "", 0, 0, 2000002 },
		{ "a body of one line with colons late", "0123456789", 200000, ": x", 0, 0,
		  2000005 },
		{ "an endless mbox line", "From ", 400000, "", 0, 0, 2000002 },
		{ "a body of blanks", "     ", 400000, "", 0, 0, 2000002 },
		{ "a body of CRs", "\r", 200000, "x", 0, 0, 200003 },
	};
	static const size_t steps[] = { 97, 4096, 65536, 1 << 24 };
	for (size_t n = 0; n < sizeof limits / sizeof *limits; n++) {
		print_message("%s\n", limits[n].name);
		struct buf in = repeat(limits[n].line, limits[n].count, limits[n].end);
		for (size_t s = 0; s < sizeof steps / sizeof *steps; s++) {
			struct intake i = { 0 };
			struct buf body = { 0 };
			assert_int_equal(take_in(&i, buf_slice(&in), steps[s], &body),
					 limits[n].result);
			if (limits[n].result == 0) {
				assert_int_equal(i.head.len, limits[n].head);
				assert_int_equal(body.len, limits[n].body);
			}
			intake_release(&i);
			buf_release(&body);
		}
		buf_release(&in);
	}
}

/* A refusal comes before memory fills up, not after the line has ended. */
static void test_an_endless_field_is_refused_early(void **state)
{
	(void)state;
	struct buf piece = repeat("0123456789abcdef", 4096, "");
	struct intake i = { 0 };
	struct status st;
	int result = intake_feed(&i, slice_of("A: "), &st);
	size_t fed = 0;
	for (; result == 0 && fed < 4 * INTAKE_HEAD_BYTES; fed += piece.len)
		result = intake_feed(&i, buf_slice(&piece), &st);
	assert_int_equal(result, -1);
	assert_int_equal(st.kind, STATUS_BAD_MESSAGE);
	assert_true(fed <= INTAKE_HEAD_BYTES + piece.len);
	intake_release(&i);
	buf_release(&piece);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases_in_all_cuts),
		cmocka_unit_test(test_the_header_is_done_before_the_body_is_read),
		cmocka_unit_test(test_a_dot_on_a_terminal),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_an_endless_field_is_refused_early),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
