/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/convert.h"

#include "mime_check.h"

#include "base/file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#define DATA    "tests/data/mime/"
#define TEN     "xxxxxxxxxx"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define X990                                                                                   \
	HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED TEN TEN TEN    \
		TEN TEN TEN TEN TEN TEN
#define SOFT   "123456789012345678901234567890123456789012345678901234567890123456789012345"
#define ADDED  "MIME-Version: 1.0\nContent-Type: text/plain; charset="
#define QP     "Content-Transfer-Encoding: quoted-printable\n"
#define BASE64 "Content-Transfer-Encoding: base64\n"
#define BLANKS "                                                  "
#define MIME   "MIME-Version: 1.0\n"

/* Messages and what becomes of them, with LF for CRLF; NULL: nothing is changed. */
static const struct {
	const char *name;
	bool seven_bit;
	const char *in;
	const char *out;
} cases[] = {
	{ "nothing to do", true, "A: b\n\nc\n", NULL },
	{ "empty", true, "", NULL },
	{ "8-bit may go", false, "A: b\n\n\303\266\n", NULL },
	{ "ASCII under a label", true, MIME "Content-Transfer-Encoding: 8bit\n\nc\n", NULL },
	{ "no MIME, UTF-8", true, "A: b\n\nGr\303\266\303\237e ist hier alles\n",
	  "A: b\n" ADDED "utf-8\n" QP "\nGr=C3=B6=C3=9Fe ist hier alles\n" },
	{ "no MIME, something else", true, "A: b\n\nGr\366\337e ist hier alles\n",
	  "A: b\n" ADDED "unknown-8bit\n" QP "\nGr=F6=DFe ist hier alles\n" },
	{ "no MIME, a long line", false, "A: b\n\n" X990 X990 "\n",
	  "A: b\n" ADDED "us-ascii\n" QP "\n*" },
	{ "fields of a part", true,
	  MIME "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
	       "Content-Type: a/b; name=\"\303\266\"\nContent-Transfer-Encoding: base64\n\n"
	       "AAAA\n--b--\n",
	  MIME "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
	       "Content-Type: a/b; name*=UTF-8''%C3%B6\nContent-Transfer-Encoding: base64\n\n"
	       "AAAA\n--b--\n" },
	{ "fields of a part may be 8-bit", false,
	  MIME "Content-Type: multipart/mixed; boundary=b\n\n--b\n"
	       "Content-Type: a/b; name=\"\303\266\"\n\nA\n--b--\n",
	  NULL },
	{ "fields of a message within", true,
	  MIME "Content-Type: message/rfc822\n\nSubject: \303\266\nA: b\n\nc\n",
	  MIME "Content-Type: message/rfc822\n\nSubject: =?UTF-8?B?w7Y=?=\nA: b\n\nc\n" },
	{ "an mbox line within that is not ASCII", true,
	  MIME "Content-Type: message/rfc822\n\nFrom \303\266 Sat\nSubject: x\n\ncccccccccc\n",
	  MIME "Content-Type: message/rfc822\n\n" ADDED "utf-8\n" QP
	       "\nFrom=20=C3=B6 Sat\nSubject: x\n\ncccccccccc\n" },
	{ "a long word in a field", false, "A: b\nB: " X990 TEN "\n\nc\n", "*" },
	{ "no header", true, "\nGr\303\266\303\237e ist hier alles\n",
	  ADDED "utf-8\n" QP "\nGr=C3=B6=C3=9Fe ist hier alles\n" },
	{ "no empty line", true, "A: b\nGr\303\266\303\237e ist hier alles\n",
	  "A: b\n" ADDED "utf-8\n" QP "\nGr=C3=B6=C3=9Fe ist hier alles\n" },
	{ "mostly 8-bit", true, "A: b\n\n\303\266\303\266\n",
	  "A: b\n" ADDED "utf-8\n" BASE64 "\nw7bDtg0K\n" },
	{ "a sixth of it is 8-bit", true, "A: b\n\n\303\266abcdefgh\n",
	  "A: b\n" ADDED "utf-8\n" QP "\n=C3=B6abcdefgh\n" },
	{ "a little more than that", true, "A: b\n\n\303\266abcdefg\n",
	  "A: b\n" ADDED "utf-8\n" BASE64 "\nw7ZhYmNkZWZnDQo=\n" },
	{ "a field is replaced where it stands", true,
	  MIME "Content-Transfer-Encoding:\n 8bit (x)\nContent-Type: text/plain\nA: b\n\n"
	       "Gr\303\266\303\237e ist hier alles\n",
	  MIME QP "Content-Type: text/plain\nA: b\n\nGr=C3=B6=C3=9Fe ist hier alles\n" },
	{ "and only once", true,
	  MIME "Content-Transfer-Encoding: 8bit\nContent-Type: text/plain\n"
	       "content-transfer-encoding: 8bit\n\nGr\303\266\303\237e ist hier alles\n",
	  MIME QP "Content-Type: text/plain\n\nGr=C3=B6=C3=9Fe ist hier alles\n" },
	{ "a type without a version", true,
	  "Content-Type: text/x\n\nGr\303\266\303\237e ist hier alles\n",
	  "Content-Type: text/x\n" MIME QP "\nGr=C3=B6=C3=9Fe ist hier alles\n" },
	{ "no text", true, MIME "Content-Type: image/x\n\nabcdefghijklmnopqrstuvwx\303\n",
	  MIME "Content-Type: image/x\n" BASE64 "\nYWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4ww0K\n" },
	{ "multipart: only what needs it, and true labels", true,
	  MIME
	  "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: 8bit\n\n--b\n"
	  "Content-Transfer-Encoding: 8bit\n\nplain\n--b\n\n\303\266 is the only one "
	  "here\n--b--\n",
	  MIME
	  "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: 7bit\n\n--b\n"
	  "Content-Transfer-Encoding: 7bit\n\nplain\n--b\nContent-Type: text/plain; "
	  "charset=utf-8\n" QP "\n=C3=B6 is the only one here\n--b--\n" },
	{ "binary becomes 8bit", false,
	  MIME
	  "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: "
	  "binary\n\n--b\n"
	  "Content-Transfer-Encoding: 8bit\n\n\303\266\n--b\nContent-Type: text/x\n\n" SOFT X990
	  "\n--b--\n",
	  MIME
	  "Content-Type: multipart/mixed; boundary=b\nContent-Transfer-Encoding: 8bit\n\n--b\n"
	  "Content-Transfer-Encoding: 8bit\n\n\303\266\n--b\nContent-Type: text/x\n" QP
	  "\n" SOFT "=\n*" },
	{ "a blank before a delimiter", true,
	  MIME "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/x\n\n"
	       "\303\266 all the rest is plain \n--b--\n",
	  MIME "Content-Type: multipart/mixed; boundary=b\n\n--b\nContent-Type: text/x\n" QP
	       "\n=C3=B6 all the rest is plain=20\n--b--\n" },
	{ "preamble and epilogue", true,
	  MIME "Content-Type: multipart/mixed; "
	       "boundary=b\n\npr\303\251\n--b\n\nc\n--b--\n\303\251pi\n",
	  MIME "Content-Type: multipart/mixed; "
	       "boundary=b\n\npr=C3=A9\n--b\n\nc\n--b--\n=C3=A9pi\n" },
	{ "message: what is in it, never itself", true,
	  MIME "Content-Type: message/rfc822\nContent-Transfer-Encoding: 8bit\n\nA: b\n\n"
	       "\303\266 all the rest is plain\n",
	  MIME "Content-Type: message/rfc822\nContent-Transfer-Encoding: 7bit\n\nA: b\n" ADDED
	       "utf-8\n" QP "\n=C3=B6 all the rest is plain\n" },
	{ "message that has no empty line", true,
	  MIME "Content-Type: message/rfc822\n\303\266 all the rest is plain\n",
	  MIME "Content-Type: message/rfc822\n\n" ADDED "utf-8\n" QP
	       "\n=C3=B6 all the rest is plain\n" },
	{ "base64 in a long line", false,
	  MIME "Content-Type: a/b\nContent-Transfer-Encoding: base64\n\n" SOFT "6=" X990 "\n",
	  MIME "Content-Type: a/b\nContent-Transfer-Encoding: base64\n\n" SOFT "6\n=*" },
	{ "quoted-printable with 8-bit text", true, MIME QP "\nGr\303\266=C3=9Fe=20=\n \303\n",
	  MIME QP "\nGr=C3=B6=C3=9Fe=20=\n =C3\n" },
	{ "quoted-printable with 8-bit text that may go", false, MIME QP "\n\303\266\n", NULL },
	{ "quoted-printable in a long line", false, MIME QP "\n" SOFT "=3D" X990 "\n",
	  MIME QP "\n" SOFT "=\n=3Dxxxxxxxxxx*" },
	{ "header: folded once", false, "To: aaaa, " X990 "\n\nc\n",
	  "To: aaaa,\n " X990 "\n\nc\n" },
	{ "header: as late as can be", false, "A: " SOFT " b c d " X990 "\nB: c\n\n",
	  "A: " SOFT " b c d\n " X990 "\nB: c\n\n" },
	{ "header: folded often", false, "A: " X990 "  " X990 "\t" X990 " b \n\n",
	  "A: " X990 "\n  " X990 "\n\t" X990 " b \n\n" },
	{ "header: behind the name if it must be", false, "A: " X990 "xxxxxx\n\n",
	  "A:\n " X990 "xxxxxx\n\n" },
	{ "header: a later line of a field", false, "A: b\n c " X990 "xx " X990 "\n\n",
	  "A: b\n c " X990 "xx\n " X990 "\n\n" },
	{ "header: of a part", false,
	  MIME "Content-Type: multipart/mixed; boundary=b\n\n--b\nA: b " X990
	       "xxxx\n\nc\n--b--\n",
	  MIME "Content-Type: multipart/mixed; boundary=b\n\n--b\nA: b\n " X990
	       "xxxx\n\nc\n--b--\n" },
	{ "header: of a signed part", false,
	  "Content-Type: multipart/signed; boundary=b\nA: b " X990 "xxxx\n\n--b\n\nc\n--b--\n",
	  "Content-Type: multipart/signed; boundary=b\nA: b\n " X990
	  "xxxx\n\n--b\n\nc\n--b--\n" },
	{ "header: 998 octets", false, "A: " X990 "xxxxx\n\n", NULL },
};

static void canonical(const char *text, struct buf *out)
{
	struct lines l = { 0 };
	lines_feed(&l, slice_of(text), out);
	lines_finish(&l, out);
}

/* A star at the end of WANTED stands for anything. */
static void check_text(struct slice got, const char *wanted)
{
	struct buf text = { 0 };
	size_t len = strlen(wanted);
	canonical(wanted, &text);
	if (len != 0 && wanted[len - 1] == '*') {
		text.len -= strlen("*\r\n");
		text.data[text.len] = '\0';
		got = slice_cut(got, 0, text.len);
	}
	char *whole = slice_copy(got);
	assert_string_equal(whole, buf_str(&text));
	free(whole);
	buf_release(&text);
}

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct convert c = { 0 };
		struct buf in = { 0 }, out = { 0 };
		struct status st;
		print_message("%s\n", cases[i].name);
		canonical(cases[i].in, &in);
		assert_int_equal(mime_convert(buf_slice(&in), cases[i].seven_bit, &c, &out,
					      &st),
				 0);
		assert_int_equal(c.changed, cases[i].out != NULL);
		check_text(buf_slice(&out), c.changed ? cases[i].out : cases[i].in);
		assert_null(mime_difference(buf_slice(&in), buf_slice(&out)));
		assert_null(mime_misfit(buf_slice(&out), &c, cases[i].seven_bit));
		convert_release(&c);
		buf_release(&in);
		buf_release(&out);
	}
}

static const struct {
	const char *in;
	const char *words;
} refused[] = {
	{ "Content-Type: multipart/signed; boundary=b\n\n--b\n\n\303\266\n--b--\n",
	  "'multipart/signed' that has 8-bit text" },
	{ "Content-Type: multipart/encrypted; boundary=b\n\n" X990 X990 "\n",
	  "'multipart/encrypted' that has a line of more than 998 octets" },
	{ "Content-Type: message/partial\n\n\303\266\n", "'message/partial' that has 8-bit" },
	{ "Content-Type: multipart/mixed\n\n--b\n\303\266\n",
	  "none of its parts can be found" },
	{ "Content-Transfer-Encoding: x-uuencode\n\n\303\266\n", "encoding is not known" },
	{ QP "\nc" BLANKS BLANKS BLANKS BLANKS BLANKS BLANKS BLANKS BLANKS BLANKS BLANKS BLANKS
		  BLANKS BLANKS BLANKS BLANKS BLANKS BLANKS BLANKS BLANKS BLANKS "\n",
	  "too many blanks in a row" },
	{ "Content-Transfer-Encoding: base64\n\nAAAA\303\266\n", "should be base64 already" },
	{ "Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\n\303\266\n",
	  "should be base64 already" },
	{ "References: " X990 TEN "\n\n" X990 X990 "\n", "the field 'References'" },
	{ "Content-Type: message/rfc822\n\nReferences: <\303\266@b>\n\nc\n",
	  "in ASCII, as its place demands, in the field 'References'" },
	{ X990 "xxxxxx   : y\n\n", "header field 'xxxxx" },
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
		struct convert c = { 0 };
		struct buf in = { 0 }, out = { 0 };
		struct status st = { 0 };
		canonical(refused[i].in, &in);
		assert_int_equal(mime_convert(buf_slice(&in), true, &c, &out, &st), -1);
		print_message("%s\n", st.text);
		assert_int_equal(st.kind, STATUS_BAD_MESSAGE);
		assert_non_null(strstr(st.text, refused[i].words));
		convert_release(&c);
		buf_release(&in);
		buf_release(&out);
	}
}

/* A NUL is sent by an encoding that can carry it, to every server. */
static void test_nul(void **state)
{
	(void)state;
	static const char in[] = "A: b\r\n\r\nThis is a NUL: \0.\r\n";
	struct convert c = { 0 };
	struct buf out = { 0 };
	struct status st;
	struct slice text = slice_n(in, sizeof in - 1);
	assert_int_equal(mime_convert(text, false, &c, &out, &st), 0);
	check_text(buf_slice(&out), "A: b\n" ADDED "us-ascii\n" QP "\nThis is a NUL: =00.\n");
	assert_null(mime_difference(text, buf_slice(&out)));
	convert_release(&c);
	buf_release(&out);
	text = slice_of("Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nA: *\r\n\r\n");
	char *bad = slice_copy(text);
	*strchr(bad, '*') = '\0';
	assert_int_equal(mime_convert(slice_n(bad, text.len), false, &c, &out, &st), -1);
	assert_int_equal(st.kind, STATUS_BAD_MESSAGE);
	assert_non_null(strstr(st.text, "NUL"));
	free(bad);
	convert_release(&c);
	buf_release(&out);
}

static void test_flags(void **state)
{
	(void)state;
	static const struct {
		const char *in;
		bool changed, header_eight_bit, breaks_dkim;
	} flags[] = {
		{ "A: b\n\nc\n", false, false, false },
		{ "DKIM-Signature: a\n\nc\n", false, false, false },
		{ "dkim-signature: a\n\n\303\266\n", true, false, true },
		{ "A: \303\266\n\nc\n", false, true, false },
		{ "A: b\nContent-Type: multipart/mixed; boundary=b\n\n--b\nA: "
		  "\303\266\n\n\303\266\n",
		  true, false, false },
		{ "A: \303\266\nContent-Type: multipart/mixed; boundary=b\n\n--b\nA: "
		  "\303\266\n\nc\n",
		  true, true, false },
	};
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
		struct convert c = { 0 };
		struct buf in = { 0 }, out = { 0 };
		struct status st;
		canonical(flags[i].in, &in);
		assert_int_equal(mime_convert(buf_slice(&in), true, &c, &out, &st), 0);
		assert_int_equal(c.changed, flags[i].changed);
		assert_int_equal(c.header_eight_bit, flags[i].header_eight_bit);
		assert_int_equal(c.facts.eight_bit, flags[i].header_eight_bit);
		assert_int_equal(c.breaks_dkim, flags[i].breaks_dkim);
		convert_release(&c);
		buf_release(&in);
		buf_release(&out);
	}
}

/* Messages as programs write them. */
static void test_files(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		bool converts, changes_for_seven, changes_for_eight;
	} files[] = {
		{ "cron", true, true, false },      { "systemd-cron", true, true, false },
		{ "php-mail", true, true, false },  { "latin1", true, true, false },
		{ "mixed", true, true, true },      { "forwarded", true, true, false },
		{ "digest", true, true, false },    { "signed", false, false, false },
		{ "newsletter", true, true, true }, { "base64-in-one-line", true, true, true },
		{ "garbled", false, false, true },
	};
	for (size_t i = 0; i < 2 * (sizeof files / sizeof *files); i++) {
		bool seven_bit = i % 2 == 0;
		struct convert c = { 0 };
		struct buf path = { 0 }, raw = { 0 }, in = { 0 }, out = { 0 };
		struct stat facts;
		struct status st;
		print_message("%s\n", files[i / 2].name);
		buf_addf(&path, DATA "%s", files[i / 2].name);
		assert_int_equal(file_read_all(buf_str(&path), 100000, &raw, &facts, &st), 0);
		struct lines l = { 0 };
		lines_feed(&l, buf_slice(&raw), &in);
		lines_finish(&l, &in);
		int result = mime_convert(buf_slice(&in), seven_bit, &c, &out, &st);
		assert_int_equal(result, seven_bit && !files[i / 2].converts ? -1 : 0);
		assert_int_equal(result == 0 && c.changed,
				 seven_bit ? files[i / 2].changes_for_seven
					   : files[i / 2].changes_for_eight);
		if (result == 0) {
			assert_null(mime_difference(buf_slice(&in), buf_slice(&out)));
			assert_null(mime_misfit(buf_slice(&out), &c, seven_bit));
		}
		convert_release(&c);
		buf_release(&path);
		buf_release(&raw);
		buf_release(&in);
		buf_release(&out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases), cmocka_unit_test(test_refused),
		cmocka_unit_test(test_nul),   cmocka_unit_test(test_flags),
		cmocka_unit_test(test_files),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
