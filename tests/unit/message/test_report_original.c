/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/report.h"

#include "report_world.h"
#include "words.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

static const struct {
	const char *head;
	const char *subject; /* as it is read */
	const char *reference;
} heads[] = {
	{ "Subject: Hello\r\nMessage-ID: <1@x>\r\n", "Undelivered: Hello", "<1@x>" },
	{ "subject:Hello \r\n there\r\nmessage-id:\r\n <1@x>\r\n", "Undelivered: Hello  there",
	  "<1@x>" },
	{ "A: b\r\n", "Undelivered: your message", "" },
	{ "Subject:\r\n", "Undelivered: your message", "" },
	{ "Subject: \303\234bung\r\n", "Undelivered: \303\234bung", "" },
	{ "Subject: =?utf-8?q?=C3=9Cbung?= 2\r\n", "Undelivered: \303\234bung 2", "" },
	{ "Subject: " HUNDRED " " TEN TEN TEN " and so on " HUNDRED "\r\n",
	  "Undelivered: " HUNDRED " " TEN TEN TEN " and so on ...", "" },
	{ "Subject: " HUNDRED HUNDRED "\r\n", "Undelivered:  ...", "" },
	{ "Subject: " LONG "\r\n", "Undelivered: " HUNDRED TEN "xxxxxxxx ...", "" },
	{ "Message-ID: 1@x\r\n", "Undelivered: your message", "" },
	{ "Message-ID: <1@x> (a)\r\n", "Undelivered: your message", "" },
	{ "Message-ID: <1@x> <2@x>\r\n", "Undelivered: your message", "" },
	{ "Message-ID: <1>\r\n", "Undelivered: your message", "" },
	{ "Message-ID: <1234>\r\n", "Undelivered: your message", "" },
	{ "Message-ID: <1@2@3>\r\n", "Undelivered: your message", "" },
	{ "Message-ID: <" LONG "@x>\r\n", "Undelivered: your message", "" },
	{ "Message-ID: <1@\303\274>\r\n", "Undelivered: your message", "" },
	{ "no field\r\n", "Undelivered: your message", "" },
};

static void test_the_original_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof heads / sizeof *heads; i++) {
		struct world w;
		struct buf words = { 0 };
		world_open(&w, heads[i].head, "");
		world_add_unknown(&w, "b@y.test");
		world_write(&w);
		words_decode(slice_of(world_field(&w, &w.parts.head, "Subject")), &words);
		assert_string_equal(buf_str(&words), heads[i].subject);
		assert_string_equal(world_field(&w, &w.parts.head, "In-Reply-To"),
				    heads[i].reference);
		assert_string_equal(world_field(&w, &w.parts.head, "References"),
				    heads[i].reference);
		buf_release(&words);
		world_release(&w);
	}
}

#define WHOLE  "message/rfc822"
#define HEADER "text/rfc822-headers"
#define MULTI  "MIME-Version: 1.0\r\nContent-Type: multipart/"

static const struct {
	const char *name;
	const char *head;
	const char *body;
	const char *type;
	const char *original; /* NULL: as it was */
} originals[] = {
	{ "no body", HEAD, "", WHOLE, NULL },
	{ "ASCII", HEAD, "a\r\n.\r\n--\r\n", WHOLE, NULL },
	{ "8-bit body", "A: b\r\n", "Gr\303\274\303\237e zum neuen Jahr, Euch allen\r\n", WHOLE,
	  "A: b\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
	  "Content-Transfer-Encoding: quoted-printable\r\n\r\n"
	  "Gr=C3=BC=C3=9Fe zum neuen Jahr, Euch allen\r\n" },
	{ "8-bit header", "Subject: Gr\303\274\303\237e\r\n", "a\r\n", WHOLE,
	  "Subject: =?UTF-8?B?R3LDvMOfZQ==?=\r\n\r\na\r\n" },
	{ "8-bit address", "To: j\303\274rgen@y.test\r\n", "a\r\n", HEADER "; charset=utf-8",
	  "To: j\303\274rgen@y.test\r\n" },
	{ "8-bit, and no UTF-8", "Message-ID: \377\r\n", "a\r\n",
	  HEADER "; charset=unknown-8bit", "Message-ID: \377\r\n" },
	{ "signed 8-bit", MULTI "signed; boundary=b\r\n",
	  "--b\r\n\r\n\303\274\r\n--b\r\n\r\n--b--\r\n", HEADER,
	  MULTI "signed; boundary=b\r\n" },
	{ "8-bit header of a part", MULTI "mixed; boundary=b\r\n",
	  "--b\r\nContent-Description: \303\274\r\n\r\na\r\n--b--\r\n", WHOLE,
	  MULTI "mixed; boundary=b\r\n\r\n--b\r\nContent-Description: "
		"=?UTF-8?B?w7w=?=\r\n\r\na\r\n--b--\r\n" },
	{ "8-bit header of a part that has to stay", MULTI "mixed; boundary=b\r\n",
	  "--b\r\nContent-ID: <\303\274@x>\r\n\r\na\r\n--b--\r\n", HEADER,
	  MULTI "mixed; boundary=b\r\n" },
	{ "long header line", "References: " LONG "\r\n", "a\r\n", HEADER "; charset=utf-8",
	  "References: " LONG "\r\n" },
	{ "Bcc", "Bcc: c@x.test\r\nA: b\r\nresent-bcc: d@x.test,\r\n e@x.test\r\nBCC : f@x\r\n",
	  "a\r\n", WHOLE, "A: b\r\n\r\na\r\n" },
	{ "nothing but Bcc", "Bcc: c@x.test\r\n", "a\r\n", "", "" },
	{ "no header", "", "a\r\n", "", "" },
	{ "a broken header", "a\r\nb\r\n", "a\r\n", "", "" },
};

static void test_the_original_comes_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof originals / sizeof *originals; i++) {
		struct world w;
		struct buf whole = { 0 };
		print_message("%s\n", originals[i].name);
		world_open(&w, originals[i].head, originals[i].body);
		world_add_unknown(&w, "b@y.test");
		world_write(&w);
		buf_addf(&whole, "%s\r\n%s", originals[i].head, originals[i].body);
		assert_string_equal(buf_str(&w.parts.original), originals[i].original != NULL
									? originals[i].original
									: buf_str(&whole));
		assert_string_equal(world_field(&w, &w.parts.original_fields, "Content-Type"),
				    originals[i].type);
		assert_false(world_text_has(&w, "c@x.test"));
		assert_int_equal(world_text_has(&w, "enclosed"), originals[i].type[0] != '\0');
		buf_release(&whole);
		world_release(&w);
	}
}

static const struct {
	enum report_kind kind;
	const char *ret;
	size_t size; /* of the whole original */
	bool whole;
} bounds[] = {
	{ REPORT_FAILED, NULL, 50 * 1024, true },
	{ REPORT_FAILED, NULL, 50 * 1024 + 1, false },
	{ REPORT_FAILED, "HDRS", 1000, false },
	{ REPORT_FAILED, "FULL", 1024 * 1024, true },
	{ REPORT_FAILED, "FULL", 1024 * 1024 + 1, false },
	{ REPORT_DELAYED, "FULL", 1000, false },
	{ REPORT_RELAYED, NULL, 1000, false },
};

static void test_how_much_comes_back(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++) {
		struct world w;
		struct buf body = { 0 };
		size_t rest = bounds[i].size - sizeof(HEAD "\r\n") + 1;
		for (size_t n = 1; n <= rest - 2; n++)
			buf_add_str(&body, n % 64 == 63 ? "\r" : n % 64 == 0 ? "\n" : "x");
		if (body.data[body.len - 1] == '\r')
			body.data[body.len - 1] = 'y';
		buf_add_str(&body, "\r\n");
		world_open(&w, HEAD, buf_str(&body));
		assert_int_equal(w.original.size, bounds[i].size);
		w.envelope.ret = bounds[i].ret;
		w.report.kind = bounds[i].kind;
		world_add_unknown(&w, "b@y.test");
		world_write(&w);
		assert_int_equal(w.parts.original.len,
				 bounds[i].whole ? bounds[i].size : sizeof HEAD - 1);
		buf_release(&body);
		world_release(&w);
	}
}

/* Whole fields, up to 50 KiB. */
static void test_a_long_header_is_cut(void **state)
{
	(void)state;
	struct world w;
	struct buf head = { 0 };
	while (head.len < (size_t)60 * 1024)
		buf_addf(&head, "X-%zu: %s\r\n", head.len, HUNDRED);
	world_open(&w, buf_str(&head), "");
	world_add_unknown(&w, "b@y.test");
	world_write(&w);
	size_t len = w.parts.original.len;
	assert_in_range(len, 50 * 1024 - 120, 50 * 1024);
	assert_memory_equal(w.parts.original.data, head.data, len);
	assert_memory_equal(head.data + len, "X-", 2);
	buf_release(&head);
	world_release(&w);
}

static void test_no_original(void **state)
{
	(void)state;
	struct world w;
	world_open(&w, HEAD, "");
	w.report.original = NULL;
	world_add_unknown(&w, "b@y.test");
	world_write(&w);
	assert_int_equal(w.parts.original_fields.count, 0);
	assert_false(world_text_has(&w, "enclosed"));
	world_release(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_original_is_named),
		cmocka_unit_test(test_the_original_comes_back),
		cmocka_unit_test(test_how_much_comes_back),
		cmocka_unit_test(test_a_long_header_is_cut),
		cmocka_unit_test(test_no_original),
	};
	setenv("TZ", "UTC0", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
