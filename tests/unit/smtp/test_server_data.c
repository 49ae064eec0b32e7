/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/server_data.h"

#include "smtp/slow_data.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* Decode IN in pieces of STEP bytes; returns how much was taken. */
static size_t decode(struct slice in, bool bare_lf, size_t step, struct buf *out, bool *ended)
{
	struct server_data d;
	size_t taken = 0;
	server_data_start(&d, bare_lf);
	for (size_t at = 0; at < in.len; at += step) {
		struct slice rest = slice_cut(in, at, at + step), content;
		size_t len = rest.len;
		while (server_data_next(&d, &rest, &content))
			buf_add_slice(out, content);
		taken += len - rest.len;
	}
	*ended = d.ended;
	return taken;
}

/* What was held back because it might have been the end counts once it was not. */
static void check(struct slice in, bool bare_lf, size_t step)
{
	struct buf slow = { 0 }, fast = { 0 };
	bool ended;
	size_t end = slow_data(in, bare_lf, &slow);
	size_t taken = decode(in, bare_lf, step, &fast, &ended);
	assert_int_equal(ended, end != 0);
	assert_int_equal(taken, ended ? end : in.len);
	if (ended)
		assert_int_equal(fast.len, slow.len);
	assert_true(fast.len <= slow.len && slow.len - fast.len <= 1);
	assert_memory_equal(buf_str(&fast), buf_str(&slow), fast.len);
	buf_release(&slow);
	buf_release(&fast);
}

/* All texts of these four letters, up to eight of them, in all pieces. */
static void all_short_texts_are_decoded_as_the_standard_says(void **state)
{
	(void)state;
	enum { LONGEST = 8 };
	char text[LONGEST];
	for (size_t len = 1; len <= LONGEST; len++) {
		for (unsigned long n = 0; n < 1UL << (2 * len); n++) {
			for (size_t i = 0; i < len; i++)
				text[i] = "\r\n.x"[n >> (2 * i) & 3];
			for (size_t step = 1; step <= len; step++) {
				check(slice_n(text, len), false, step);
				check(slice_n(text, len), true, step);
			}
		}
	}
}

static void a_piece_without_dots_is_not_copied(void **state)
{
	(void)state;
	struct server_data d;
	struct slice in = slice_of("Subject: x\r\n\r\nhello\r\n"), rest = in, content;
	server_data_start(&d, false);
	assert_true(server_data_next(&d, &rest, &content));
	assert_ptr_equal(content.data, in.data);
	assert_int_equal(content.len, in.len);
	assert_false(server_data_next(&d, &rest, &content));
}

static void nothing_is_taken_behind_the_end(void **state)
{
	(void)state;
	struct server_data d;
	struct slice rest = slice_of(".\r\n.\r\nQUIT\r\n"), content;
	server_data_start(&d, false);
	while (server_data_next(&d, &rest, &content))
		assert_int_equal(content.len, 0);
	assert_true(d.ended);
	assert_true(slice_is(rest, ".\r\nQUIT\r\n"));
	assert_false(server_data_next(&d, &rest, &content));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_short_texts_are_decoded_as_the_standard_says),
		cmocka_unit_test(a_piece_without_dots_is_not_copied),
		cmocka_unit_test(nothing_is_taken_behind_the_end),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
