/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* clang-format off */
/* EXPECTED has a line "local|domain|name|spec" for each mailbox. */
static const struct {
	const char *name;
	const char *text;
	const char *expected;
} good[] = {
	{ "nothing", "", "" },
	{ "blanks only", " \t ", "" },
	{ "a fold only", "\r\n ", "" },
	{ "a comment only", "(nobody)", "" },
	{ "plain", "a@b.example", "a|b.example||a@b.example\n" },
	{ "all of atext", "!#$%&'*+-/=?^_`{|}~9Z@b",
	  "!#$%&'*+-/=?^_`{|}~9Z|b||!#$%&'*+-/=?^_`{|}~9Z@b\n" },
	{ "in angles", "<a@b>", "a|b||a@b\n" },
	{ "name", "Joe <a@b>", "a|b|Joe|a@b\n" },
	{ "name of words", "\t Joe  Q \t<a@b> ", "a|b|Joe  Q|a@b\n" },
	{ "dot in a name", "John Q. Public <a@b>", "a|b|John Q. Public|a@b\n" },
	{ "quoted name", "\"Doe, <J> \\\"x\\\" @;:\" <a@b>",
	  "a|b|\"Doe, <J> \\\"x\\\" @;:\"|a@b\n" },
	{ "empty quoted name", "\"\" <a@b>", "a|b|\"\"|a@b\n" },
	{ "encoded word", "=?UTF-8?Q?J=C3=BCrgen?= <a@b>",
	  "a|b|=?UTF-8?Q?J=C3=BCrgen?=|a@b\n" },
	{ "UTF-8 name", "J\xc3\xbcrgen <a@b>", "a|b|J\xc3\xbcrgen|a@b\n" },
	{ "latin1 name and comment", "J\xfcrgen (gr\xfc\xdf) <a@b>", "a|b|J\xfcrgen|a@b\n" },
	{ "no blank before the angle", "Joe<a@b>", "a|b|Joe|a@b\n" },
	{ "address as a name", "a@b.example <a@b.example>",
	  "a|b.example|a@b.example|a@b.example\n" },
	{ "two addresses as a name", "x@y z@w <a@b>", "a|b|x@y z@w|a@b\n" },
	{ "bracket in a name", "[List] J] \\ [x <a@b>", "a|b|[List] J] \\ [x|a@b\n" },
	{ "control in a name", "J\x1b\x7f <a@b>", "a|b|J\x1b\x7f|a@b\n" },
	{ "single quotes", "'Joe' <'a'@b>", "'a'|b|'Joe'|'a'@b\n" },

	{ "bare", "root", "root|||root\n" },
	{ "bare with a comment", "root (Cron Daemon)", "root|||root\n" },
	{ "bare in angles", "<root>", "root|||root\n" },
	{ "bare with a name", "Proxmox VE <root>", "root||Proxmox VE|root\n" },
	{ "cronie", "\"(Cron Daemon)\" <user>", "user||\"(Cron Daemon)\"|user\n" },
	{ "bare quoted", "\"a b\" , c", "\"a b\"|||\"a b\"\nc|||c\n" },
	{ "Doe, John", "Doe, John <j@x>", "Doe|||Doe\nj|x|John|j@x\n" },

	{ "list", "a@b,c@d", "a|b||a@b\nc|d||c@d\n" },
	{ "empty elements", ", ,a@b,(x),\r\n ,c@d,", "a|b||a@b\nc|d||c@d\n" },
	{ "semicolons", "a@b; c@d;", "a|b||a@b\nc|d||c@d\n" },
	{ "semicolons and names", "Joe <a@b>; <c@d>", "a|b|Joe|a@b\nc|d||c@d\n" },

	{ "comments everywhere", "(1)a(2)@(3)b(4).(5)c(6)", "a|b.c||a(2)@(3)b(4).(5)c\n" },
	{ "comments around angles", "J (1) R (2) < (3) a@b (4) > (5)", "a|b|J (1) R|a@b\n" },
	{ "nested comment", "a@b (x (y \\) (z)) <c@d>)", "a|b||a@b\n" },
	{ "quote in a comment", "a@b (\")", "a|b||a@b\n" },
	{ "comment of several lines", "(x\r\n y\n\tz)a@b", "a|b||a@b\n" },
	{ "fold with CRLF", "a@b,\r\n c@d", "a|b||a@b\nc|d||c@d\n" },
	{ "fold with LF", "a@b,\n\tc@d", "a|b||a@b\nc|d||c@d\n" },
	{ "folds in a row", "a@b,\r\n \r\n\t\n c@d", "a|b||a@b\nc|d||c@d\n" },
	{ "fold in a name", "Joe\r\n Doe\r\n <a@b>", "a|b|Joe\r\n Doe|a@b\n" },
	{ "fold in a spec", "<a\r\n @\r\n b>", "a|b||a\r\n @\r\n b\n" },

	{ "group", "g: a@b, J <c@d>;", "a|b||a@b\nc|d|J|c@d\n" },
	{ "empty group", "undisclosed-recipients:;", "" },
	{ "empty group of words", "Undisclosed (x) \"r\".: (none) , ;", "" },
	{ "empty group that is not closed", "undisclosed-recipients:", "" },
	{ "groups in a list", "x@y, g:a@b;, h:c@d;,z",
	  "x|y||x@y\na|b||a@b\nc|d||c@d\nz|||z\n" },
	{ "no comma behind a group", "g:a@b; c@d", "a|b||a@b\nc|d||c@d\n" },

	{ "route", "<@a,@b.c:c@d>", "c|d||c@d\n" },
	{ "route with blanks", "J < @a , , @[1.2.3.4] : c@d >", "c|d|J|c@d\n" },
	{ "route before a bare one", "<@a:c>", "c|||c\n" },

	{ "literal", "a@[192.0.2.1]", "a|[192.0.2.1]||a@[192.0.2.1]\n" },
	{ "IPv6 literal", "a@[IPv6:2001:db8::1], c",
	  "a|[IPv6:2001:db8::1]||a@[IPv6:2001:db8::1]\n" "c|||c\n" },
	{ "literal with blanks", "a@[ 192.0\r\n .2.1 ]",
	  "a|[192.0.2.1]||a@[ 192.0\r\n .2.1 ]\n" },

	{ "quoted local part", "\"a b\"@x", "\"a b\"|x||\"a b\"@x\n" },
	{ "quote in a local part", "\"a\\\"b\"@x", "\"a\\\"b\"|x||\"a\\\"b\"@x\n" },
	{ "backslash in a local part", "\"a\\\\b\"@x", "\"a\\\\b\"|x||\"a\\\\b\"@x\n" },
	{ "needless escapes", "\"\\a\\ b\"@x", "\"a b\"|x||\"\\a\\ b\"@x\n" },
	{ "needless quotes", "\"a.b\"@x", "a.b|x||\"a.b\"@x\n" },
	{ "needless quotes around UTF-8", "\"\xc3\xbc\"@x", "\xc3\xbc|x||\"\xc3\xbc\"@x\n" },
	{ "fold in a quoted local part", "\"a\r\n b\"@x", "\"a b\"|x||\"a\r\n b\"@x\n" },
	{ "empty local part", "\"\"@x", "\"\"|x||\"\"@x\n" },
	{ "@ in a local part", "\"a@b\"@x", "\"a@b\"|x||\"a@b\"@x\n" },
	{ "words and dots", "a . (x) b.\"c\"@x", "a.b.c|x||a . (x) b.\"c\"@x\n" },
	{ "words, one needs quotes", "a.\"b c\".d@x", "\"a.b c.d\"|x||a.\"b c\".d@x\n" },
	{ "dots of a carrier", "a..b@docomo.example",
	  "a..b|docomo.example||a..b@docomo.example\n" },
	{ "final dot of a carrier", "a.@docomo.example",
	  "a.|docomo.example||a.@docomo.example\n" },
	{ "whole domain name", "<a@b.example.>, c@d. (x)",
	  "a|b.example||a@b.example.\nc|d||c@d.\n" },
	{ "two dots behind a domain", "a@b.., c@d. (x) .", "a|b..||a@b..\nc|d..||c@d. (x) .\n" },
	{ "dots before a domain", "a@.b.", "a|.b||a@.b.\n" },
	{ "first dot", "<.a@x>", ".a|x||.a@x\n" },
	{ "dots in quotes", "\"a..b\"@x", "\"a..b\"|x||\"a..b\"@x\n" },
	{ "bare with a final dot", "a. (x)", "a.|||a.\n" },
	{ "UTF-8 address", "\xce\xb4@\xce\xb4.gr",
	  "\xce\xb4|\xce\xb4.gr||\xce\xb4@\xce\xb4.gr\n" },
};
/* clang-format on */

static void show_mailbox(struct slice text, const struct mailbox *m, struct buf *out)
{
	buf_addf(out, "%s|%s|", m->local, m->domain);
	buf_add_slice(out, m->name);
	buf_add_char(out, '|');
	buf_add_slice(out, slice_cut(text, m->spec_start, m->spec_end));
	buf_add_char(out, '\n');
}

static void reads_lists(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		struct mailboxes list = { 0 };
		struct buf shown = { 0 };
		struct status st = { 0 };
		struct slice text = slice_of(good[i].text);
		if (address_parse_list(text, &list, &st) != 0)
			fail_msg("%s: %s", good[i].name, st.text);
		for (size_t m = 0; m < list.count; m++)
			show_mailbox(text, &list.at[m], &shown);
		if (strcmp(buf_str(&shown), good[i].expected) != 0)
			fail_msg("%s: got %s", good[i].name, buf_str(&shown));
		assert_int_equal(st.kind, STATUS_OK);
		buf_release(&shown);
		mailboxes_release(&list);
	}
}

/* clang-format off */
/* LEN counts only for texts with a NUL in them. */
static const struct {
	const char *name;
	const char *text;
	const char *where;
	const char *problem;
	size_t len;
} bad[] = {
	{ "two without a comma", "a@b c@d", "c@d", "missing ',' or '<'", 0 },
	{ "two in angles", "x, <a@b, c@d>, y", "<a@b, c@d>, y", "missing '>'", 0 },
	{ "two in angles, no comma", "<a@b c@d>", "<a@b c@d>", "missing '>'", 0 },
	{ "two behind each other", "<a@b> <c@d>", "<c@d>", "missing ','", 0 },
	{ "words behind angles", "<a@b> Joe", "Joe", "missing ','", 0 },
	{ "name without address", "John Doe", "Doe", "missing ',' or '<'", 0 },
	{ "two @", "a@b@c", "@c", "missing ',' or '<'", 0 },
	{ "words not joined by a dot", "\"a\"b@c", "b@c", "missing ',' or '<'", 0 },
	{ "angle not closed", "Joe <a@b", "<a@b", "missing '>'", 0 },
	{ "angle not opened", "a@b>", ">", "missing ',' or '<'", 0 },
	{ "angle in angles", "<<a@b>>", "<<a@b>>", "missing address", 0 },
	{ "empty angles", "<>", "<>", "missing address", 0 },
	{ "name with empty angles", "Joe <>", "<>", "missing address", 0 },
	{ "no local part", "@b", "@b", "missing address", 0 },
	{ "dots for a local part", "..@b", "..@b", "missing address", 0 },
	{ "no domain", "a@, b", "a@, b", "missing domain", 0 },
	{ "dots for a domain", "a@.", "a@.", "missing domain", 0 },
	{ "quoted domain", "a@\"b\"", "a@\"b\"", "missing domain", 0 },
	{ "route alone", "<@a:>", "<@a:>", "missing address", 0 },
	{ "route without a colon", "<@a>", "<@a>", "missing address", 0 },
	{ "text behind a literal", "a@[1.2.3.4]b", "b", "missing ',' or '<'", 0 },
	{ "literal not closed", "a@[1.2.3.4", "a@[1.2.3.4", "missing domain", 0 },
	{ "comment not closed", "a (b (c)", "(b (c)", "missing ')'", 0 },
	{ "comment not opened", "a@b)", ")", "missing ',' or '<'", 0 },
	{ "quote not closed", "x \"a <b@c>", "\"a <b@c>", "missing '\"'", 0 },
	{ "quote not closed behind words", "John Doe \"J", "\"J", "missing '\"'", 0 },
	{ "backslash at the end", "\"a\\", "\"a\\", "stray line end, NUL or backslash", 0 },
	{ "group in a group", "g:h:a@b;;", "h:a@b;;", "unexpected ':'", 0 },
	{ "group without a name", "a@b, :c@d;", ":c@d;", "unexpected ':'", 0 },
	{ "group not closed", "x@y, g: a@b, c@d", "g: a@b, c@d", "missing ';'", 0 },
	{ "colon behind an address", "r@x Bcc: e@x", "r@x Bcc: e@x", "unexpected ':'", 0 },
	{ "CR", "r@x\rBcc: e@x", "?Bcc: e@x", "stray line end or NUL", 0 },
	{ "CR before a blank", "r@x\r e@x", "? e@x", "stray line end or NUL", 0 },
	{ "LF", "r@x\nBcc: e@x", "?Bcc: e@x", "stray line end or NUL", 0 },
	{ "CRLF", "r@x,\r\nBcc: e@x", "??Bcc: e@x", "stray line end or NUL", 0 },
	{ "CRLF at the end", "r@x\r\n", "??", "stray line end or NUL", 0 },
	{ "CRLF in a name", "\"J\r\nBcc: e@x\" <r@x>", "\"J??Bcc: e@x\" <r@x>",
	  "stray line end, NUL or backslash", 0 },
	{ "CRLF in a comment", "(\r\nBcc: e@x) r@x", "(??Bcc: e@x) r@x",
	  "stray line end, NUL or backslash", 0 },
	{ "escaped LF in a name", "\"J\\\n \" <r@x>", "\"J\\? \" <r@x>",
	  "stray line end, NUL or backslash", 0 },
	{ "NUL", "a@b\0", "?", "stray line end or NUL", 4 },
	{ "NUL in a comment", "a(\0)", "(?)", "stray line end, NUL or backslash", 4 },
	{ "NUL in quotes", "\"\\\0\"", "\"\\?\"", "stray line end, NUL or backslash", 4 },
	{ "control in a local part", "a\x01@b", "?@b", "missing ',' or '<'", 0 },
	{ "DEL in a domain", "<a@b\x7f>", "<a@b?>", "missing '>'", 0 },
	{ "control in quotes", "<\"a\x1b\"@b>", "<\"a?\"@b>", "control character in an address",
	  0 },
	{ "tab in quotes", "\"a\tb\"@b", "\"a b\"@b", "control character in an address", 0 },
	{ "long text", "a b 9 123456789 123456789 123456789 123456789",
	  "b 9 123456789 123456789 123456789 123...", "missing ',' or '<'", 0 },
};
/* clang-format on */

static void refuses_lists(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
		struct mailboxes list = { 0 };
		struct status st = { 0 };
		struct buf expected = { 0 };
		size_t len = bad[i].len != 0 ? bad[i].len : strlen(bad[i].text);
		assert_int_equal(address_parse_list(slice_of("kept@x"), &list, &st), 0);
		if (address_parse_list(slice_n(bad[i].text, len), &list, &st) != -1)
			fail_msg("%s: taken", bad[i].name);
		buf_addf(&expected, "cannot read the address list at '%s': %s", bad[i].where,
			 bad[i].problem);
		if (strcmp(st.text, buf_str(&expected)) != 0)
			fail_msg("%s: %s", bad[i].name, st.text);
		assert_int_equal(st.kind, STATUS_BAD_MESSAGE);
		assert_int_equal(list.count, 1);
		buf_release(&expected);
		mailboxes_release(&list);
	}
}

/* What a caller does who qualifies bare addresses and keeps all else. */
static void offsets_let_a_domain_in(void **state)
{
	(void)state;
	const char *text = "root (Cron), \"a b\" . c (x), g: J <r (y)>, s@t;, <@u:v >";
	struct mailboxes list = { 0 };
	struct status st;
	struct buf out = { 0 };
	size_t done = 0;
	assert_int_equal(address_parse_list(slice_of(text), &list, &st), 0);
	for (size_t i = 0; i < list.count; i++) {
		buf_add(&out, text + done, list.at[i].spec_end - done);
		if (list.at[i].domain[0] == '\0')
			buf_add_str(&out, "@d");
		done = list.at[i].spec_end;
	}
	buf_add_str(&out, text + done);
	assert_string_equal(buf_str(&out),
			    "root@d (Cron), \"a b\" . c@d (x), g: J <r@d (y)>, s@t;, "
			    "<@u:v@d >");
	buf_release(&out);
	mailboxes_release(&list);
}

/* clang-format off */
static const struct {
	const char *name;
	const char *text;
	const char *domain;
	bool allow_null;
	const char *path; /* NULL: refused */
	const char *problem;
} ones[] = {
	{ "plain", "a@b", "d", false, "a@b", NULL },
	{ "name", "Joe Doe (x) <a@b>", "d", false, "a@b", NULL },
	{ "angles", "<a@b>", "d", true, "a@b", NULL },
	{ "trailing comma", "a@b,", "d", false, "a@b", NULL },
	{ "bare", "root", "d.example", false, "root@d.example", NULL },
	{ "bare in angles", "<root>", "d.example", true, "root@d.example", NULL },
	{ "normalised", "\"a\" . b @ c (x)", NULL, false, "a.b@c", NULL },
	{ "blank in quotes", "\"a b\"@x", NULL, false, "\"a b\"@x", NULL },
	{ "route", "<@x,@y:a@b>", NULL, false, "a@b", NULL },
	{ "whole domain name", "<a@b.>", "d", false, "a@b", NULL },
	{ "two dots behind a domain", "a@b..", "d", false, NULL, "no valid host name" },
	{ "null sender", "<>", "d", true, "", NULL },
	{ "empty sender", "", "d", true, "", NULL },
	{ "bare without a domain", "root", NULL, false, NULL, "it has no domain" },
	{ "null not allowed", "<>", "d", false, NULL, "missing address" },
	{ "empty not allowed", "", "d", false, NULL, "not one address" },
	{ "comment", "(x)", "d", true, NULL, "not one address" },
	{ "comma", ",", "d", true, NULL, "not one address" },
	{ "two", "a@b, c@d", "d", false, NULL, "not one address" },
	{ "group of one", "g: a@b;", "d", false, NULL, "not one address" },
	{ "parameter", "a@b> NOTIFY=NEVER", "d", false, NULL, "missing ',' or '<'" },
	{ "bad domain", "a@b_.-c", "d", false, NULL, "its domain is no valid host name" },
	{ "CR", "a@b\r", "d", true, NULL, "stray line end or NUL" },
	{ "CRLF for null", "\r\n", "d", true, NULL, "stray line end or NUL" },
};
/* clang-format on */

static void reads_one_address(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ones / sizeof *ones; i++) {
		struct buf out = { 0 };
		struct status st = { 0 };
		buf_add_str(&out, "+");
		int result = address_parse_one(slice_of(ones[i].text), ones[i].domain,
					       ones[i].allow_null, &out, &st);
		const char *path = ones[i].path != NULL ? ones[i].path : "";
		if (result != (ones[i].path != NULL ? 0 : -1) ||
		    strcmp(buf_str(&out) + 1, path) != 0)
			fail_msg("%s: %s %s", ones[i].name, buf_str(&out), st.text);
		if (result != 0 && strstr(st.text, ones[i].problem) == NULL)
			fail_msg("%s: %s", ones[i].name, st.text);
		buf_release(&out);
	}
}

static void writes_paths(void **state)
{
	(void)state;
	struct mailboxes list = { 0 };
	struct status st;
	struct buf out = { 0 };
	assert_int_equal(address_parse_list(slice_of("a@b, c"), &list, &st), 0);
	mailbox_path(&list.at[0], "d", &out);
	mailbox_path(&list.at[0], NULL, &out);
	mailbox_path(&list.at[1], "d", &out);
	mailbox_path(&list.at[1], NULL, &out);
	assert_string_equal(buf_str(&out), "a@ba@bc@dc");
	buf_release(&out);
	mailboxes_release(&list);
}

/* What a mebibyte of it would cost in quadratic time is hours. */
static void takes_linear_time(void **state)
{
	(void)state;
	static const char *const units[] = {
		"(",     "()", "[",   "[a",   "[ ",   "\"",      "\"\"", "<",
		"a ",    "a.", "a@",  "a,",   "a@b,", "g:",      "g:;",  "g:a;",
		"\r\n ", "\\", "a <", "<@a,", "a(",   "a\"b\".", "=",    "J <a@b>;",
	};
	enum { SIZE = 1024 * 1024 };
	for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
		struct mailboxes list = { 0 };
		struct status st;
		struct buf text = { 0 };
		while (text.len < SIZE)
			buf_add_str(&text, units[i]);
		clock_t start = clock();
		address_parse_list(buf_slice(&text), &list, &st);
		if (clock() - start > 5 * CLOCKS_PER_SEC)
			fail_msg("too slow: %s", units[i]);
		mailboxes_release(&list);
		buf_release(&text);
	}
}

static void nests_comments_without_a_stack(void **state)
{
	(void)state;
	enum { DEPTH = 100000 };
	struct mailboxes list = { 0 };
	struct status st;
	struct buf text = { 0 };
	memset(buf_reserve(&text, DEPTH), '(', DEPTH);
	text.len += DEPTH;
	memset(buf_reserve(&text, DEPTH), ')', DEPTH);
	text.len += DEPTH;
	buf_add_str(&text, "a@b");
	assert_int_equal(address_parse_list(buf_slice(&text), &list, &st), 0);
	assert_int_equal(list.count, 1);
	assert_string_equal(list.at[0].local, "a");
	mailboxes_release(&list);
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(reads_lists),
		cmocka_unit_test(refuses_lists),
		cmocka_unit_test(offsets_let_a_domain_in),
		cmocka_unit_test(reads_one_address),
		cmocka_unit_test(writes_paths),
		cmocka_unit_test(takes_linear_time),
		cmocka_unit_test(nests_comments_without_a_stack),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
