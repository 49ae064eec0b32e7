/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/base64_lines.h"

#include "mime_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define NINETEEN "1234567890123456789"
#define LINE_76  NINETEEN NINETEEN NINETEEN NINETEEN

static void encode(struct slice in, size_t step, struct buf *out)
{
	struct base64_lines b = { 0 };
	for (size_t at = 0; at < in.len; at += step)
		base64_lines_feed(&b, slice_cut(in, at, at + step), out);
	base64_lines_finish(&b, out);
}

static void test_lines(void **state)
{
	(void)state;
	static const struct {
		size_t zeros;
		size_t out; /* octets */
		const char *end;
	} cases[] = {
		{ 0, 0, "" },
		{ 1, 4, "AA==" },
		{ 2, 4, "AAA=" },
		{ 3, 4, "AAAA" },
		{ 56, 76, "AAA=" },
		{ 57, 76, "AAAA" },
		{ 58, 82, "A\r\nAA==" },
		{ 114, 154, "AAAA" },
		{ 171, 232, "AAAA" },
		{ 172, 238, "A\r\nAA==" },
	};
	static const char zeros[200];
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		for (size_t step = 1; step <= cases[i].zeros + 1; step++) {
			struct buf out = { 0 };
			encode(slice_n(zeros, cases[i].zeros), step, &out);
			assert_int_equal(out.len, cases[i].out);
			assert_string_equal(buf_str(&out) + out.len - strlen(cases[i].end),
					    cases[i].end);
			buf_release(&out);
		}
	}
}

static void test_everything_comes_back(void **state)
{
	(void)state;
	char in[1000];
	for (size_t i = 0; i < sizeof in; i++)
		in[i] = (char)(i * 7 + i / 256);
	for (size_t len = 0; len < sizeof in; len += 13) {
		struct buf out = { 0 }, back = { 0 };
		encode(slice_n(in, len), len % 90 + 1, &out);
		for (size_t at = 76; at < out.len; at += 78)
			assert_memory_equal(out.data + at, "\r\n", 2);
		mime_decode(MIME_BASE64, buf_slice(&out), &back);
		assert_int_equal(back.len, len);
		assert_memory_equal(buf_str(&back), in, len);
		buf_release(&out);
		buf_release(&back);
	}
}

static const struct {
	const char *name;
	const char *in;
	const char *out;
} wraps[] = {
	{ "nothing", "", "" },
	{ "short", "AAAA\r\n", "AAAA" },
	{ "short lines", "AAAA\r\nBBB=\r\n", "AAAABBB=" },
	{ "just a line", LINE_76 "\r\n", LINE_76 },
	{ "long", LINE_76 LINE_76 "AA==", LINE_76 "\r\n" LINE_76 "\r\nAA==" },
	{ "junk", "A A-A\tA\r\n--b\200*\r\n+/==", "AAAAb+/==" },
};

static void test_wrap_in_all_cuts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof wraps / sizeof *wraps; i++) {
		struct slice in = slice_of(wraps[i].in);
		print_message("%s\n", wraps[i].name);
		for (size_t step = 1; step <= in.len + 1; step++) {
			struct base64_wrap w = { 0 };
			struct buf out = { 0 };
			for (size_t at = 0; at < in.len; at += step)
				base64_wrap_feed(&w, slice_cut(in, at, at + step), &out);
			assert_string_equal(buf_str(&out), wraps[i].out);
			buf_release(&out);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines),
		cmocka_unit_test(test_everything_comes_back),
		cmocka_unit_test(test_wrap_in_all_cuts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
