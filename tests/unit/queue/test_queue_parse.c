/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_file.h"

#include "base/mem.h"
#include "queue/queue_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CONTENT "Subject: x\r\n\r\n.text\r\n"

static bool parses(struct slice text)
{
	struct queue_entry e;
	struct status st;
	bool does = queue_case_parse(text, &e, &st) == 0;
	assert_true(does || (st.kind == STATUS_BAD_MESSAGE && st.text[0] != '\0'));
	queue_entry_release(&e);
	return does;
}

static bool is_mark(const struct queue_entry *e, size_t at)
{
	for (size_t i = 0; i < e->envelope.count; i++) {
		if (e->places[i] == at)
			return true;
	}
	return false;
}

static bool is_of_tries(size_t at)
{
	return at >= QUEUE_TRIES_AT && at < QUEUE_TRIES_AT + strlen("65535 999999999999 a w");
}

/* Each byte in turn, into what a broken disk and what a person might make of it. */
static void test_every_byte_counts(void **state)
{
	(void)state;
	static const char flips[] = { 1, 2, 4, 8, 16, 32, 64, (char)128 };
	struct queue_entry e;
	struct buf text = { 0 };
	queue_case_full(&e);
	queue_case_header(&e, &text);
	queue_file_places(buf_slice(&text), &e);
	for (size_t at = 0; at < text.len; at++) {
		for (size_t k = 0; k < sizeof flips; k++) {
			text.data[at] = (char)(text.data[at] ^ flips[k]);
			bool expected = is_of_tries(at) && text.data[at] != '\n';
			if (!is_mark(&e, at) && parses(buf_slice(&text)) != expected)
				fail_msg("byte %zu, '%c'", at, text.data[at] ^ flips[k]);
			text.data[at] = (char)(text.data[at] ^ flips[k]);
		}
	}
	assert_true(parses(buf_slice(&text)));
	queue_entry_release(&e);
	buf_release(&text);
}

static void test_marks(void **state)
{
	(void)state;
	struct queue_entry e;
	struct buf text = { 0 };
	queue_case_full(&e);
	queue_case_header(&e, &text);
	queue_file_places(buf_slice(&text), &e);
	for (int c = 0; c < 256; c++) {
		text.data[e.places[2]] = (char)c;
		assert_int_equal(parses(buf_slice(&text)),
				 c != '\0' && strchr("?DFB", c) != NULL);
	}
	queue_entry_release(&e);
	buf_release(&text);
}

static void test_every_cut_is_found(void **state)
{
	(void)state;
	struct queue_entry e;
	struct buf text = { 0 };
	size_t found = 0;
	queue_case_full(&e);
	queue_case_header(&e, &text);
	for (size_t len = 0; len < text.len; len++) {
		char *cut = mem_copy_n(text.data, len);
		assert_false(parses(slice_n(cut, len)));
		assert_false(queue_file_find_header(slice_n(cut, len), &found));
		free(cut);
	}
	assert_false(queue_file_find_header(slice_n(NULL, 0), &found));
	queue_entry_release(&e);
	buf_release(&text);
}

/* TEXT with what stands in FROM replaced, and the checksum made right again. */
static void forge(struct buf *text, const char *from, const char *to)
{
	struct buf out = { 0 };
	char *at = strstr(text->data, from);
	assert_non_null(at);
	buf_add(&out, text->data, (size_t)(at - text->data));
	buf_add_str(&out, to);
	buf_add_str(&out, at + strlen(from));
	size_t covered = out.len - strlen("K 00000000\n\n");
	uint32_t sum = queue_file_check(slice_n(out.data, covered));
	snprintf(out.data + covered, strlen("K 00000000\n\n") + 1, "K %08x\n\n", sum);
	buf_release(text);
	*text = out;
}

/* What never was written by us, with a checksum that is right. */
static void test_forgeries(void **state)
{
	(void)state;
	static const struct {
		const char *from, *to;
		bool fine;
	} cases[] = {
		{ "me@x.test", "you@y.test", true },
		{ "65535 999999999999 a w", "", true },
		{ "65535 999999999999 a w", "65536 999999999999 a w", true },
		{ "PR1 ", "PR2 ", false },
		{ "\nT ", "\nA 65535 999999999999 a w\nT ", false },
		{ "\nT 00", "\nT 0", false },
		{ "\nT 00", "\nT -1", false },
		{ " 4294967294 ", " 4294967296 ", false },
		{ " report\n", " nobody\n", false },
		{ " report\n", "\n", false },
		{ " report\n", " report \n", false },
		{ "deadbeef", "DEADBEEF", false },
		{ "deadbeef", "1deadbeef", false },
		{ "B 000000000000021", "B 000000000000022", false },
		{ "H 000000000000014", "H 000000000000013", false },
		{ "8-.", "8-", false },
		{ "8-.", "8-x", false },
		{ "X work", "X wo\trk", false },
		{ "X work", "X wo\x7frk", false },
		{ "X work & play", "X ", false },
		{ "X work & play\n", "", false },
		{ "P 0123", "P ../3", false },
		{ "I <1@x.test>", "I <1@x.test>\r", false },
		{ "N 10", "N 16", false },
		{ "N 10", "N 010", false },
		{ "HDRS", "hdrs", false },
		{ "HDRS", "-", true },
		{ "W 1", "W 2", false },
		{ " -86400", " -086400", false },
		{ " -86400", " --6400", false },
		{ " 2147483647", " 2147483648", false },
		{ " -9", " -10", false },
		{ " -9", " 9", true },
		{ " -9", " -9 ", false },
		{ "V id + = ~\n", "V \n", false },
		{ "V id + = ~\n", "", true },
		{ "F me@x.test", "F ", true },
		{ "F me@x.test", "F <>", false },
		{ "F me@x.test", "F me@x.test> SIZE=1", false },
		{ "F me@x.test\n", "", false },
		{ "F me@x.test\n", "F me@x.test\nF me@x.test\n", false },
		{ "R ? r0@x.test", "R ? ", false },
		{ "R ? r0@x.test", "R ?", false },
		{ "R ? r0@x.test", "R ? r1@X.TEST", false },
		{ "R ? r0@x.test", "R ? -r0", false },
		{ "R ? r0@x.test", "R ? r0@x.test RET=FULL", false },
		{ "R ? r0@x.test", "R  ? r0@x.test", false },
		{ "R B r3@x.test\n", "R B r3@x.test\nZ what is this\n", false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct queue_entry e;
		struct buf text = { 0 };
		queue_case_full(&e);
		queue_case_header(&e, &text);
		forge(&text, cases[i].from, cases[i].to);
		if (parses(buf_slice(&text)) != cases[i].fine)
			fail_msg("'%s' for '%s'", cases[i].to, cases[i].from);
		queue_entry_release(&e);
		buf_release(&text);
	}
}

static void test_nobody_to_send_to(void **state)
{
	(void)state;
	struct queue_entry e;
	struct buf text = { 0 };
	queue_case_entry(&e, 1, CONTENT);
	queue_case_header(&e, &text);
	forge(&text, "R ? r0@x.test\n", "");
	assert_false(parses(buf_slice(&text)));
	queue_entry_release(&e);
	buf_release(&text);
}

/* It is overwritten in place, and may be torn: due now, but for what a person said. */
static void test_the_line_that_changes(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		unsigned attempts;
		int64_t next;
		enum queue_state state;
		bool warned;
	} cases[] = {
		{ "00007 000000001234 q -", 7, 1234, QUEUE_WAITING, false },
		{ "00007 000000001234 h w", 7, 1234, QUEUE_HELD, true },
		{ "00007 000000001234 a -", 7, 1234, QUEUE_STUCK, false },
		{ "00007 000000001234 z z", 7, 1234, QUEUE_WAITING, false },
		{ "00007 00000000123\xff q -", 0, 0, QUEUE_WAITING, false },
		{ "\1\2\3\4\5\6\7\x10\x20\x30", 0, 0, QUEUE_WAITING, false },
		{ "", 0, 0, QUEUE_WAITING, false },
		{ "00007 000000001234 q", 0, 0, QUEUE_WAITING, false },
		{ "00007 000000001234 q - ", 0, 0, QUEUE_WAITING, false },
		{ "-0007 000000001234 q -", 0, 0, QUEUE_WAITING, false },
		{ "99999 000000001234 q -", 0, 0, QUEUE_WAITING, false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct queue_entry e, got;
		struct buf text = { 0 };
		struct status st;
		queue_case_entry(&e, 1, CONTENT);
		queue_case_header(&e, &text);
		forge(&text, "00000 001800000000 q -", cases[i].text);
		assert_int_equal(queue_case_parse(buf_slice(&text), &got, &st), 0);
		assert_int_equal(got.attempts, cases[i].attempts);
		assert_int_equal(got.next, cases[i].next);
		assert_int_equal(got.state, cases[i].state);
		assert_int_equal(got.warned, cases[i].warned);
		queue_entry_release(&got);
		queue_entry_release(&e);
		buf_release(&text);
	}
}

static void test_zeroed_tries(void **state)
{
	(void)state;
	struct queue_entry e, got;
	struct buf text = { 0 };
	struct status st;
	queue_case_entry(&e, 1, CONTENT);
	e.attempts = 3;
	queue_case_header(&e, &text);
	memset(text.data + QUEUE_TRIES_AT, 0, strlen("00003 001800000000 q -"));
	assert_int_equal(queue_case_parse(buf_slice(&text), &got, &st), 0);
	assert_int_equal(got.attempts, 0);
	assert_int_equal(got.next, 0);
	queue_entry_release(&got);
	queue_entry_release(&e);
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_byte_counts),
		cmocka_unit_test(test_marks),
		cmocka_unit_test(test_every_cut_is_found),
		cmocka_unit_test(test_forgeries),
		cmocka_unit_test(test_nobody_to_send_to),
		cmocka_unit_test(test_the_line_that_changes),
		cmocka_unit_test(test_zeroed_tries),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
