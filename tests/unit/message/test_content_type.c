/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/content_type.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static const struct {
	const char *body;
	const char *type;
	const char *boundary;
} cases[] = {
	{ " text/plain", "text/plain", "" },
	{ " Text/HTML; charset=utf-8", "text/html", "" },
	{ "multipart/mixed;boundary=b", "multipart/mixed", "b" },
	{ " multipart/mixed; BOUNDARY=\"a b:c\"", "multipart/mixed", "a b:c" },
	{ " multipart/mixed;\r\n\tboundary = \"b\" ; x=y", "multipart/mixed", "b" },
	{ " (a (b \\) c)) multipart (d) / (e) mixed (f) ; (g) boundary (h) = (i) \"b\" (j)",
	  "multipart/mixed", "b" },
	{ " multipart/mixed; x=\"; boundary=no\"; boundary=yes", "multipart/mixed", "yes" },
	{ " multipart/mixed; (; boundary=no) boundary=yes", "multipart/mixed", "yes" },
	{ " multipart/mixed; boundary=\"q\\\"\\\\\"", "multipart/mixed", "q\"\\" },
	{ " multipart/mixed; boundary=\"fold\r\n ed\"", "multipart/mixed", "fold ed" },
	{ " multipart/mixed; boundary=one; boundary=two", "multipart/mixed", "one" },
	{ " multipart/mixed; boundary=\" b \t\"", "multipart/mixed", " b" },
	/* what only lenient readers take */
	{ " multipart/mixed; boundary=----=_Part_1.2:3", "multipart/mixed",
	  "----=_Part_1.2:3" },
	{ " multipart/mixed boundary=no; boundary=yes", "multipart/mixed", "yes" },
	{ " multipart/mixed; ; junk; \001=; boundary=b", "multipart/mixed", "b" },
	{ " multipart/mixed; boundary=\"never closed", "multipart/mixed", "never closed" },
	{ " multipart/mixed; boundary=b (never closed", "multipart/mixed", "b" },
	{ " multipart/mixed; \"boundary\"=b", "multipart/mixed", "" },
	{ " multipart/mixed; boundary", "multipart/mixed", "" },
	{ " multipart/mixed; boundary=", "multipart/mixed", "" },
	{ " multipart/mixed; boundary=\"\"", "multipart/mixed", "" },
	{ " multipart/mixed; boundary=\"\303\266\"", "multipart/mixed", "" },
	{ " multipart/mixed; boundary=\"\001\"", "multipart/mixed", "" },
	{ "", "", "" },
	{ " text", "", "" },
	{ " text/", "", "" },
	{ " /plain; boundary=b", "", "" },
	{ " \"text\"/plain", "", "" },
	{ " (", "", "" },
	{ " application/vnd.of-which-there-is-no-end-and-so-the-name-is-cut-off-somewhere",
	  "application/vnd.of-which-there-is-no-end-and-so-the-name-is-cut", "" },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct content_type t = { 0 };
		print_message("%s\n", cases[i].body);
		content_type_read(slice_of(cases[i].body), &t);
		assert_string_equal(t.type, cases[i].type);
		assert_string_equal(buf_str(&t.boundary), cases[i].boundary);
		assert_int_equal(t.boundary.len, strlen(cases[i].boundary));
		content_type_release(&t);
	}
}

/* A NUL is no letter of any list of letters. */
static void test_nul(void **state)
{
	(void)state;
	static const char body[] = "multipart/mixed; \0; boundary=a\0b";
	struct content_type t = { 0 };
	content_type_read(slice_n(body, sizeof body - 1), &t);
	assert_string_equal(buf_str(&t.boundary), "a");
	content_type_release(&t);
}

static void test_tokens(void **state)
{
	(void)state;
	assert_true(slice_is(content_token(slice_of(" (x) 8bit (y)")), "8bit"));
	assert_true(slice_is(content_token(slice_of("\r\n base64; x")), "base64"));
	assert_true(slice_is(content_token(slice_of("")), ""));
	assert_true(slice_is(content_token(slice_of(" \"8bit\"")), ""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),
		cmocka_unit_test(test_nul),
		cmocka_unit_test(test_tokens),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
