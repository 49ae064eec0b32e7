/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/lines.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define TEXT(s) s, sizeof s - 1

static const struct {
	const char *name;
	const char *in;
	size_t in_len;
	const char *out;
	size_t out_len;
	struct facts facts; /* size aside, which is out_len */
} cases[] = {
	{ "nothing", TEXT(""), TEXT(""), { 0 } },
	{ "LF", TEXT("a\nbc\n"), TEXT("a\r\nbc\r\n"), { .longest_line = 2 } },
	{ "CRLF", TEXT("a\r\nbc\r\n"), TEXT("a\r\nbc\r\n"), { .longest_line = 2 } },
	{ "mixed", TEXT("a\r\nbc\nd\r\n"), TEXT("a\r\nbc\r\nd\r\n"), { .longest_line = 2 } },
	{ "empty lines", TEXT("\n\r\n\n"), TEXT("\r\n\r\n\r\n"), { 0 } },
	{ "no final line end", TEXT("abc"), TEXT("abc\r\n"), { .longest_line = 3 } },
	{ "CR at the end", TEXT("abc\r"), TEXT("abc\r\n"), { .longest_line = 3 } },
	{ "CRs at the end", TEXT("abc\r\r\r"), TEXT("abc\r\n"), { .longest_line = 3 } },
	{ "only a CR", TEXT("\r"), TEXT("\r\n"), { 0 } },
	{ "CR CR LF", TEXT("abc\r\r\nd\n"), TEXT("abc\r\nd\r\n"), { .longest_line = 3 } },
	{ "bare CR", TEXT("a\rb\n"), TEXT("a b\r\n"), { .longest_line = 3 } },
	{ "bare CRs", TEXT("a\r\rb\r\n"), TEXT("a  b\r\n"), { .longest_line = 4 } },
	{ "CR first", TEXT("\rb\n"), TEXT(" b\r\n"), { .longest_line = 2 } },
	{ "LF CR", TEXT("a\n\rb\n"), TEXT("a\r\n b\r\n"), { .longest_line = 2 } },
	{ "CR, CR CR LF",
	  TEXT("a\rb\r\r\nc\rd\n"),
	  TEXT("a b\r\nc d\r\n"),
	  { .longest_line = 3 } },
	{ "LF dot LF",
	  TEXT("a\n.\nb\n"),
	  TEXT("a\r\n.\r\nb\r\n"),
	  { .longest_line = 1, .dot_line = true } },
	{ "LF dot CRLF",
	  TEXT("a\n.\r\nb"),
	  TEXT("a\r\n.\r\nb\r\n"),
	  { .longest_line = 1, .dot_line = true } },
	{ "CR dot CR", TEXT("a\r.\rb\n"), TEXT("a . b\r\n"), { .longest_line = 5 } },
	{ "CRLF dot CR",
	  TEXT("a\r\n.\rb\n"),
	  TEXT("a\r\n. b\r\n"),
	  { .longest_line = 3, .dot_line = true } },
	{ "CR CRLF dot CR CRLF",
	  TEXT("a\r\r\n.\r\r\nb\n"),
	  TEXT("a\r\n.\r\nb\r\n"),
	  { .longest_line = 1, .dot_line = true } },
	{ "dot behind a CR", TEXT("\r.\n"), TEXT(" .\r\n"), { .longest_line = 2 } },
	{ "dot inside", TEXT("a.b\nc.\n"), TEXT("a.b\r\nc.\r\n"), { .longest_line = 3 } },
	{ "dot first of all",
	  TEXT("..a\n"),
	  TEXT("..a\r\n"),
	  { .longest_line = 3, .dot_line = true } },
	{ "dot last of all",
	  TEXT("a\n."),
	  TEXT("a\r\n.\r\n"),
	  { .longest_line = 1, .dot_line = true } },
	{ "8-bit",
	  TEXT("a\303\266\n"),
	  TEXT("a\303\266\r\n"),
	  { .longest_line = 3, .eight_bit = true } },
	{ "8-bit in a long line",
	  TEXT("0123456789012345678901234567890123456789\200\n"),
	  TEXT("0123456789012345678901234567890123456789\200\r\n"),
	  { .longest_line = 41, .eight_bit = true } },
	{ "DEL is no 8-bit",
	  TEXT("01234567\177\177\177\177\177\177\177\177\n"),
	  TEXT("01234567\177\177\177\177\177\177\177\177\r\n"),
	  { .longest_line = 16 } },
	{ "NUL", TEXT("a\0b\n"), TEXT("a\0b\r\n"), { .longest_line = 3, .nul = true } },
	{ "longest is the last", TEXT("a\nbcd"), TEXT("a\r\nbcd\r\n"), { .longest_line = 3 } },
	{ "longest is the first", TEXT("bcd\na"), TEXT("bcd\r\na\r\n"), { .longest_line = 3 } },
};

static void check_facts(const char *name, const struct facts *got, const struct facts *want,
			size_t size)
{
	print_message("%s\n", name);
	assert_int_equal(got->size, size);
	assert_int_equal(got->longest_line, want->longest_line);
	assert_int_equal(got->eight_bit, want->eight_bit);
	assert_int_equal(got->nul, want->nul);
	assert_int_equal(got->dot_line, want->dot_line);
}

/* Feed IN in pieces of STEP bytes. */
static struct facts convert(struct slice in, size_t step, struct buf *out)
{
	struct lines l = { 0 };
	for (size_t at = 0; at < in.len; at += step)
		lines_feed(&l, slice_cut(in, at, at + step), out);
	lines_finish(&l, out);
	return l.facts;
}

static void test_cases_in_all_cuts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct slice in = slice_n(cases[i].in, cases[i].in_len);
		for (size_t step = 1; step <= in.len + 1; step++) {
			struct buf out = { 0 };
			struct facts facts = convert(in, step, &out);
			check_facts(cases[i].name, &facts, &cases[i].facts, cases[i].out_len);
			assert_int_equal(out.len, cases[i].out_len);
			assert_memory_equal(buf_str(&out), cases[i].out, out.len + 1);
			buf_release(&out);
		}
	}
}

static void test_canonical_text_stays_as_it_is(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf out = { 0 };
		convert(slice_n(cases[i].out, cases[i].out_len), 5, &out);
		assert_int_equal(out.len, cases[i].out_len);
		assert_memory_equal(buf_str(&out), cases[i].out, out.len);
		buf_release(&out);
	}
}

static void test_facts_of_canonical_text(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct facts facts = { 0 };
		facts_add(&facts, slice_n(cases[i].out, cases[i].out_len));
		check_facts(cases[i].name, &facts, &cases[i].facts, cases[i].out_len);
	}
}

static void test_facts_add_up(void **state)
{
	(void)state;
	struct facts facts = { 0 };
	facts_add(&facts, slice_of("Subject: x\r\n"));
	facts_add(&facts, slice_of("\r\n"));
	facts_add(&facts, slice_of(".\303\266\r\n"));
	const struct facts want = { .longest_line = 10, .eight_bit = true, .dot_line = true };
	check_facts("three texts", &facts, &want, 12 + 2 + 5);
}

static void test_output_is_appended(void **state)
{
	(void)state;
	struct buf out = { 0 };
	struct lines l = { 0 };
	buf_add_str(&out, "before");
	lines_feed(&l, slice_of("a\n"), &out);
	assert_string_equal(buf_str(&out), "beforea\r\n");
	assert_int_equal(l.facts.size, 3);
	buf_release(&out);
}

/* What would need endless memory, and the answer that does not depend on the cut. */
static void test_a_flood_of_crs(void **state)
{
	(void)state;
	static char in[LINES_CRS + 3];
	static const size_t steps[] = { 1, 1000, LINES_CRS, sizeof in };
	memset(in, '\r', sizeof in);
	in[0] = 'a';
	in[sizeof in - 1] = '\n';
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		struct buf out = { 0 };
		convert(slice_n(in, sizeof in), steps[i], &out);
		assert_string_equal(buf_str(&out), "a \r\n");
		buf_release(&out);
	}
}

/* They come out as blanks when no line end follows, far more than the last piece has bytes. */
static void test_a_flood_of_bare_crs(void **state)
{
	(void)state;
	struct lines l = { 0 };
	struct buf out = { 0 };
	char crs[100];
	memset(crs, '\r', sizeof crs);
	for (int i = 0; i < 100; i++)
		lines_feed(&l, slice_n(crs, sizeof crs), &out);
	assert_int_equal(out.len, 0);
	lines_feed(&l, slice_of("a"), &out);
	assert_int_equal(strspn(buf_str(&out), " "), 10000);
	assert_string_equal(buf_str(&out) + 10000, "a");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases_in_all_cuts),
		cmocka_unit_test(test_canonical_text_stays_as_it_is),
		cmocka_unit_test(test_facts_of_canonical_text),
		cmocka_unit_test(test_facts_add_up),
		cmocka_unit_test(test_output_is_appended),
		cmocka_unit_test(test_a_flood_of_crs),
		cmocka_unit_test(test_a_flood_of_bare_crs),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
