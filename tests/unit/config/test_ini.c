/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/ini.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

struct record {
	struct buf events; /* one "LINE [section]" or "LINE key=<value>" each, with a ','
			      between */
	int left;          /* events before the listener fails */
};

static int next(struct record *r, unsigned line, struct status *st)
{
	if (r->left-- == 0)
		return status_set(st, STATUS_BAD_USAGE, "listener");
	buf_addf(&r->events, "%s%u ", r->events.len != 0 ? "," : "", line);
	return 0;
}

static int on_section(void *context, const char *name, unsigned line, struct status *st)
{
	struct record *r = context;
	if (next(r, line, st) != 0)
		return -1;
	buf_addf(&r->events, "[%s]", name);
	return 0;
}

static int on_value(void *context, const struct ini_value *v, struct status *st)
{
	struct record *r = context;
	if (next(r, v->line, st) != 0)
		return -1;
	buf_addf(&r->events, "%s=<%s>%s", v->key, v->value, v->cut ? " cut" : "");
	return 0;
}

static int read_text(struct record *r, struct slice text, struct status *st)
{
	const struct ini_listener listener = { on_section, on_value, r };
	*st = (struct status){ 0 };
	return ini_read("f.ini", text, &listener, st);
}

static void dialect(void **state)
{
	static const struct {
		const char *name, *text, *events;
	} cases[] = {
		{ "nothing", "", "" },
		{ "blank lines", "\n\n  \n\t\n", "" },
		{ "key and value", "host = a\n", "1 host=<a>" },
		{ "no blanks", "host=a\n", "1 host=<a>" },
		{ "a colon", "host: a\n", "1 host=<a>" },
		{ "colon in the value", "host = mx:domain\n", "1 host=<mx:domain>" },
		{ "two colons", "host: mx:domain\n", "1 host=<mx:domain>" },
		{ "a path", "host = unix:/run/x\n", "1 host=<unix:/run/x>" },
		{ "IPv6", "host = [2001:db8::1]:25\n", "1 host=<[2001:db8::1]:25>" },
		{ "an equals sign in the value", "user = a=b\n", "1 user=<a=b>" },
		{ "no value", "user =\n", "1 user=<>" },
		{ "no last line end", "host = a", "1 host=<a>" },
		{ "CRLF", "host = a\r\nport = 25\r\n", "1 host=<a>,2 port=<25>" },
		{ "BOM", "\xef\xbb\xbfhost = a\n", "1 host=<a>" },
		{ "BOM before a section", "\xef\xbb\xbf[account a]\n", "1 [account a]" },
		{ "comments", "; a = b\n# c = d\n  ; e = f\nhost = a\n", "4 host=<a>" },
		{ "comment behind", "host = a ; b\n", "1 host=<a> cut" },
		{ "quoted", "user = \"a ; b # c  \" ; d\n", "1 user=<a ; b # c  >" },
		{ "quoted blanks", "user = \"  \"\n", "1 user=<  >" },
		{ "quoted tab", "user = \"\ta\t\"\n", "1 user=<\ta\t>" },
		{ "indented", "host = a\n  port = 25\n\tuser = b\n",
		  "1 host=<a>,2 port=<25>,3 user=<b>" },
		{ "sections", "a = 1\n[account x]\nb = 2\n[ account y ] ; c\nd = 3\n",
		  "1 a=<1>,2 [account x],3 b=<2>,4 [account y],5 d=<3>" },
		{ "empty section", "[account x]\n[account y]", "1 [account x],2 [account y]" },
		{ "indented section", "  [account x]\n", "1 [account x]" },
		{ "same key twice", "a = 1\na = 2\n", "1 a=<1>,2 a=<2>" },
		{ "control characters in a comment", "; \x01\x02\nhost = a\n", "2 host=<a>" },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct record r = { .left = -1 };
		struct status st;
		print_message("%s\n", cases[i].name);
		assert_int_equal(read_text(&r, slice_of(cases[i].text), &st), 0);
		assert_string_equal(buf_str(&r.events), cases[i].events);
		buf_release(&r.events);
	}
}

static void refused(void **state)
{
	static const struct {
		const char *name;
		struct slice text;
		const char *start; /* of the sentence */
	} cases[] = {
#define TEXT(literal) { literal, sizeof literal - 1 }
		{ "no separator", TEXT("host = a\nhush\n"), "f.ini:2: " },
		{ "no key", TEXT("= a\n"), "f.ini:1: " },
		{ "blank in the key", TEXT("my host = a\n"), "f.ini:1: " },
		{ "comment in the key", TEXT("a ;b = c\n"), "f.ini:1: " },
		{ "section without end", TEXT("\n\n[account x\n"), "f.ini:3: " },
		{ "text behind a section", TEXT("[account x] y\n"), "f.ini:1: " },
		{ "NUL", TEXT("a = 1\nb = \0\n"), "f.ini:2: " },
		{ "NUL in a comment", TEXT("; \0\n"), "f.ini:1: " },
		{ "NUL at the end", TEXT("a = 1\0"), "f.ini:1: " },
		{ "control character", TEXT("a = hush\x01\n"), "f.ini:1: " },
		{ "bare CR", TEXT("a = 1\rb = 2\n"), "f.ini:1: " },
		{ "open quote", TEXT("a = \"hush\nb = 1\n"), "f.ini:1: " },
		{ "text behind a quote", TEXT("a = \"b\" hush\n"), "f.ini:1: " },
		{ "UTF-16",
		  TEXT("\xff\xfe"
		       "a\0=\0"),
		  "f.ini:1: " },
#undef TEXT
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct record r = { .left = -1 };
		struct status st;
		print_message("%s\n", cases[i].name);
		assert_int_equal(read_text(&r, cases[i].text, &st), -1);
		assert_int_equal(st.kind, STATUS_BAD_CONFIG);
		assert_memory_equal(st.text, cases[i].start, strlen(cases[i].start));
		assert_null(strstr(st.text, "hush"));
		buf_release(&r.events);
	}
}

static void add_many(struct buf *text, char c, size_t count)
{
	while (count-- > 0)
		buf_add_char(text, c);
}

/* Lengths around inih's limits of 50 and 200 bytes and ours of 8 KiB. */
static void nothing_is_cut(void **state)
{
	static const size_t lengths[] = { 1,   48,  49,  50,  51,  190,  195,  198, 199,
					  200, 201, 202, 398, 400, 1000, 8191, 8192 };
	(void)state;
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		struct buf text = { 0 }, expected = { 0 };
		struct record r = { .left = -1 };
		struct status st;
		buf_add_str(&text, "; comment ");
		add_many(&text, 'c', lengths[i]);
		buf_add_str(&text, "\n[");
		add_many(&text, 's', lengths[i]);
		buf_add_str(&text, "]\npassword = \"");
		add_many(&text, i % 2 != 0 ? ';' : ' ', lengths[i]);
		buf_add_str(&text, "\"\nuser = b\n");
		buf_add_str(&expected, "2 [");
		add_many(&expected, 's', lengths[i]);
		buf_add_str(&expected, "],3 password=<");
		add_many(&expected, i % 2 != 0 ? ';' : ' ', lengths[i]);
		buf_add_str(&expected, ">,4 user=<b>");
		assert_int_equal(read_text(&r, buf_slice(&text), &st), 0);
		assert_string_equal(buf_str(&r.events), buf_str(&expected));
		buf_release(&r.events);
		buf_release(&text);
		buf_release(&expected);
	}
}

static void too_long(void **state)
{
	static const struct {
		const char *before, *behind;
		size_t count;
	} cases[] = {
		{ "\na = ", "\n", 8193 },       { "\na = \"", "\"\n", 8193 },
		{ "\n[account ", "]\n", 8193 }, { "\n", " = 1\n", 65 },
		{ "\na = ", "", 1000000 },
	};
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct buf text = { 0 };
		struct record r = { .left = -1 };
		struct status st;
		buf_add_str(&text, cases[i].before);
		add_many(&text, 'x', cases[i].count);
		buf_add_str(&text, cases[i].behind);
		assert_int_equal(read_text(&r, buf_slice(&text), &st), -1);
		assert_memory_equal(st.text, "f.ini:2: ", 9);
		assert_int_equal(r.events.len, 0);
		buf_release(&r.events);
		buf_release(&text);
	}
}

static void listener_ends_it(void **state)
{
	static const char text[] = "a = 1\n[s]\nb = 2\nc\n";
	(void)state;
	for (int left = 0; left < 3; left++) {
		struct record r = { .left = left };
		struct status st;
		assert_int_equal(read_text(&r, slice_of(text), &st), -1);
		assert_int_equal(st.kind, STATUS_BAD_USAGE);
		assert_string_equal(st.text, "listener");
		assert_int_equal(r.left, -1);
		buf_release(&r.events);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(dialect),          cmocka_unit_test(refused),
		cmocka_unit_test(nothing_is_cut),   cmocka_unit_test(too_long),
		cmocka_unit_test(listener_ends_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
