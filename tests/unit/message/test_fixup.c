/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/fixup.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define COMPLETE  "From: a@x\r\nDate: d\r\nMessage-ID: <m>\r\n"
#define RESENT    "Resent-Date: d\r\nResent-Message-ID: <r>\r\n"
#define LONG_NAME "A name that is quite long, and (it seems) needs a line of its own"

static const struct strings nothing;
static struct strings removed;

static int name_removed(void **state)
{
	(void)state;
	strings_add(&removed, "bcc");
	strings_add(&removed, "Resent-Bcc");
	strings_add(&removed, "RETURN-PATH");
	return 0;
}

static int forget_removed(void **state)
{
	(void)state;
	strings_release(&removed);
	return 0;
}

static struct header parse(const char *section)
{
	struct header h = { 0 };
	struct status st;
	assert_int_equal(header_parse(&h, slice_of(section), &st), 0);
	return h;
}

static void check_text(const struct header *h, const char *want)
{
	struct buf out = { 0 };
	header_write(h, &out);
	assert_string_equal(buf_str(&out), want);
	buf_release(&out);
}

/* Sections that have all that would be added, so that what comes out is fixed. */
static const struct {
	const char *name;
	const char *in;
	const char *out; /* NULL: as it came in */
	bool undisclosed;
} cases[] = {
	{ "nothing to do", COMPLETE "To: b@y\r\nSubject: x\r\n y\r\n", NULL, false },
	{ "odd but complete", "from :a@x\r\nDATE:\r\nmessage-id: \r\nX-Y:z\r\n", NULL, false },
	{ "twice", COMPLETE COMPLETE, NULL, false },
	{ "empty From", "From: \r\nDate: d\r\nMessage-ID: <m>\r\n", NULL, false },
	{ "cron", "From: root (Cron Daemon)\r\nTo: root\r\nDate: d\r\nMessage-ID: <m>\r\n",
	  "From: root@example.com (Cron Daemon)\r\nTo: root@example.com\r\nDate: d\r\n"
	  "Message-ID: <m>\r\n",
	  false },
	{ "every field",
	  COMPLETE "Sender: a\r\nReply-To:b\r\nTo:  c \r\nCC: d\r\n" RESENT
		   "Resent-From: e\r\nResent-Sender: f\r\nResent-To: g\r\n"
		   "Resent-Cc: h\r\nResent-Reply-To: i\r\n",
	  COMPLETE "Sender: a@example.com\r\nReply-To:b@example.com\r\nTo:  c@example.com \r\n"
		   "CC: d@example.com\r\n" RESENT
		   "Resent-From: e@example.com\r\nResent-Sender: f@example.com\r\n"
		   "Resent-To: g@example.com\r\nResent-Cc: h@example.com\r\n"
		   "Resent-Reply-To: i@example.com\r\n",
	  false },
	{ "other fields", COMPLETE "Subject: root\r\nX-To: root\r\nErrors-To: root\r\n", NULL,
	  false },
	{ "names, comments and folds stay",
	  COMPLETE
	  "To: \"Bob, B\" (x)\r\n <bob>(y),\r\n\tc@z ,  dan\r\n (the man)  , g:e,f@w;\r\n",
	  COMPLETE
	  "To: \"Bob, B\" (x)\r\n <bob@example.com>(y),\r\n\tc@z ,  dan@example.com\r\n"
	  " (the man)  , g:e@example.com,f@w;\r\n",
	  false },
	{ "quoted local part", COMPLETE "To: \"b b\", <\"c\">\r\n",
	  COMPLETE "To: \"b b\"@example.com, <\"c\"@example.com>\r\n", false },
	{ "8-bit name", COMPLETE "To: J\303\266rg <j>\r\n",
	  COMPLETE "To: J\303\266rg <j@example.com>\r\n", false },
	{ "what cannot be read stays", COMPLETE "To: root, <\r\nCc: root\r\n",
	  COMPLETE "To: root, <\r\nCc: root@example.com\r\n", false },
	{ "empty list and group", COMPLETE "To: undisclosed-recipients:;\r\nCc: ,\r\n", NULL,
	  false },
	{ "removed",
	  "Return-Path: <r@x>\r\n" COMPLETE "Bcc: b@y,\r\n c@y\r\nbcc: d\r\n"
	  "X: 1\r\nResent-Bcc: e\r\n",
	  COMPLETE "X: 1\r\n", false },
	{ "undisclosed", COMPLETE "Cc: b\r\nX: 1\r\nTo: c\r\nBcc: d\r\nTo: e\r\n",
	  COMPLETE "To: undisclosed-recipients:;\r\nX: 1\r\n", true },
	{ "undisclosed, none before", COMPLETE "X: 1\r\n",
	  COMPLETE "X: 1\r\nTo: undisclosed-recipients:;\r\n", true },
};

static void test_cases(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		print_message("%s\n", cases[i].name);
		struct fixup f = { .domain = "example.com",
				   .id_domain = "id.example",
				   .from = "me@example.com",
				   .remove = &removed,
				   .undisclosed = cases[i].undisclosed };
		struct header h = parse(cases[i].in);
		fixup_apply(&h, &f);
		check_text(&h, cases[i].out != NULL ? cases[i].out : cases[i].in);
		header_release(&h);
	}
}

static void test_without_a_domain(void **state)
{
	(void)state;
	const struct fixup f = { .id_domain = "id.example",
				 .from = "me@x",
				 .remove = &nothing };
	const char *section = COMPLETE "To: root\r\nBcc: b\r\n";
	struct header h = parse(section);
	fixup_apply(&h, &f);
	check_text(&h, section);
	header_release(&h);
}

static const struct {
	const char *name;
	const char *from;
	const char *from_name;
	const char *out;
} froms[] = {
	{ "bare", "me@x", NULL, "From: me@x\r\n" },
	{ "empty name", "me@x", " ", "From: me@x\r\n" },
	{ "name", "me@x", "CronDaemon", "From: CronDaemon <me@x>\r\n" },
	{ "8-bit name", "me@x", "J\303\266", "From: =?UTF-8?B?SsO2?= <me@x>\r\n" },
	{ "hostile name", "me@x", "a\r\nBcc: e@x", "From: \"a  Bcc: e@x\" <me@x>\r\n" },
	{ "null sender", "", NULL, "From: MAILER-DAEMON@id.example\r\n" },
	{ "long", "me@example.com", LONG_NAME,
	  "From: \"" LONG_NAME "\"\r\n <me@example.com>\r\n" },
};

static void test_missing_from(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof froms / sizeof *froms; i++) {
		print_message("%s\n", froms[i].name);
		struct fixup f = { .domain = "example.com",
				   .id_domain = "id.example",
				   .from = froms[i].from,
				   .from_name = froms[i].from_name,
				   .remove = &nothing };
		struct header h = parse("Date: d\r\nMessage-ID: <m>\r\n");
		struct buf want = { 0 };
		fixup_apply(&h, &f);
		buf_addf(&want, "%sDate: d\r\nMessage-ID: <m>\r\n", froms[i].out);
		check_text(&h, buf_str(&want));
		buf_release(&want);
		header_release(&h);
	}
}

/* Blank out the random digits of the Message-IDs of H. */
static void mask_ids(struct header *h, const char *name)
{
	struct field *f = header_find(h, name, 0);
	assert_non_null(f);
	char *digits = strchr(f->text, '<') + 1;
	assert_int_equal(strspn(digits, "0123456789abcdef"), 32);
	memset(digits, 'r', 32);
}

static void test_all_that_is_missing(void **state)
{
	(void)state;
	static const struct {
		const char *in;
		const char *out;
	} sections[] = {
		{ "", "" },
		{ "To: b@y\r\nSubject: s\r\n", "To: b@y\r\nSubject: s\r\n" },
		{ "Received: r\r\nResent-From: a@x\r\nResent-To: b@y\r\nReceived: q\r\n" RESENT,
		  "Received: r\r\nResent-Date: Sun, 22 Nov 2026 04:00:00 +0000\r\n"
		  "Resent-Message-ID: "
		  "<rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr.1795320000000000@id.example>"
		  "\r\nResent-From: a@x\r\nResent-To: b@y\r\nReceived: q\r\n" RESENT },
	};
	const struct fixup f = { .id_domain = "id.example",
				 .from = "me@x",
				 .remove = &nothing };
	setenv("TZ", "UTC0", 1);
	tzset();
	clock_set_wall(1795320000);
	for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
		struct header h = parse(sections[i].in);
		struct buf want = { 0 };
		fixup_apply(&h, &f);
		mask_ids(&h, "Message-ID");
		if (header_find(&h, "Resent-From", 0) != NULL)
			mask_ids(&h, "Resent-Message-ID");
		buf_addf(&want,
			 "From: me@x\r\nDate: Sun, 22 Nov 2026 04:00:00 +0000\r\nMessage-ID: "
			 "<rrrrrrrrrrrrrrrrrrrrrrrrrrrrrrrr.1795320000000000@id.example>\r\n%s",
			 sections[i].out);
		check_text(&h, buf_str(&want));
		buf_release(&want);
		header_release(&h);
	}
	clock_set_wall(0);
}

static void test_ids_differ(void **state)
{
	(void)state;
	const struct fixup f = { .id_domain = "id.example",
				 .from = "me@x",
				 .remove = &nothing };
	struct header a = { 0 }, b = { 0 };
	clock_set_wall(1795320000);
	fixup_apply(&a, &f);
	fixup_apply(&b, &f);
	assert_string_not_equal(header_find(&a, "Message-ID", 0)->text,
				header_find(&b, "Message-ID", 0)->text);
	clock_set_wall(0);
	header_release(&a);
	header_release(&b);
}

static const struct {
	const char *name;
	const char *in;
	const char *recipients; /* NULL: an error */
	const char *from;
} resents[] = {
	{ "none", "Subject: To: a@x\r\n", "", "" },
	{ "all fields",
	  "From: f@x\r\nTo: a@x\r\nCc: b@x,\r\n c\r\nBcc: g: d@x, E <e@x>;\r\nTo: f@x "
	  "(g@x)\r\n",
	  "a@x b@x c@d d@x e@x f@x ", "f@x" },
	{ "bare From", "From: root (Cron Daemon)\r\n", "", "root@d" },
	{ "several in From", "From: a@x, b@x\r\n", "", "a@x" },
	{ "unreadable From", "From: <\r\n", "", "" },
	{ "empty fields", "From:\r\nTo:\r\nCc: \r\nBcc: g:;\r\n", "", "" },
	{ "unreadable To", "To: <\r\n", NULL, "" },
	{ "other fields do not count", "To: a@x\r\nReply-To: <\r\nX-To: b@x\r\n", "a@x ", "" },
	{ "resent",
	  "Resent-From: f@x\r\nResent-To: a@x\r\nResent-Cc: b@x\r\nResent-Bcc: c@x\r\n"
	  "From: g@x\r\nTo: d@x\r\n",
	  "a@x b@x c@x ", "f@x" },
	{ "resent, unreadable To", "Resent-To: a@x\r\nTo: <\r\n", "a@x ", "" },
	{ "resent twice",
	  "Resent-From: f@x\r\nResent-To: a@x\r\nResent-From: g@x\r\n"
	  "Resent-To: b@x\r\nResent-Cc: c@x\r\nTo: d@x\r\n",
	  "a@x ", "f@x" },
	{ "resent twice, trace between",
	  "Received: r\r\nResent-From: f@x\r\nResent-To: a@x\r\n"
	  "Received: r\r\nResent-Cc: c@x\r\nTo: d@x\r\n",
	  "a@x ", "f@x" },
	{ "resent, other Resent- fields",
	  "Resent-From: f@x\r\nResent-User-Agent: u\r\n"
	  "Resent-To: a@x\r\nTo: d@x\r\n",
	  "a@x ", "f@x" },
	{ "only other Resent- fields", "Resent-User-Agent: u\r\nFrom: f@x\r\nTo: d@x\r\n",
	  "d@x ", "f@x" },
	{ "resent, no recipients",
	  "Resent-Date: d\r\nSubject: s\r\nResent-To: a@x\r\nTo: d@x\r\n"
	  "From: f@x\r\n",
	  "", "" },
};

static void check_recipients(const struct header *h, const char *want)
{
	struct mailboxes list = { 0 };
	struct status st = { 0 };
	struct buf got = { 0 };
	int result = fixup_recipients(h, &list, &st);
	assert_int_equal(result, want != NULL ? 0 : -1);
	for (size_t i = 0; i < list.count; i++) {
		mailbox_path(&list.at[i], "d", &got);
		buf_add_char(&got, ' ');
	}
	if (want != NULL) {
		assert_string_equal(buf_str(&got), want);
	} else {
		assert_int_equal(st.kind, STATUS_BAD_MESSAGE);
		assert_non_null(strstr(st.text, "'To'"));
	}
	mailboxes_release(&list);
	buf_release(&got);
}

static void test_recipients_and_from(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof resents / sizeof *resents; i++) {
		print_message("%s\n", resents[i].name);
		struct header h = parse(resents[i].in);
		struct buf from = { 0 };
		check_recipients(&h, resents[i].recipients);
		fixup_from_address(&h, "d", &from);
		assert_string_equal(buf_str(&from), resents[i].from);
		buf_release(&from);
		header_release(&h);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_cases),        cmocka_unit_test(test_without_a_domain),
		cmocka_unit_test(test_missing_from), cmocka_unit_test(test_all_that_is_missing),
		cmocka_unit_test(test_ids_differ),   cmocka_unit_test(test_recipients_and_from),
	};
	return cmocka_run_group_tests(tests, name_removed, forget_removed);
}
