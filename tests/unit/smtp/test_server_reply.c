/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/server_reply.h"

#include "smtp/desk.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void check(const struct desk *d, const char *codes, const char *log)
{
	char *got = desk_codes(d);
	assert_string_equal(got, codes);
	assert_string_equal(buf_str(&d->log), log);
	assert_false(d->broken);
	free(got);
}

/* What the handler refuses, and the reply that comes of it. */
static const struct {
	const char *step;
	enum status_kind kind;
	unsigned short code, enhanced[3];
	const char *reply;
} refusals[] = {
	{ "mail a@x", STATUS_BAD_MESSAGE, 0, { 0 }, "553 5.1.7 no" },
	{ "mail a@x", STATUS_TEMPORARY, 0, { 0 }, "451 4.4.0 no" },
	{ "mail a@x", STATUS_BAD_CONFIG, 0, { 0 }, "451 4.3.5 no" },
	{ "rcpt b@y", STATUS_NO_USER, 0, { 0 }, "550 5.1.1 no" },
	{ "rcpt b@y", STATUS_NO_HOST, 0, { 0 }, "550 5.1.2 no" },
	{ "rcpt b@y", STATUS_BAD_MESSAGE, 0, { 0 }, "553 5.1.3 no" },
	{ "rcpt b@y", STATUS_BAD_USAGE, 0, { 0 }, "553 5.1.3 no" },
	{ "rcpt b@y", STATUS_BAD_MESSAGE, 0, { 5, 1, 10 }, "554 5.1.10 no" },
	{ "rcpt b@y", STATUS_REJECTED, 550, { 5, 7, 1 }, "550 5.7.1 no" },
	{ "rcpt b@y", STATUS_TEMPORARY, 450, { 4, 2, 1 }, "450 4.2.1 no" },
	{ "rcpt b@y", STATUS_TEMPORARY, 554, { 5, 7, 1 }, "451 4.7.1 no" },
	{ "rcpt b@y", STATUS_TEMPORARY, 421, { 4, 7, 1 }, "451 4.7.1 no" },
	{ "rcpt b@y", STATUS_NOT_ALLOWED, 535, { 0 }, "451 4.7.8 no" },
	{ "rcpt b@y", STATUS_REJECTED, 450, { 0 }, "554 5.0.0 no" },
	{ "rcpt b@y", STATUS_REJECTED, 250, { 2, 0, 0 }, "554 5.0.0 no" },
	{ "rcpt b@y", STATUS_OK, 250, { 0 }, "451 4.0.0 no" },
	{ "begin", STATUS_SYSTEM, 0, { 0 }, "451 4.3.0 no" },
	{ "begin", STATUS_BAD_MESSAGE, 0, { 5, 3, 4 }, "552 5.3.4 no" },
	{ "begin", STATUS_TEMPORARY, 0, { 5, 3, 4 }, "451 4.3.4 no" },
};

static void refusals_of_the_owner_become_replies(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
		struct desk d;
		struct buf want = { 0 };
		desk_init(&d);
		d.refuses = refusals[i].step;
		status_set(&d.refusal, refusals[i].kind, "no");
		d.refusal.code = refusals[i].code;
		memcpy(d.refusal.enhanced, refusals[i].enhanced, sizeof d.refusal.enhanced);
		desk_feed(&d, slice_of("MAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\nDATA\r\n"), 9);
		buf_addf(&want, "%s\r\n", refusals[i].reply);
		assert_non_null(strstr(buf_str(&d.server.out), buf_str(&want)));
		assert_false(d.broken);
		buf_release(&want);
		desk_release(&d);
	}
}

/* The transaction is as it was before a refused DATA. */
static void data_may_be_tried_again(void **state)
{
	(void)state;
	struct desk d;
	desk_init(&d);
	d.refuses = "begin";
	status_set(&d.refusal, STATUS_TEMPORARY, "busy");
	desk_feed(&d, slice_of("MAIL FROM:<a@x>\r\nRCPT TO:<b@y>\r\nDATA\r\n"), 9);
	d.refuses = NULL;
	desk_feed(&d, slice_of("DATA\r\n.\r\n"), 9);
	check(&d, "250 250 451 354 250", "mail a@x|rcpt b@y|begin|begin|end |reset|");
	desk_release(&d);
}

static const struct {
	unsigned code;
	const char *enhanced, *text, *out;
} texts[] = {
	{ 250, "2.0.0", "a\nb", "250-2.0.0 a\r\n250 2.0.0 b\r\n" },
	{ 250, NULL, "\na\n\nb\r\n", "250-a\r\n250-\r\n250 b\r\n" },
	{ 250, NULL, "", "250 \r\n" },
	{ 554, "5.0.0", "a\r\n250 b", "554-5.0.0 a?\r\n554 5.0.0 250 b\r\n" },
	{ 554, NULL, "\x1b[2J \xc3\xbc\x7f\tx", "554 ?[2J ??? x\r\n" },
};

static void texts_of_others_are_made_printable(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct buf out = { 0 };
		server_reply(&out, texts[i].code, texts[i].enhanced, slice_of(texts[i].text));
		assert_string_equal(buf_str(&out), texts[i].out);
		buf_release(&out);
	}
}

/* Nothing of a long text gets lost, and a hint has a line of its own. */
static void long_texts_go_on_more_lines(void **state)
{
	(void)state;
	for (size_t blank = 0; blank < 500; blank += 7) {
		struct desk d;
		desk_init(&d);
		char text[1001] = { 0 };
		memset(text, 'x', 1000);
		text[blank] = ' ';
		server_reply(&d.server.out, 250, "2.0.0", slice_of(text));
		size_t found = 0;
		for (size_t i = 0; i < d.server.out.len; i++)
			found += d.server.out.data[i] == 'x';
		assert_int_equal(found, 999);
		check(&d, "250", "");
		desk_release(&d);
	}
	struct buf out = { 0 };
	struct status st;
	status_set(&st, STATUS_NO_USER, "unknown");
	status_hint(&st, "ask %s", "bob");
	server_reply_status(&out, &st);
	assert_string_equal(buf_str(&out), "550-5.1.1 unknown\r\n550 5.1.1 ask bob\r\n");
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals_of_the_owner_become_replies),
		cmocka_unit_test(data_may_be_tried_again),
		cmocka_unit_test(texts_of_others_are_made_printable),
		cmocka_unit_test(long_texts_go_on_more_lines),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
