/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/quoted_printable.h"

#include "mime_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define TEXT(s) s, sizeof s - 1
#define TEN     "0123456789"
#define SEVENTY TEN TEN TEN TEN TEN TEN TEN

static const struct {
	const char *name;
	const char *in;
	size_t in_len;
	const char *out;
} cases[] = {
	{ "nothing", TEXT(""), "" },
	{ "ASCII", TEXT("Dear all,\r\n\r\n~ bye\r\n"), "Dear all,\r\n\r\n~ bye\r\n" },
	{ "no line end", TEXT("abc"), "abc" },
	{ "8-bit", TEXT("Gr\303\274\303\237e\r\n"), "Gr=C3=BC=C3=9Fe\r\n" },
	{ "equals", TEXT("a=b=3D\r\n"), "a=3Db=3D3D\r\n" },
	{ "controls", TEXT("\0\001\033\177\r\n"), "=00=01=1B=7F\r\n" },
	{ "tab", TEXT("a\tb \tc\r\n"), "a\tb \tc\r\n" },
	{ "blank at a line end", TEXT("a \r\nb\t\r\nc  \r\n"), "a=20\r\nb=09\r\nc =20\r\n" },
	{ "only a blank", TEXT(" \r\n"), "=20\r\n" },
	{ "blank at the end", TEXT("a "), "a=20" },
	{ "signature", TEXT("-- \r\nme\r\n"), "-=2D=20\r\nme\r\n" },
	{ "delimiter", TEXT("--b\r\n-c\r\n - d--\r\n"), "-=2Db\r\n-c\r\n - d--\r\n" },
	{ "dots", TEXT(".\r\n..\r\n.a\r\na.\r\n"), "=2E\r\n=2E.\r\n=2Ea\r\na.\r\n" },
	{ "From", TEXT("From me\r\nFrom\r\n From you\r\nFromme\r\nFrom"),
	  "From=20me\r\nFrom\r\n From you\r\nFromme\r\nFrom" },
	{ "From at the end", TEXT("From "), "From=20" },
	{ "bare CR and LF", TEXT("a\rb\nc\r\r\n\n"), "a=0Db=0Ac=0D\r\n=0A" },
	{ "CR at the end", TEXT("a\r"), "a=0D" },
	{ "75 columns", TEXT(SEVENTY "12345\r\n"), SEVENTY "12345\r\n" },
	{ "76 columns", TEXT(SEVENTY "123456\r\n"), SEVENTY "12345=\r\n6\r\n" },
	{ "no room for an escape", TEXT(SEVENTY "123=\r\n"), SEVENTY "123=\r\n=3D\r\n" },
	{ "room for an escape", TEXT(SEVENTY "12=\r\n"), SEVENTY "12=3D\r\n" },
	{ "blank before a soft break", TEXT(SEVENTY "1234 6\r\n"), SEVENTY "1234 =\r\n6\r\n" },
	{ "blank behind a soft break", TEXT(SEVENTY "12345 \r\n"),
	  SEVENTY "12345=\r\n=20\r\n" },
	{ "soft break before a dot", TEXT(SEVENTY "12345.\r\n"), SEVENTY "12345=\r\n=2E\r\n" },
	{ "soft break before a delimiter", TEXT(SEVENTY "12345--b\r\n"),
	  SEVENTY "12345=\r\n-=2Db\r\n" },
	{ "soft break before From", TEXT(SEVENTY "12345From me\r\n"),
	  SEVENTY "12345=\r\nFrom=20me\r\n" },
};

static void encode(struct slice in, size_t step, struct buf *out)
{
	struct quoted_printable q = { 0 };
	for (size_t at = 0; at < in.len; at += step)
		quoted_printable_feed(&q, slice_cut(in, at, at + step), out);
	quoted_printable_finish(&q, out);
}

static void test_cases_in_all_cuts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct slice in = slice_n(cases[i].in, cases[i].in_len);
		print_message("%s\n", cases[i].name);
		for (size_t step = 1; step <= in.len + 1; step++) {
			struct buf out = { 0 };
			encode(in, step, &out);
			assert_string_equal(buf_str(&out), cases[i].out);
			buf_release(&out);
		}
	}
}

/* No line that a server, a mailbox or a multipart could take for something else. */
static void check_lines(struct slice text)
{
	while (text.len != 0) {
		size_t lf = slice_find(text, '\n');
		struct slice line = slice_cut(text, 0, lf != text.len ? lf - 1 : lf);
		assert_true(line.len <= 76);
		assert_false(line.len != 0 && strchr(" \t", line.data[line.len - 1]) != NULL);
		assert_false(slice_is(slice_cut(line, 0, 2), "--"));
		assert_false(slice_is(slice_cut(line, 0, 1), "."));
		assert_false(slice_is(slice_cut(line, 0, 5), "From "));
		for (size_t i = 0; i < line.len; i++)
			assert_true((line.data[i] >= ' ' && line.data[i] <= '~') ||
				    line.data[i] == '\t');
		text = slice_cut(text, lf + 1, text.len);
	}
}

/* All pairs of bytes, at all columns around a soft break. */
static void test_everything_comes_back(void **state)
{
	(void)state;
	for (size_t column = 0; column < 80; column += column == 1 ? 69 : 1) {
		struct buf in = { 0 }, out = { 0 }, back = { 0 };
		for (unsigned pair = 0; pair < 65536; pair += 7) {
			for (size_t i = 0; i < column; i++)
				buf_add_char(&in, 'x');
			buf_add_char(&in, (char)(pair >> 8));
			buf_add_char(&in, (char)pair);
			buf_add_str(&in, "\r\n");
		}
		encode(buf_slice(&in), 1000, &out);
		check_lines(buf_slice(&out));
		mime_decode(MIME_QUOTED_PRINTABLE, buf_slice(&out), &back);
		assert_int_equal(back.len, in.len);
		assert_memory_equal(back.data, in.data, in.len);
		buf_release(&in);
		buf_release(&out);
		buf_release(&back);
	}
}

/* What is quoted-printable already. */
static const struct {
	const char *name;
	const char *in;
	size_t in_len;
	const char *out;
} mended[] = {
	{ "nothing", TEXT(""), "" },
	{ "as it should be", TEXT("Gr=C3=bc=C3=9Fe =\r\n-- =20\r\n =\r\n\r\nx=\r\n"),
	  "Gr=C3=bc=C3=9Fe =\r\n-=2D =20\r\n =\r\n\r\nx=\r\n" },
	{ "8-bit", TEXT("\303\274\r\n"), "=C3=BC\r\n" },
	{ "NUL, controls", TEXT("a\0\001\tb\r\n"), "a=00=01\tb\r\n" },
	{ "8-bit behind an equals", TEXT("=\303=\r\n=C\303=3D\303"),
	  "=3D=C3=\r\n=3DC=C3=3D=C3" },
	{ "equals alone", TEXT("a=b= c==3D=G1=1G=\r\n"), "a=3Db= c=3D=3D=3DG1=3D1G=\r\n" },
	{ "equals twice", TEXT("==\r\n=A=\r\n"), "=3D=\r\n=3DA=\r\n" },
	{ "padding behind a soft break", TEXT("a= \t\r\nb"), "a= \t\r\nb" },
	{ "equals at the end", TEXT("a="), "a=" },
	{ "a digit at the end", TEXT("a=4"), "a=3D4" },
	{ "blanks at line ends", TEXT("a \r\n \t\r\nFrom \r\nb "),
	  "a \r\n \t\r\nFro=6D \r\nb " },
	{ "start of a line", TEXT(".\r\n--b\r\nFrom me\r\nFrost"),
	  "=2E\r\n-=2Db\r\nFro=6D me\r\nFrost" },
	{ "75 columns", TEXT(SEVENTY "12345\r\n"), SEVENTY "12345\r\n" },
	{ "75 columns and a soft break", TEXT(SEVENTY "12345=\r\n"), SEVENTY "12345=\r\n" },
	{ "a long line", TEXT(SEVENTY SEVENTY "\r\n"),
	  SEVENTY "01234=\r\n56789" TEN TEN TEN TEN TEN TEN "\r\n" },
	{ "no room for an escape", TEXT(SEVENTY "123=3D\r\n"), SEVENTY "123=\r\n=3D\r\n" },
	{ "room for an escape", TEXT(SEVENTY "12=3D\r\n"), SEVENTY "12=3D\r\n" },
	{ "blanks at the edge", TEXT(SEVENTY "1234    5\r\n"), SEVENTY "1234    =\r\n5\r\n" },
	{ "blanks behind the edge", TEXT(SEVENTY "1234    \r\n"), SEVENTY "1234    \r\n" },
};

static void mend(struct slice in, size_t step, struct buf *out)
{
	struct quoted_printable_mend m = { 0 };
	for (size_t at = 0; at < in.len; at += step)
		quoted_printable_mend(&m, slice_cut(in, at, at + step), out);
	quoted_printable_mend_finish(&m, out);
}

static void assert_same_meaning(struct slice before, struct slice after)
{
	struct buf a = { 0 }, b = { 0 };
	mime_decode(MIME_QUOTED_PRINTABLE, before, &a);
	mime_decode(MIME_QUOTED_PRINTABLE, after, &b);
	assert_int_equal(a.len, b.len);
	assert_true(a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
	buf_release(&a);
	buf_release(&b);
}

static void test_mended_in_all_cuts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof mended / sizeof *mended; i++) {
		struct slice in = slice_n(mended[i].in, mended[i].in_len);
		print_message("%s\n", mended[i].name);
		for (size_t step = 1; step <= in.len + 1; step++) {
			struct buf out = { 0 };
			mend(in, step, &out);
			assert_string_equal(buf_str(&out), mended[i].out);
			assert_same_meaning(in, buf_slice(&out));
			buf_release(&out);
		}
	}
}

/* All texts of six of these, at columns around a soft break: they mean the same, and once is
 * enough. */
static void test_mended_texts_mean_the_same(void **state)
{
	(void)state;
	static const char *const tokens[] = { "=", "A", " ", "\303", "\r\n", "-" };
	enum { TOKENS = sizeof tokens / sizeof *tokens, ALL = 6 * 6 * 6 * 6 * 6 * 6 };
	for (size_t column = 0; column < 76; column += column == 0 ? 71 : 1) {
		for (unsigned text = 0; text < ALL; text++) {
			struct buf in = { 0 }, out = { 0 }, again = { 0 };
			memset(buf_reserve(&in, column), 'x', column);
			in.len = column;
			for (unsigned rest = text, i = 0; i < 6; i++, rest /= TOKENS)
				buf_add_str(&in, tokens[rest % TOKENS]);
			mend(buf_slice(&in), 1000, &out);
			mend(buf_slice(&out), 1000, &again);
			assert_same_meaning(buf_slice(&in), buf_slice(&out));
			assert_string_equal(buf_str(&again), buf_str(&out));
			buf_release(&in);
			buf_release(&out);
			buf_release(&again);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases_in_all_cuts),
		cmocka_unit_test(test_everything_comes_back),
		cmocka_unit_test(test_mended_in_all_cuts),
		cmocka_unit_test(test_mended_texts_mean_the_same),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
