/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/header_ascii.h"

#include "message/encoded_word.h"
#include "message/lines.h"
#include "message/quoted_string.h"
#include "words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define O     "\303\266"
#define TEN_O O O O O O O O O O O
#define TEN_A "aaaaaaaaaa"
#define TEN_B "          "

/* Bodies of fields, from behind the colon up to the final CRLF. */
static const struct {
	const char *name;
	const char *field;
	const char *in;
	const char *out;
} cases[] = {
	{ "ASCII stays", "Subject", "  a \r\n\t=?x?q?y?=  ", "  a \r\n\t=?x?q?y?=  " },
	{ "ASCII stays, wide", "To",
	  " a@b,c@d,\"" TEN_A TEN_A TEN_A TEN_A TEN_A TEN_A TEN_A "\"@e",
	  " a@b,c@d,\"" TEN_A TEN_A TEN_A TEN_A TEN_A TEN_A TEN_A "\"@e" },
	{ "a word", "Subject", " a " O " b", " a =?UTF-8?B?w7Y=?= b" },
	{ "a mark in Q", "Subject", " Gr\303\274sse Gott", " =?UTF-8?Q?Gr=C3=BCsse?= Gott" },
	{ "words together", "Subject", " " O " \t" O, " =?UTF-8?B?w7YgCcO2?=" },
	{ "words around a fold", "Subject", " " O "\r\n\t" O, " =?UTF-8?B?w7YJw7Y=?=" },
	{ "words apart", "Subject", " " O "  a  " O, " =?UTF-8?B?w7Y=?=  a  =?UTF-8?B?w7Y=?=" },
	{ "folds stay", "Subject", " a\r\n\t" O, " a\r\n\t=?UTF-8?B?w7Y=?=" },
	{ "no blank behind the colon", "Subject", O, " =?UTF-8?B?w7Y=?=" },
	{ "blanks at the end", "Subject", " " O " \t", " =?UTF-8?B?w7Y=?=" },
	{ "behind an encoded word", "Subject", " =?a?Q?b?= " O, " =?a?Q?b?= =?UTF-8?B?IMO2?=" },
	{ "before an encoded word", "Subject",
	  " " O "  =?a?q?b?=", " =?UTF-8?Q?=C3=B6__?=  =?a?q?b?=" },
	{ "behind what looks like one", "Subject", " =?a?x?b?= " O,
	  " =?a?x?b?= =?UTF-8?B?w7Y=?=" },
	{ "unknown charset", "Subject", " J\366rg", " =?unknown-8bit?Q?J=F6rg?=" },
	{ "two charsets", "Subject", " " O " \366",
	  " =?UTF-8?B?w7Y=?= =?unknown-8bit?Q?_=F6?=" },
	{ "unknown field", "X-Any", " a@" O, " =?UTF-8?B?YUDDtg==?=" },
	{ "folded", "Subject", " " TEN_O TEN_O TEN_O,
	  " =?UTF-8?B?w7bDtsO2w7bDtsO2w7bDtsO2w7bDtsO2w7bDtsO2w7bDtsO2w7Y=?=\r\n"
	  " =?UTF-8?B?w7bDtsO2w7bDtsO2w7bDtsO2w7bDtg==?=" },
	{ "plain words fold", "Subject", " " O " " TEN_A TEN_A TEN_A " " TEN_A TEN_A TEN_A " b",
	  " =?UTF-8?B?w7Y=?= " TEN_A TEN_A TEN_A "\r\n " TEN_A TEN_A TEN_A " b" },
	{ "many blanks", "Subject", " a\t" TEN_B TEN_B TEN_B TEN_B O,
	  " a\t=?UTF-8?Q?________________________________________=C3=B6?=" },

	{ "a name", "From", " J" O "rg Ott <j@b>", " =?UTF-8?B?SsO2cmc=?= Ott <j@b>" },
	{ "a quoted name", "From", " \"Ott, \\\"J" O "rg\"<j@b>",
	  " =?UTF-8?B?T3R0LCAiSsO2cmc=?= <j@b>" },
	{ "a quoted name beside", "From", " \"A, B\" J" O " <j@b>",
	  " \"A, B\" =?UTF-8?B?SsO2?= <j@b>" },
	{ "a name with dots", "To", " A.J" O " <j@b>", " =?UTF-8?B?QS5Kw7Y=?= <j@b>" },
	{ "no UTF-8", "To", " J\366 <j@b>", " =?unknown-8bit?Q?J=F6?= <j@b>" },
	{ "an address for a name", "To", " " O "@b <o@b>", " =?UTF-8?B?w7ZAYg==?= <o@b>" },
	{ "a group", "Cc", " B" O ": a@b;", " =?UTF-8?B?QsO2?= : a@b;" },
	{ "a comment", "Sender", " a@b (B" O "(" O " \\" O "x)=)",
	  " a@b (=?UTF-8?B?QsO2?= (=?UTF-8?B?w7Ygw7Z4?=)=)" },
	{ "a bare address", "To", " root (" O ")", " root (=?UTF-8?B?w7Y=?=)" },
	{ "a domain", "To", " A <\"a b\"@b\303\274cher.example>, " O " <c@d>",
	  " A <\"a b\"@xn--bcher-kva.example>, =?UTF-8?B?w7Y=?= <c@d>" },
	{ "a plain domain", "Disposition-Notification-To", "a@b\303\274cher.example",
	  " a@xn--bcher-kva.example" },
	{ "a comment in an address", "To", " a(x)@b (" O ")", " a(x)@b (=?UTF-8?B?w7Y=?=)" },
	{ "a comment that goes", "To", " a(" O ")@b", " a@b" },
	{ "a route", "To", " <@" O ",@x:a@b>", " <a@b>" },
	{ "a list folds", "To",
	  " Alice <alice.alice@example.org>, Bob <bob.bob.bob@example.org>, J" O " <a@b>",
	  " Alice <alice.alice@example.org>, Bob <bob.bob.bob@example.org>,\r\n"
	  " =?UTF-8?B?SsO2?= <a@b>" },
	{ "no address list", "To", " J" O "rg GmbH, Ulm <a@b>",
	  " =?UTF-8?B?SsO2cmc=?= GmbH, Ulm <a@b>" },

	{ "List-Id", "List-Id", " B" O " <a.b>", " =?UTF-8?B?QsO2?= <a.b>" },
	{ "Keywords", "Keywords", " k" O ",b", " =?UTF-8?B?a8O2?= ,b" },
	{ "Keywords, unreadable", "Keywords", " k" O ",\"b", " =?UTF-8?B?a8O2LCJi?=" },
	{ "Message-ID's comment", "Message-ID", " <a@b> (" O ")", " <a@b> (=?UTF-8?B?w7Y=?=)" },
	{ "Received", "Received", " from " O " (" O ") by x; \"\366\"",
	  " from ?? (=?UTF-8?B?w7Y=?=) by x; \"?\"" },
	{ "Received, unreadable", "Received", " from (" O, " from =?UTF-8?B?KMO2?=" },

	{ "a parameter", "Content-Type", " text/plain;name=\"" O " \\\"x\" ;\r\n\ta=b (c)",
	  " text/plain; name*=UTF-8''%C3%B6%20%22x ;\r\n\ta=b (c)" },
	{ "without quotes", "Content-Disposition", " inline; filename = " O " (1).txt",
	  " inline; filename*=UTF-8''%C3%B6%20%281%29.txt" },
	{ "a parameter that is no UTF-8", "Content-Type", " a/b; name=\366",
	  " a/b; name*=unknown-8bit''%F6" },
	{ "a parameter's comment", "Content-Type", " a/b (" O "); c=\"d;e\" (" O ")",
	  " a/b (=?UTF-8?B?w7Y=?=); c=\"d;e\"\r\n (=?UTF-8?B?w7Y=?=)" },
	{ "an extended parameter", "Content-Type", " a/b; name*=utf-8''%20" O,
	  " a/b; name*=utf-8''%20%C3%B6" },
	{ "a long parameter", "Content-Type", " a/b; name=\"" TEN_O "xxxx\"; c=d",
	  " a/b;\r\n"
	  " name*0*=UTF-8''%C3%B6%C3%B6%C3%B6%C3%B6%C3%B6%C3%B6%C3%B6%C3%B6%C3%B6%C3%B6x;\r\n"
	  " name*1*=xxx; c=d" },
};

/* Make "FIELD:BODY" a header, and that ASCII. */
static int convert(const char *field, const char *body, struct header *h, struct status *st)
{
	struct buf section = { 0 };
	buf_addf(&section, "%s:%s\r\n", field, body);
	assert_int_equal(header_parse(h, buf_slice(&section), st), 0);
	buf_release(&section);
	return header_ascii(h, st);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct header h = { 0 };
		struct status st = { 0 };
		print_message("%s\n", cases[i].name);
		if (convert(cases[i].field, cases[i].in, &h, &st) != 0)
			fail_msg("%s", st.text);
		char *body = slice_copy(field_body(&h.at[0]));
		assert_string_equal(body, cases[i].out);
		free(body);
		header_release(&h);
	}
}

static const struct {
	const char *field;
	const char *body;
	const char *quoted; /* in the sentence, as is the field */
	unsigned detail;
} refused[] = {
	{ "To", " A <a@b>, J <j" O "rg@x.example>", "'j" O "rg@x.example'", 7 },
	{ "Resent-Cc", " \"" O " x\"@x.example", "'\"" O " x\"@x.example'", 7 },
	{ "From", " j" O "rg", "'j" O "rg'", 7 },
	{ "From", " a@b\374cher.example", "b?cher.example", 7 },
	{ "To", " a@b\357\274\236x.example", "a@b>x.example", 7 }, /* wide '>' */
	{ "To", " a@b\357\274\214x\357\274\240y.example", "a@b,x@y.example", 7 },
	{ "Message-ID", " <" O "@b>", "'" O "'", 9 },
	{ "References", " <a@b> <c@" O ">", "'" O "'", 9 },
	{ "Date", " (" O, "'(" O "'", 9 },
	{ "List-Unsubscribe", " <http://x/" O ">", "'//x/" O "'", 9 },
	{ "List-Id", " a <" O ".b>", "'" O ".b'", 9 },
	{ "DKIM-Signature", " v=1; i=a@" O, "'" O "'", 9 },
	{ "Content-Type", " t" O "xt/plain; a=b", "t" O "xt/plain", 9 },
	{ "Content-Type", " a/b; boundary=\"" O "\"", "boundary=\"" O "\"", 9 },
	{ "Content-Type", " a/b; name*0=\"" O "\"", "name*0", 9 },
	{ "Content-Type", " a/b; " O "=x", O "=x", 9 },
	{ "Content-Type", " a/b; " O, O, 9 },
	{ "Content-Disposition", " a; filename=\"" O, O, 9 },
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct header h = { 0 };
		struct status st = { 0 };
		struct buf field = { 0 };
		print_message("%s:%s\n", refused[i].field, refused[i].body);
		assert_int_equal(convert(refused[i].field, refused[i].body, &h, &st), -1);
		assert_int_equal(st.kind, STATUS_BAD_MESSAGE);
		assert_int_equal(st.enhanced[0] * 100 + st.enhanced[1] * 10 + st.enhanced[2],
				 560 + refused[i].detail);
		buf_addf(&field, "in the field '%s'", refused[i].field);
		if (strstr(st.text, buf_str(&field)) == NULL ||
		    strstr(st.text, refused[i].quoted) == NULL)
			fail_msg("%s", st.text);
		assert_true(st.hint[0] != '\0');
		buf_release(&field);
		header_release(&h);
	}
}

/* Words of every length, at every column, read as they did, on lines of 78 columns. */
static void test_widths(void **state)
{
	(void)state;
	static const char *const units[] = { O,
					     "a" O " ",
					     "aa bbb " O " ",
					     "\366 " O " ",
					     "=?a?q?b?= " O " ",
					     "\360\237\223\247x" };
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		struct buf in = { 0 };
		for (int count = 0; count < 150; count++) {
			struct header h = { 0 };
			struct status st = { 0 };
			struct buf was = { 0 }, is = { 0 };
			buf_add_str(&in, units[i]);
			assert_int_equal(convert("Subject", buf_str(&in), &h, &st), 0);
			struct slice line, rest = slice_n(h.at[0].text, h.at[0].len);
			while (slice_next(&rest, '\n', &line))
				assert_true(line.len <= 79);
			words_decode(buf_slice(&in), &was);
			words_decode(field_body(&h.at[0]), &is);
			assert_string_equal(buf_str(&is), buf_str(&was));
			buf_release(&was);
			buf_release(&is);
			header_release(&h);
		}
		buf_release(&in);
	}
}

/* What has no blanks to fold at, where there is no other form. */
static void test_long(void **state)
{
	(void)state;
	struct header h = { 0 };
	struct status st = { 0 };
	struct buf word = { 0 }, text = { 0 }, address = { 0 };
	for (int i = 0; i < 100; i++)
		buf_add_str(&word, TEN_A);
	buf_addf(&text, " " O " %s", buf_str(&word));
	assert_int_equal(convert("Subject", buf_str(&text), &h, &st), 0);
	header_release(&h);
	assert_int_equal(convert("Subject", buf_str(&word), &h, &st), 0);
	assert_non_null(strstr(h.at[0].text, "?=\r\n =?UTF-8?Q?"));
	header_release(&h);
	buf_addf(&address, " " O " <%s@b>", buf_str(&word));
	assert_int_equal(convert("To", buf_str(&address), &h, &st), -1);
	assert_non_null(strstr(st.text, "998"));
	header_release(&h);
	buf_release(&word);
	buf_release(&text);
	buf_release(&address);
}

/* Lists without blanks get some, and keep their addresses. */
static void test_long_list(void **state)
{
	(void)state;
	struct header h = { 0 };
	struct status st = { 0 };
	struct buf text = { 0 }, without = { 0 };
	for (int i = 0; i < 100; i++)
		buf_addf(&text, "%s\"N,%d\"<u%d@example.com>", i != 0 ? "," : "", i, i);
	assert_int_equal(convert("To", buf_str(&text), &h, &st), 0);
	struct facts facts = { 0 };
	facts_add(&facts, slice_n(h.at[0].text, h.at[0].len));
	assert_true(facts.longest_line <= 78);
	struct slice body = field_body(&h.at[0]);
	for (size_t i = 0; i < body.len; i++) {
		if (strchr(" \r\n", body.data[i]) == NULL)
			buf_add_char(&without, body.data[i]);
	}
	assert_string_equal(buf_str(&without), buf_str(&text));
	header_release(&h);
	buf_release(&text);
	buf_release(&without);
}

/* What blanks help to fold, and what fits, stays. */
static void test_unfoldable(void **state)
{
	(void)state;
	static const struct {
		size_t word, words;
		bool unfoldable;
	} rows[] = {
		{ 997, 1, false }, { 998, 1, true },   { 997, 3, false },
		{ 998, 3, true },  { 5, 1000, false }, { 10000, 1, true },
	};
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct header h = { 0 };
		struct buf section = { 0 };
		struct status st;
		buf_add_str(&section, "A:");
		for (size_t n = 0; n < rows[i].words; n++) {
			buf_add_char(&section, ' ');
			for (size_t c = 0; c < rows[i].word; c++)
				buf_add_char(&section, 'x');
		}
		buf_add_str(&section, "\r\n");
		assert_int_equal(header_parse(&h, buf_slice(&section), &st), 0);
		assert_int_equal(field_is_unfoldable(&h.at[0]), rows[i].unfoldable);
		header_release(&h);
		buf_release(&section);
	}
}

static void test_needs_utf8(void **state)
{
	(void)state;
	static const struct {
		const char *section;
		bool needs;
	} sections[] = {
		{ "From: a@b\r\nSubject: " O "@b\r\n", false },
		{ "From: " O " <a@" O ">\r\n", false },
		{ "Subject: a\r\nCc: a@b, " O "@b\r\n", true },
		{ "Resent-To: g: \"" O " x\" <" O "@b>;\r\n", true },
		{ "To: " O "@b " O "@b\r\n", false },
		{ "", false },
	};
	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
		struct header h = { 0 };
		struct status st = { 0 };
		print_message("%s\n", sections[i].section);
		assert_int_equal(header_parse(&h, slice_of(sections[i].section), &st), 0);
		assert_int_equal(header_needs_utf8(&h), sections[i].needs);
		header_release(&h);
	}
}

static void test_is_encoded_word(void **state)
{
	(void)state;
	static const struct {
		const char *word;
		bool is;
	} words[] = {
		{ "=?a?q?b?=", true },
		{ "=?a?B?"
		  "?=",
		  true },
		{ "=?a?q?b?c?=", false },
		{ "=??q?b?=", false },
		{ "=?a?qq?b?=", false },
		{ "=?a?b?=", false },
		{ "=?=", false },
		{ "=?a?q?b?=,", false },
		{ "x=?a?q?b?=", false },
		{ "", false },
		{ "=?"
		  "?"
		  "??"
		  "?=",
		  false },
		{ "=?a*en?Q?=20?=", true },
	};
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		print_message("%s\n", words[i].word);
		assert_int_equal(is_encoded_word(slice_of(words[i].word)), words[i].is);
	}
}

static void test_quoted_string(void **state)
{
	(void)state;
	struct buf out = { 0 };
	quoted_string_write(&out, slice_of("a\"b\\c d"));
	assert_string_equal(buf_str(&out), "\"a\\\"b\\\\c d\"");
	buf_reset(&out);
	quoted_string_read(&out, slice_of("a\\\"b\\\\c\r\n d\\"));
	assert_string_equal(buf_str(&out), "a\"b\\c d");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),         cmocka_unit_test(test_refused),
		cmocka_unit_test(test_widths),        cmocka_unit_test(test_long),
		cmocka_unit_test(test_long_list),     cmocka_unit_test(test_unfoldable),
		cmocka_unit_test(test_needs_utf8),    cmocka_unit_test(test_is_encoded_word),
		cmocka_unit_test(test_quoted_string),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
