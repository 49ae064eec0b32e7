/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/report.h"

#include "report_world.h"

#include "base/mem.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#define HOUR 3600
#define DAY  (24 * HOUR)

static const char bounce[] =
	"Date: Sun, 22 Nov 2026 05:05:03 +0000\n"
	"From: Mail Delivery System <MAILER-DAEMON@x.test>\n"
	"To: <a@x.test>\n"
	"Subject: Undelivered: Hello\n"
	"Message-ID: <06DNGP8ZS5XJ4K2W7QH3M9AB@x.test>\n"
	"In-Reply-To: <1@x.test>\n"
	"References: <1@x.test>\n"
	"Auto-Submitted: auto-replied\n"
	"X-Failed-Recipients: b@y.test\n"
	"MIME-Version: 1.0\n"
	"Content-Type: multipart/report; report-type=delivery-status;\n"
	" boundary=\"=_06DNGP8ZS5XJ4K2W7QH3M9AB\"\n"
	"\n"
	"\n"
	"--=_06DNGP8ZS5XJ4K2W7QH3M9AB\n"
	"Content-Type: text/plain; charset=us-ascii\n"
	"\n"
	"Your message could not be delivered to the recipient below. It will not be\n"
	"tried again.\n"
	"\n"
	"  b@y.test\n"
	"    mx.y.test says:\n"
	"        550 5.1.1 No such user\n"
	"    What may help:\n"
	"        see whether the address is spelled right\n"
	"\n"
	"The message came to 'mail.x.test' on Sun, 22 Nov 2026 04:05:03 +0000, and is\n"
	"called '06DNGP0000ABCDEFGHJKMNPQ' in the log. It is enclosed.\n"
	"A program wrote this report, and nobody reads answers to it.\n"
	"\n"
	"--=_06DNGP8ZS5XJ4K2W7QH3M9AB\n"
	"Content-Type: message/delivery-status\n"
	"\n"
	"Original-Envelope-Id: QQ314159\n"
	"Reporting-MTA: dns; mail.x.test\n"
	"Arrival-Date: Sun, 22 Nov 2026 04:05:03 +0000\n"
	"\n"
	"Final-Recipient: rfc822; b@y.test\n"
	"Action: failed\n"
	"Status: 5.1.1\n"
	"Remote-MTA: dns; mx.y.test\n"
	"Diagnostic-Code: smtp; 550 5.1.1 No such user\n"
	"Last-Attempt-Date: Sun, 22 Nov 2026 05:05:02 +0000\n"
	"\n"
	"--=_06DNGP8ZS5XJ4K2W7QH3M9AB\n"
	"Content-Type: message/rfc822\n"
	"\n"
	"From: a@x.test\n"
	"Subject: Hello\n"
	"Message-ID: <1@x.test>\n"
	"\n"
	"How are you?\n"
	"\n"
	"--=_06DNGP8ZS5XJ4K2W7QH3M9AB--\n";

static void without_crs(struct buf *b)
{
	size_t kept = 0;
	for (size_t i = 0; i < b->len; i++) {
		if (b->data[i] != '\r')
			b->data[kept++] = b->data[i];
	}
	b->data[kept] = '\0';
	b->len = kept;
}

static void test_a_bounce(void **state)
{
	(void)state;
	struct world w;
	world_open(&w, HEAD, "How are you?\r\n");
	w.envelope.envid = mem_copy("QQ314159");
	world_add_unknown(&w, "b@y.test");
	world_write(&w);
	without_crs(&w.text);
	assert_string_equal(buf_str(&w.text), bounce);
	assert_string_equal(w.out.id, "<06DNGP8ZS5XJ4K2W7QH3M9AB@x.test>");
	world_release(&w);
}

static void test_a_warning(void **state)
{
	(void)state;
	struct world w;
	struct status st = { .kind = STATUS_TEMPORARY, .text = "cannot connect", .peer = "y" };
	world_open(&w, HEAD, "How are you?\r\n");
	w.report.kind = REPORT_DELAYED;
	world_add(&w, "b@y.test", &st);
	world_add(&w, "c@y.test", &st);
	world_write(&w);
	assert_string_equal(world_field(&w, &w.parts.head, "Subject"), "Delayed: Hello");
	assert_string_equal(world_field(&w, &w.parts.head, "X-Failed-Recipients"), "");
	assert_string_equal(world_field(&w, &w.parts.recipients[1], "Action"), "delayed");
	assert_string_equal(world_field(&w, &w.parts.recipients[1], "Will-Retry-Until"),
			    "Tue, 24 Nov 2026 05:05:03 +0000");
	assert_string_equal(world_field(&w, &w.parts.recipients[1], "Diagnostic-Code"),
			    "x-postrider; cannot connect");
	assert_true(world_text_has(&w,
				   "Your message could not be delivered yet to the recipients "
				   "below. There is\r\nnothing that you have to do"));
	assert_true(world_text_has(&w, "It will be tried until Tue"));
	assert_true(world_text_has(&w, "  b@y.test\r\n  c@y.test\r\n    y:\r\n"));
	assert_string_equal(buf_str(&w.parts.original), HEAD);
	world_release(&w);
}

static void test_relayed(void **state)
{
	(void)state;
	struct world w;
	struct status st = { .peer = "mx.y.test:25", .hint = "no help is needed" };
	world_open(&w, HEAD, "How are you?\r\n");
	w.envelope.ret = "FULL";
	w.report.kind = REPORT_RELAYED;
	w.report.arrived = w.report.attempted = w.report.expires = 0;
	world_add(&w, "b@y.test", &st);
	world_write(&w);
	const struct header *h = &w.parts.recipients[0];
	assert_string_equal(world_field(&w, h, "Action"), "relayed");
	assert_string_equal(world_field(&w, h, "Status"), "2.0.0");
	assert_string_equal(world_field(&w, h, "Remote-MTA"), "dns; mx.y.test");
	assert_string_equal(world_field(&w, h, "Diagnostic-Code"), "");
	assert_string_equal(world_field(&w, h, "Last-Attempt-Date"), "");
	assert_string_equal(world_field(&w, &w.parts.status, "Arrival-Date"), "");
	assert_string_equal(buf_str(&w.parts.original), HEAD);
	assert_false(world_text_has(&w, "no help"));
	world_release(&w);
}

static void test_only_some_recipients(void **state)
{
	(void)state;
	static const bool about[] = { true, false, true };
	struct world w;
	world_open(&w, HEAD, "");
	world_add_unknown(&w, "b@y.test");
	world_add(&w, "c@y.test", NULL);
	world_add_unknown(&w, "\303\274@y.test");
	w.report.about = about;
	world_write(&w);
	assert_int_equal(w.parts.count, 2);
	assert_string_equal(world_field(&w, &w.parts.head, "X-Failed-Recipients"), "b@y.test");
	assert_null(strstr(buf_str(&w.parts.text), "c@y.test"));
	assert_non_null(strstr(buf_str(&w.parts.text), "\303\274@y.test"));
	assert_non_null(strstr(buf_str(&w.parts.text), "not about the other recipients"));
	world_release(&w);
}

static const struct {
	time_t arrived;
	const char *text;
} ages[] = {
	{ NOW - 5 * DAY, "It was tried for 5 days, and is given up." },
	{ NOW - DAY, "It was tried for 1 day, and" },
	{ NOW - 3 * HOUR - 59, "It was tried for 3 hours, and" },
	{ NOW - 1, "It was tried for 1 second, and" },
	{ NOW, "    y.test:\r\n" },
	{ NOW + 1, "    y.test:\r\n" },
	{ 0, "    y.test:\r\n" },
};

static void test_given_up(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof ages / sizeof *ages; i++) {
		struct world w;
		struct status st = { .kind = STATUS_TEMPORARY,
				     .text = "cannot connect",
				     .peer = "y.test:25" };
		world_open(&w, HEAD, "");
		w.report.arrived = ages[i].arrived;
		world_add(&w, "b@y.test", &st);
		world_write(&w);
		assert_true(world_text_has(&w, ages[i].text));
		assert_int_equal(world_text_has(&w, "given up"), ages[i].text[0] == 'I');
		world_release(&w);
	}
}

/* Words of others neither end a part nor begin a field, wherever they stand. */
static void check_hostile(bool names)
{
	static const char evil[] = "\r\n--=_06DNGP8ZS5XJ4K2W7QH3M9AB--\r\n\r\nAction: relayed"
				   "\r\n\033[2J\377\001 --=_06DNGP8ZS5XJ4K2W7QH3M9AB";
	struct world w;
	struct status st = { .kind = STATUS_REJECTED, .code = 550 };
	snprintf(st.text, sizeof st.text, "550 %s%s", HUNDRED, evil);
	snprintf(st.peer, sizeof st.peer, "%s", evil);
	snprintf(st.hint, sizeof st.hint, "%s", evil);
	world_open(&w, "Subject: a\r\n --=_06DNGP8ZS5XJ4K2W7QH3M9AB\r\n", "");
	w.envelope.envid = mem_copy(evil);
	w.report.parent_id = evil;
	if (names)
		w.report.to = w.report.from = w.report.host = evil;
	world_add(&w, evil, &st);
	world_write(&w);
	assert_int_equal(w.parts.count, 1);
	assert_string_equal(world_field(&w, &w.parts.recipients[0], "Action"), "failed");
	world_release(&w);
}

static void test_hostile_words(void **state)
{
	(void)state;
	check_hostile(false);
	check_hostile(true);
}

static void test_the_store_fails(void **state)
{
	(void)state;
	struct world w;
	struct status st = { 0 };
	world_open(&w, HEAD, "");
	w.report.head_size++;
	world_add_unknown(&w, "b@y.test");
	w.report.head_size += 2;
	assert_int_equal(report_write(&w.report, &w.out, &st), -1);
	assert_int_equal(st.kind, STATUS_DISK);
	world_release(&w);
}

static const struct {
	unsigned notify;
	enum report_kind kind;
	bool without_warn;
	bool with_warn;
} wanted[] = {
	{ NOTIFY_DEFAULT, REPORT_FAILED, true, true },
	{ NOTIFY_DEFAULT, REPORT_DELAYED, false, true },
	{ NOTIFY_DEFAULT, REPORT_RELAYED, false, false },
	{ NOTIFY_NEVER, REPORT_FAILED, false, false },
	{ NOTIFY_NEVER, REPORT_DELAYED, false, false },
	{ NOTIFY_NEVER | NOTIFY_FAILURE, REPORT_FAILED, false, false },
	{ NOTIFY_SUCCESS, REPORT_FAILED, false, false },
	{ NOTIFY_SUCCESS, REPORT_RELAYED, true, true },
	{ NOTIFY_SUCCESS | NOTIFY_FAILURE, REPORT_DELAYED, false, false },
	{ NOTIFY_FAILURE, REPORT_FAILED, true, true },
	{ NOTIFY_DELAY, REPORT_DELAYED, true, true },
	{ NOTIFY_DELAY, REPORT_FAILED, false, false },
};

static void test_who_wants_reports(void **state)
{
	(void)state;
	char sender[] = "a@x.test", null_sender[] = "";
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
		struct envelope e = { .sender = sender, .notify = wanted[i].notify };
		assert_int_equal(report_wanted(&e, wanted[i].kind, false),
				 wanted[i].without_warn);
		assert_int_equal(report_wanted(&e, wanted[i].kind, true), wanted[i].with_warn);
		e.sender = null_sender;
		assert_false(report_wanted(&e, wanted[i].kind, true));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_bounce),
		cmocka_unit_test(test_a_warning),
		cmocka_unit_test(test_relayed),
		cmocka_unit_test(test_only_some_recipients),
		cmocka_unit_test(test_given_up),
		cmocka_unit_test(test_hostile_words),
		cmocka_unit_test(test_the_store_fails),
		cmocka_unit_test(test_who_wants_reports),
	};
	setenv("TZ", "UTC0", 1);
	tzset();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
