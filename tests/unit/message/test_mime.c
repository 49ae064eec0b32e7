/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/mime.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define MIXED(b) "Content-Type: multipart/mixed; boundary=\"" b "\"\n"
#define RFC822   "Content-Type: message/rfc822\n"

/*
 * Messages with LF for CRLF, and what is found in them: a line for each part, with a dot for
 * each level; bodies of what is no container have '/' for CRLF.
 */
static const struct {
	const char *name;
	const char *text;
	const char *found;
} cases[] = {
	{ "nothing at all", "", "leaf text/plain ()\n" },
	{ "no body", "A: b\n", "leaf text/plain ()\n" },
	{ "plain", "A: b\n\nc\n\nd\n", "leaf text/plain (c//d/)\n" },
	{ "no header", "\nc\n", "leaf text/plain (c/)\n" },
	{ "no empty line", "A: b\nc d\n", "leaf text/plain (c d/)\n" },
	{ "no header, no empty line", "c d\n\ne\n", "leaf text/plain (c d//e/)\n" },
	{ "continuation first", " c: d\n", "leaf text/plain ( c: d/)\n" },
	{ "mbox line", "From me\nContent-Type: a/b\n\nc\n", "leaf a/b (c/)\n" },
	{ "type that cannot be read", "Content-Type: x\n\nc\n",
	  "leaf application/octet-stream (c/)\n" },
	{ "delimiters outside of a multipart", "A: b\n\n--\n--b\n",
	  "leaf text/plain (--/--b/)\n" },
	{ "multipart",
	  MIXED("b") "\npre\n\n--b\n\nc\n--b\nContent-Type: a/b\n\nd\n\n--b--\nepi\n",
	  "multipart multipart/mixed\n.filler  (pre/)\n.leaf text/plain (c)\n.leaf a/b (d/)\n"
	  ".filler  (epi/)\n" },
	{ "folded, commented, in capitals",
	  "CONTENT-TYPE: MultiPart/Mixed (x);\n\tboundary=b\n\n--b\n\nc\n--b--\n",
	  "multipart multipart/mixed\n.leaf text/plain (c)\n" },
	{ "the first of two types", MIXED("b") MIXED("c") "\n--b\n\n--c\n--b--\n",
	  "multipart multipart/mixed\n.leaf text/plain (--c)\n" },
	{ "blanks behind delimiters", MIXED("b") "\n--b \t\n\nc\n--b--  \ne\n",
	  "multipart multipart/mixed\n.leaf text/plain (c)\n.filler  (e/)\n" },
	{ "almost delimiters",
	  MIXED("b") "\n--b\n\n --b\n-b\n--bb\n--b-\n--b---\n--B\nx--b\n--b--\n",
	  "multipart multipart/mixed\n.leaf text/plain ( --b/-b/--bb/--b-/--b---/--B/x--b)\n" },
	{ "parts without anything", MIXED("b") "\n--b\n--b\n\n--b\n\n\n--b--\n",
	  "multipart multipart/mixed\n.leaf text/plain ()\n.leaf text/plain ()\n"
	  ".leaf text/plain ()\n" },
	{ "delimiter in a header", MIXED("b") "\n--b\nA: b\n--b\nContent-Type: a/b\n--b--\n",
	  "multipart multipart/mixed\n.leaf text/plain ()\n.leaf a/b ()\n" },
	{ "part without header", MIXED("b") "\n--b\nc d\n--b--\n",
	  "multipart multipart/mixed\n.leaf text/plain (c d)\n" },
	{ "multipart without an empty line", MIXED("b") "--b\n\nc\n--b--\n",
	  "multipart multipart/mixed\n.leaf text/plain (c)\n" },
	{ "never closed", MIXED("b") "\n--b\n\nc\n\n",
	  "multipart multipart/mixed\n.leaf text/plain (c/)\n" },
	{ "delimiter behind the end", MIXED("b") "\n--b\n\nc\n--b--\n--b\nd\n",
	  "multipart multipart/mixed\n.leaf text/plain (c)\n.filler  (--b/d/)\n" },
	{ "no boundary", "Content-Type: multipart/mixed\n\n--\n--b\n",
	  "multipart multipart/mixed\n.filler  (--/--b/)\n" },
	{ "never begun", MIXED("b") "\nc\n", "multipart multipart/mixed\n.filler  (c)\n" },
	{ "nested", MIXED("b") "\n--b\n" MIXED("c") "\n--c\n\nd\n--c--\n\n--b\n\ne\n--b--\n",
	  "multipart multipart/mixed\n.multipart multipart/mixed\n..leaf text/plain (d)\n"
	  "..filler  ()\n.leaf text/plain (e)\n" },
	{ "nested, with an epilogue",
	  MIXED("b") "\n--b\n" MIXED("c") "\n--c\n\nd\n--c--\nf\n\n--b--\n",
	  "multipart multipart/mixed\n.multipart multipart/mixed\n..leaf text/plain (d)\n"
	  "..filler  (f/)\n" },
	{ "nested, never closed",
	  MIXED("b") "\n--b\n" MIXED("c") "\n--c\n\nd\n--b\n\n--c\n--b--\n",
	  "multipart multipart/mixed\n.multipart multipart/mixed\n..leaf text/plain (d)\n"
	  ".leaf text/plain (--c)\n" },
	{ "nested, the longer boundary inside",
	  MIXED("b") "\n--b\n" MIXED("bc") "\n--bc\n\nd\n--bc--\n--b--\n",
	  "multipart multipart/mixed\n.multipart multipart/mixed\n..leaf text/plain (d)\n" },
	{ "nested, the same boundary",
	  MIXED("b") "\n--b\n" MIXED("b") "\n--b\n\nd\n--b--\n--b--\n",
	  "multipart multipart/mixed\n.multipart multipart/mixed\n.leaf text/plain (d)\n"
	  ".filler  (--b--/)\n" },
	{ "message", RFC822 "\nA: b\n\nc\n",
	  "message message/rfc822\n.leaf text/plain (c/)\n" },
	{ "message in a multipart",
	  MIXED("b") "\n--b\n" RFC822 "\n" MIXED("c") "\n--c\n\nd\n--b\n" RFC822 "\n--b--\n",
	  "multipart multipart/mixed\n.message message/rfc822\n..multipart multipart/mixed\n"
	  "...leaf text/plain (d)\n.message message/rfc822\n..leaf text/plain ()\n" },
	{ "message without an empty line", RFC822 "c d\n",
	  "message message/rfc822\n.leaf text/plain (c d/)\n" },
	{ "message with an mbox line", RFC822 "\n>From me\nContent-Type: a/b\n\nc\n",
	  "message message/rfc822\n.leaf a/b (c/)\n" },
	{ "encoded message", RFC822 "Content-Transfer-Encoding: base64\n\nAAAA\n",
	  "leaf message/rfc822 (AAAA/)\n" },
	{ "other messages", "Content-Type: message/delivery-status\n\nA: b\n",
	  "leaf message/delivery-status (A: b/)\n" },
	{ "digest",
	  "Content-Type: multipart/digest; boundary=b\n\n--b\n\nContent-Type: a/b\n\nc\n"
	  "--b\nContent-Type: text/plain\n\nd\n--b--\n",
	  "multipart multipart/digest\n.message message/rfc822\n..leaf a/b (c)\n"
	  ".leaf text/plain (d)\n" },
	{ "signed",
	  MIXED("b") "\n--b\nContent-Type: multipart/signed; "
		     "boundary=c\n\n--c\n\nd\n--c--\n--b--\n",
	  "multipart multipart/mixed\n.opaque multipart/signed (--c//d/--c--)\n" },
	{ "encrypted", "Content-Type: Multipart/Encrypted; boundary=c\n\n--c\n",
	  "opaque multipart/encrypted (--c/)\n" },
	{ "pieces", "Content-Type: message/partial\n\nA: b\n",
	  "opaque message/partial (A: b/)\n" },
};

/* As it goes through the pipeline: with CRLF. */
static void canonical(const char *text, struct buf *out)
{
	struct lines l = { 0 };
	lines_feed(&l, slice_of(text), out);
	lines_finish(&l, out);
}

static void scan(struct slice text, size_t step, struct mime *m)
{
	struct status st;
	for (size_t at = 0; at < text.len; at += step)
		assert_int_equal(mime_feed(m, slice_cut(text, at, at + step), &st), 0);
	assert_int_equal(mime_finish(m, &st), 0);
}

static void describe_body(struct slice body, struct buf *out)
{
	buf_add_str(out, " (");
	for (size_t i = 0; i < body.len; i++) {
		if (body.data[i] == '\n')
			buf_add_char(out, '/');
		else if (body.data[i] != '\r')
			buf_add_char(out, body.data[i]);
	}
	buf_add_char(out, ')');
}

static void describe(const struct mime *m, struct slice text, struct buf *out)
{
	static const char *const kinds[] = { "leaf", "multipart", "message", "opaque",
					     "filler" };
	for (size_t i = 0; i < m->count; i++) {
		const struct mime_part *p = &m->at[i];
		for (size_t up = p->parent; up != MIME_NONE; up = m->at[up].parent)
			buf_add_char(out, '.');
		buf_addf(out, "%s %s", kinds[p->kind], p->type);
		if (p->kind != MIME_MULTIPART && p->kind != MIME_MESSAGE)
			describe_body(slice_cut(text, (size_t)p->body_from, (size_t)p->body_to),
				      out);
		buf_add_char(out, '\n');
	}
}

static void test_structure_in_all_cuts(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf text = { 0 };
		print_message("%s\n", cases[i].name);
		canonical(cases[i].text, &text);
		for (size_t step = 1; step <= text.len + 1; step++) {
			struct mime m = { 0 };
			struct buf found = { 0 };
			scan(buf_slice(&text), step, &m);
			describe(&m, buf_slice(&text), &found);
			assert_string_equal(buf_str(&found), cases[i].found);
			mime_release(&m);
			buf_release(&found);
		}
		buf_release(&text);
	}
}

static void test_encodings(void **state)
{
	(void)state;
	static const struct {
		const char *fields;
		enum mime_encoding encoding;
	} encodings[] = {
		{ "A: b\n", MIME_7BIT },
		{ "Content-Transfer-Encoding: 7bit\n", MIME_7BIT },
		{ "Content-Transfer-Encoding: 8BIT\n", MIME_8BIT },
		{ "Content-Transfer-Encoding: 8-bit\n", MIME_8BIT },
		{ "content-transfer-encoding:\n (x) binary (y)\n", MIME_BINARY },
		{ "Content-Transfer-Encoding: quoted-printable;\n", MIME_QUOTED_PRINTABLE },
		{ "Content-Transfer-Encoding: Base64\n", MIME_BASE64 },
		{ "Content-Transfer-Encoding: x-uuencode\n", MIME_OTHER },
		{ "Content-Transfer-Encoding:\n", MIME_OTHER },
		{ "Content-Transfer-Encoding: 8bit\nContent-Transfer-Encoding: 8BIT\n",
		  MIME_8BIT },
		{ "Content-Transfer-Encoding: 8bit\nContent-Transfer-Encoding: base64\n",
		  MIME_OTHER },
	};
	for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++) {
		struct buf text = { 0 };
		struct mime m = { 0 };
		canonical(encodings[i].fields, &text);
		scan(buf_slice(&text), text.len, &m);
		assert_int_equal(m.at[0].encoding, encodings[i].encoding);
		mime_release(&m);
		buf_release(&text);
	}
}

static void test_what_is_known_of_a_part(void **state)
{
	(void)state;
	struct buf text = { 0 };
	canonical("Mime-Version: 1.0\nDKIM-signature: x\nSubject: \303\266\n" MIXED(
			  "b") "\n--b\n\n"
			       "=\303\266\t\001\nlonger\n\n--b\nContent-Type: text/plain\nabc "
			       "def",
		  &text);
	buf_add(&text, "\0\r\n", 3);
	struct mime m = { 0 };
	scan(buf_slice(&text), 11, &m);
	assert_int_equal(m.count, 3);
	assert_true(m.at[0].root && m.at[0].has_version && m.at[0].has_dkim &&
		    m.at[0].has_type && m.at[0].has_parts && m.at[0].separated);
	assert_true(m.at[0].head.eight_bit);
	assert_int_equal(m.at[0].head.longest_line, 43);
	assert_false(m.at[1].root || m.at[1].has_version || m.at[1].has_type ||
		     m.at[1].has_dkim);
	assert_true(m.at[1].separated && m.at[1].text.eight_bit && !m.at[1].text.nul);
	assert_int_equal(m.at[1].text.escapes, 4);
	assert_int_equal(m.at[1].text.longest_line, 6);
	assert_true(!m.at[2].separated && m.at[2].has_type && m.at[2].text.nul);
	assert_false(m.at[2].head.eight_bit || m.at[2].text.eight_bit);
	mime_release(&m);
	buf_release(&text);
}

/* Containers in each other, as deep as they can be had. */
static void test_depth(void **state)
{
	(void)state;
	struct buf text = { 0 };
	struct mime m = { 0 };
	for (int i = 0; i < MIME_DEPTH + 10; i++)
		buf_add_str(&text, "Content-Type: message/rfc822\r\n\r\n");
	scan(buf_slice(&text), 1000, &m);
	assert_int_equal(m.count, MIME_DEPTH + 1);
	assert_int_equal(m.at[MIME_DEPTH - 1].kind, MIME_MESSAGE);
	assert_int_equal(m.at[MIME_DEPTH].kind, MIME_OPAQUE);
	mime_release(&m);
	buf_release(&text);
}

static void check_refused(struct slice text, const char *words)
{
	struct mime m = { 0 };
	struct status st = { 0 };
	int result = mime_feed(&m, text, &st);
	if (result == 0)
		result = mime_finish(&m, &st);
	assert_int_equal(result, -1);
	assert_int_equal(st.kind, STATUS_BAD_MESSAGE);
	assert_non_null(strstr(st.text, words));
	mime_release(&m);
}

static void test_limits(void **state)
{
	(void)state;
	struct buf text = { 0 };
	buf_add_str(&text, "Content-Type: multipart/mixed; boundary=b\r\n\r\n");
	for (int i = 0; i < MIME_PARTS; i++)
		buf_add_str(&text, "--b\r\n");
	check_refused(buf_slice(&text), "10000 parts");
	buf_reset(&text);
	for (int i = 0; i < MIME_HEAD_BYTES / 50 + 1; i++)
		buf_add_str(&text, "A: 0123456789012345678901234567890123456789012345\r\n");
	check_refused(buf_slice(&text), "2097152 bytes");
	buf_reset(&text);
	buf_add_str(&text, "A:");
	for (int i = 0; i < MIME_HEAD_BYTES; i++)
		buf_add_char(&text, 'x');
	check_refused(buf_slice(&text), "2097152 bytes");
	buf_release(&text);
	check_refused(slice_n("A: \0\r\n", 6), "NUL");
	check_refused(slice_n("A: \0\r\n\r\n", 8), "NUL");
}

/* A line of a header that may be none is not kept for long. */
static void test_endless_lines(void **state)
{
	(void)state;
	struct mime m = { 0 };
	struct status st;
	static char line[100000];
	memset(line, 'x', sizeof line);
	for (int i = 0; i < 10; i++)
		assert_int_equal(mime_feed(&m, slice_n(line, sizeof line), &st), 0);
	assert_int_equal(mime_feed(&m, slice_of("\r\nyy\r\n"), &st), 0);
	assert_int_equal(mime_finish(&m, &st), 0);
	assert_int_equal(m.at[0].text.longest_line, 10 * sizeof line);
	assert_true(m.held.room < 3 * sizeof line);
	mime_release(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_structure_in_all_cuts),
		cmocka_unit_test(test_encodings),
		cmocka_unit_test(test_what_is_known_of_a_part),
		cmocka_unit_test(test_depth),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_endless_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
