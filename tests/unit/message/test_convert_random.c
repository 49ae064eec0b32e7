/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Random trees of parts: what is decoded after a conversion is what was there before it. The
 * generator is seeded, so a failure comes again.
 */
#include "message/convert.h"

#include "mime_check.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { MESSAGES = 2000, DEEPEST = 5 };

struct source {
	uint64_t seed;
	unsigned boundaries; /* that were used up */
	struct buf text;
};

/* Of SplitMix64's kind: short, and the same everywhere. */
static unsigned below(struct source *s, unsigned limit)
{
	uint64_t z = s->seed += 0x9e3779b97f4a7c15;
	z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
	z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
	return (unsigned)((z ^ (z >> 31)) % limit);
}

#define PICK(s, list) (list)[below(s, sizeof(list) / sizeof *(list))]

static void add_text(struct source *s)
{
	static const char *const words[] = {
		"plain",
		" ",
		" \t",
		"\r\n",
		"\r\n",
		"\r\n--",
		"\r\n.",
		"\r\n.\r\n",
		"\r\nFrom ",
		"=",
		"=3D",
		"=c",
		"=\r\n",
		"= \r\n",
		"--b1",
		"\r\n--b1x",
		"\303\274",
		"\377",
		"\320\277\321\200\320\270",
		"a line of some length, as they are when people write them\r\n",
	};
	unsigned count = below(s, 40);
	for (unsigned i = 0; i < count; i++)
		buf_add_str(&s->text, PICK(s, words));
	for (unsigned i = below(s, 10) == 0 ? 2000 : 0; i != 0; i--)
		buf_add_char(&s->text, "ab c-\344"[below(s, 6)]);
	for (unsigned i = below(s, 20) == 0 ? 3 : 0; i != 0; i--)
		buf_add_char(&s->text, '\0');
}

static void add_bytes(struct source *s)
{
	for (unsigned i = below(s, 3000); i != 0; i--) {
		char c = (char)below(s, 256);
		buf_add_str(&s->text, c == '\r' ? "\r\n" : "");
		if (c != '\r' && c != '\n')
			buf_add_char(&s->text, c);
	}
}

/* One that is encoded already, and may have long lines. */
static void add_base64(struct source *s)
{
	bool broken = below(s, 2) == 0;
	for (unsigned i = below(s, 800); i != 0; i--) {
		buf_add_str(&s->text, "Q+/z");
		if (broken && i % 19 == 0)
			buf_add_str(&s->text, "\r\n");
	}
}

static void add_quoted_printable(struct source *s)
{
	buf_add_str(&s->text, "Gr=C3=BC=C3=9Fe=\r\n=20");
}

static void add_fields(struct source *s)
{
	static const char *const fields[] = {
		"Content-Disposition: inline\r\n",
		"Subject: hello\r\n",
		"MIME-Version: 1.0\r\n",
		"X-Folded: a\r\n b\r\n\tc\r\n",
	};
	while (below(s, 2) == 0)
		buf_add_str(&s->text, PICK(s, fields));
	if (below(s, 10) == 0) {
		buf_add_str(&s->text, "X-Long:");
		for (int i = 0; i < 500; i++)
			buf_add_str(&s->text, " word");
		buf_add_str(&s->text, "\r\n");
	}
}

static void add_leaf(struct source *s)
{
	static const struct {
		const char *fields;
		void (*add)(struct source *s);
	} leaves[] = {
		{ "", add_text },
		{ "Content-Type: text/plain\r\n", add_text },
		{ "Content-Transfer-Encoding: 8bit\r\nContent-Type: text/html\r\n", add_text },
		{ "Content-Type: application/x\r\nContent-Transfer-Encoding: binary\r\n",
		  add_bytes },
		{ "Content-Type: message/delivery-status\r\n", add_text },
		{ "Content-Type: image/x\r\ncontent-transfer-encoding: BASE64\r\n",
		  add_base64 },
		{ "Content-Type: text/plain\r\nContent-Transfer-Encoding: quoted-printable\r\n",
		  add_quoted_printable },
		{ "content-transfer-encoding: quoted-printable \r\n", add_text },
	};
	unsigned kind = below(s, sizeof leaves / sizeof *leaves);
	buf_add_str(&s->text, leaves[kind].fields);
	add_fields(s);
	buf_add_str(&s->text, "\r\n");
	leaves[kind].add(s);
}

static void add_entity(struct source *s, unsigned depth);

static void add_multipart(struct source *s, unsigned depth)
{
	static const char *const types[] = { "mixed", "alternative", "digest", "report" };
	static const char *const labels[] = { "", "Content-Transfer-Encoding: 8bit\r\n",
					      "Content-Transfer-Encoding: binary\r\n" };
	unsigned number = ++s->boundaries;
	add_fields(s);
	buf_addf(&s->text, "%sContent-Type: multipart/%s; boundary=\"=_ %u\"\r\n\r\n",
		 PICK(s, labels), PICK(s, types), number);
	if (below(s, 3) == 0)
		add_text(s);
	for (unsigned i = below(s, 4) + 1; i != 0; i--) {
		buf_addf(&s->text, "\r\n--=_ %u\r\n", number);
		add_entity(s, depth + 1);
	}
	if (below(s, 10) != 0)
		buf_addf(&s->text, "\r\n--=_ %u--\r\n", number);
	if (below(s, 3) == 0)
		add_text(s);
}

static void add_entity(struct source *s, unsigned depth)
{
	unsigned kind = depth < DEEPEST ? below(s, 5) : 0;
	if (kind < 2) {
		add_leaf(s);
	} else if (kind < 4) {
		add_multipart(s, depth);
	} else {
		buf_add_str(&s->text, "Content-Type: message/rfc822\r\n\r\n");
		add_entity(s, depth + 1);
	}
}

static void write_message(struct source *s, struct buf *message)
{
	struct lines l = { 0 };
	buf_reset(&s->text);
	s->boundaries = 0;
	add_entity(s, 0);
	lines_feed(&l, buf_slice(&s->text), message);
	lines_finish(&l, message);
}

/*
 * Returns whether the message could be converted. Where a multipart is not closed, text that
 * was meant for behind it may come into a part that is encoded already; nothing else may fail.
 */
static bool check_message(struct slice message, bool seven_bit)
{
	struct convert c = { 0 };
	struct buf out = { 0 };
	struct status st = { 0 };
	bool converted = mime_convert(message, seven_bit, &c, &out, &st) == 0;
	if (converted) {
		assert_null(mime_difference(message, buf_slice(&out)));
		assert_null(mime_misfit(buf_slice(&out), &c, seven_bit));
		assert_false(c.header_eight_bit);
	} else {
		assert_int_equal(st.kind, STATUS_BAD_MESSAGE);
		assert_non_null(strstr(st.text, "already"));
	}
	convert_release(&c);
	buf_release(&out);
	return converted;
}

static void test_random_messages(void **state)
{
	(void)state;
	struct source s = { .seed = 1 };
	unsigned converted = 0;
	for (unsigned i = 0; i < MESSAGES; i++) {
		struct buf message = { 0 };
		write_message(&s, &message);
		converted += check_message(buf_slice(&message), i % 4 != 0);
		buf_release(&message);
	}
	assert_true(converted > MESSAGES * 9 / 10);
	buf_release(&s.text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_random_messages),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
