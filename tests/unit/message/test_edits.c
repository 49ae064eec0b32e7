/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/edits.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static void read_all(const struct edits *e, const struct store *s, struct buf *out)
{
	struct edits_cursor at = { .reader.store = s };
	struct slice piece;
	struct status st;
	do {
		assert_int_equal(edits_read(e, &at, &piece, &st), 0);
		buf_add_slice(out, piece);
	} while (piece.len != 0);
	edits_cursor_release(&at);
}

static void check(const struct edits *e, const struct store *s, const char *expected)
{
	struct buf out = { 0 };
	read_all(e, s, &out);
	assert_string_equal(buf_str(&out), expected);
	buf_release(&out);
}

static void test_kinds(void **state)
{
	(void)state;
	struct edits e = { 0 };
	struct store s;
	struct status st;
	store_init(&s);
	assert_int_equal(store_add(&s, slice_of("0123\303\2746789abcdef"), &st), 0);
	check(&e, &s, "0123\303\2746789abcdef");
	edits_insert(&e, 0, "<");
	edits_insert(&e, 0, "(");
	edits_replace(&e, 1, 3, slice_of(""));
	edits_encode(&e, 4, 6, EDIT_QUOTED_PRINTABLE);
	edits_insert(&e, 6, "|");
	edits_encode(&e, 6, 9, EDIT_BASE64);
	edits_encode(&e, 9, 10, EDIT_BASE64);
	edits_encode(&e, 10, 12, EDIT_BASE64_WRAP);
	edits_replace(&e, 14, 16, slice_of("!"));
	edits_insert(&e, 16, ">");
	check(&e, &s, "<(03=C3=BC|Njc4OQ==abcd!>");
	check(&e, &s, "<(03=C3=BC|Njc4OQ==abcd!>");
	edits_release(&e);
	store_release(&s);
}

/* Encoders start afresh with each edit, and a store in a file is read in more than one piece.
 */
static void test_a_large_store(void **state)
{
	(void)state;
	enum { HALF = 1000 * 1000 };
	struct edits e = { 0 };
	struct store s;
	struct status st;
	struct buf out = { 0 };
	static char bytes[HALF];
	memset(bytes, 'x', sizeof bytes);
	store_init(&s);
	for (int i = 0; i < 2; i++)
		assert_int_equal(store_add(&s, slice_n(bytes, HALF), &st), 0);
	assert_int_not_equal(s.fd, -1);
	edits_encode(&e, 0, HALF, EDIT_QUOTED_PRINTABLE);
	edits_insert(&e, HALF, "\r\n");
	edits_encode(&e, HALF, HALF + 60, EDIT_QUOTED_PRINTABLE);
	edits_insert(&e, HALF + 60, "\r\n");
	read_all(&e, &s, &out);
	size_t breaks = (HALF - 1) / 75;
	assert_int_equal(out.len, 2 * HALF + 3 * breaks + 4);
	assert_memory_equal(out.data + HALF + 3 * breaks + 2 + 60, "\r\nx", 3);
	buf_release(&out);
	edits_release(&e);
	store_release(&s);
}

static void test_a_store_that_shrank(void **state)
{
	(void)state;
	struct edits e = { 0 };
	struct store s;
	struct slice piece;
	struct status st = { 0 };
	static char bytes[STORE_MEMORY + 1];
	store_init(&s);
	assert_int_equal(store_add(&s, slice_n(bytes, sizeof bytes), &st), 0);
	assert_int_equal(ftruncate(s.fd, 1000), 0);
	edits_encode(&e, 0, s.size, EDIT_BASE64);
	struct edits_cursor at = { .reader.store = &s };
	int result;
	do {
		result = edits_read(&e, &at, &piece, &st);
	} while (result == 0 && piece.len != 0);
	assert_int_equal(result, -1);
	assert_int_equal(st.kind, STATUS_DISK);
	edits_cursor_release(&at);
	edits_release(&e);
	store_release(&s);
}

static void test_seeking(void **state)
{
	(void)state;
	struct store s;
	struct slice piece;
	struct status st;
	store_init(&s);
	assert_int_equal(store_add(&s, slice_of("0123456789"), &st), 0);
	struct reader r = { .store = &s };
	static const struct {
		uint64_t offset, upto;
		const char *piece;
	} steps[] = {
		{ 0, 3, "012" }, { 3, 5, "34" }, { 8, 9, "8" },
		{ 2, 4, "23" },  { 4, 4, "" },   { 9, 3, "" },
		{ 9, 10, "9" },  { 10, 10, "" }, { 5, 10, "56789" },
	};
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		reader_seek(&r, steps[i].offset);
		assert_int_equal(reader_next(&r, steps[i].upto, &piece, &st), 0);
		assert_true(slice_is(piece, steps[i].piece));
	}
	assert_int_equal(reader_next(&r, 11, &piece, &st), -1);
	assert_int_equal(st.kind, STATUS_DISK);
	reader_release(&r);
	store_release(&s);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_kinds),
		cmocka_unit_test(test_a_large_store),
		cmocka_unit_test(test_a_store_that_shrank),
		cmocka_unit_test(test_seeking),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
