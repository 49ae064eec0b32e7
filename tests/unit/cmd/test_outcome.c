/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/outcome.h"

#include "base/clock.h"
#include "base/file.h"
#include "base/mem.h"
#include "cmd/stderr.h"
#include "scratch.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include <cmocka.h>

#define NONE STATUS_KINDS /* no such recipient */

/* The first that was refused for good decides, else the first that failed (contract, section
 * 7). */
static const struct {
	enum status_kind kinds[3];
	int exit;
} exits[] = {
	{ { STATUS_OK, NONE, NONE }, EX_OK },
	{ { STATUS_OK, STATUS_QUEUED, STATUS_OK }, EX_OK },
	{ { STATUS_TEMPORARY, NONE, NONE }, EX_TEMPFAIL },
	{ { STATUS_MAYBE_SENT, NONE, NONE }, EX_TEMPFAIL },
	{ { STATUS_REJECTED, NONE, NONE }, EX_UNAVAILABLE },
	{ { STATUS_NO_USER, NONE, NONE }, EX_NOUSER },
	{ { STATUS_NO_HOST, NONE, NONE }, EX_NOHOST },
	{ { STATUS_BAD_MESSAGE, NONE, NONE }, EX_DATAERR },
	{ { STATUS_BAD_CONFIG, NONE, NONE }, EX_CONFIG },
	{ { STATUS_NOT_SECURE, NONE, NONE }, EX_NOPERM },
	{ { STATUS_NOT_ALLOWED, NONE, NONE }, EX_NOPERM },
	{ { STATUS_BROKEN_PEER, NONE, NONE }, EX_PROTOCOL },
	{ { STATUS_DISK, NONE, NONE }, EX_IOERR },
	{ { STATUS_OK, STATUS_NO_USER, STATUS_OK }, EX_NOUSER },
	{ { STATUS_TEMPORARY, STATUS_NO_USER, STATUS_REJECTED }, EX_NOUSER },
	{ { STATUS_REJECTED, STATUS_NO_USER, STATUS_TEMPORARY }, EX_UNAVAILABLE },
	{ { STATUS_BROKEN_PEER, STATUS_TEMPORARY, STATUS_OK }, EX_PROTOCOL },
	{ { STATUS_TEMPORARY, STATUS_BROKEN_PEER, STATUS_OK }, EX_TEMPFAIL },
	{ { STATUS_NOT_ALLOWED, STATUS_OK, STATUS_BAD_MESSAGE }, EX_DATAERR },
};

/* A recipient called user1, user2 ... for each of KINDS. */
static void fill(struct envelope *e, const enum status_kind *kinds)
{
	for (size_t i = 0; i < 3 && kinds[i] != NONE; i++) {
		char address[30];
		struct status st = { .kind = kinds[i] };
		snprintf(address, sizeof address, "user%zu@example.net", i + 1);
		envelope_add(e, address);
		recipient_decide(&e->at[i], &st);
	}
}

static void permanent_goes_before_transient(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof exits / sizeof *exits; i++) {
		struct envelope e = { 0 };
		fill(&e, exits[i].kinds);
		assert_int_equal(outcome_exit(&e), exits[i].exit);
		envelope_release(&e);
	}
}

struct fate {
	enum status_kind kind;
	const char *peer, *text, *hint;
};

static const struct {
	struct fate fates[3];
	const char *says;
} said[] = {
	{ { { STATUS_OK, "mx:25", "250 ok", "" }, { STATUS_QUEUED, "", "", "" } }, "" },
	{ { { STATUS_NO_USER, "mx:25", "RCPT TO:<a@b>: 550 who?", "" } },
	  "postrider: mx:25: RCPT TO:<a@b>: 550 who?\n" },
	{ { { STATUS_NOT_ALLOWED, "", "cannot log in", "set user" } },
	  "postrider: cannot log in\npostrider: set user\n" },
	{ { { STATUS_TEMPORARY, "mx:25", "closed", "wait" },
	    { STATUS_TEMPORARY, "mx:25", "closed", "wait" },
	    { STATUS_TEMPORARY, "mx:25", "closed", "wait" } },
	  "postrider: mx:25: closed\npostrider: wait\n" },
	{ { { STATUS_NO_USER, "mx:25", "a: 550", "x" },
	    { STATUS_OK, "", "", "" },
	    { STATUS_NO_USER, "mx:25", "b: 550", "x" } },
	  "postrider: mx:25: a: 550\npostrider: x\npostrider: mx:25: b: 550\n"
	  "postrider: the message was accepted for the other 1 of 3 recipients\n" },
	{ { { STATUS_TEMPORARY, "a:25", "closed", "" },
	    { STATUS_TEMPORARY, "b:25", "closed", "" } },
	  "postrider: a:25: closed\npostrider: b:25: closed\n" },
	{ { { STATUS_REJECTED, "", "", "" } }, "postrider: rejected\n" },
};

static void decide(struct envelope *e, const struct fate *fate, size_t at)
{
	char address[30];
	struct status st = { .kind = fate->kind };
	snprintf(address, sizeof address, "user%zu@example.net", at);
	snprintf(st.peer, sizeof st.peer, "%s", fate->peer);
	snprintf(st.text, sizeof st.text, "%s", fate->text);
	snprintf(st.hint, sizeof st.hint, "%s", fate->hint);
	envelope_add(e, address);
	recipient_decide(&e->at[at], &st);
}

static void each_fact_has_one_line(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
		struct envelope e = { 0 };
		struct stderr_catch c;
		struct buf out = { 0 };
		for (size_t n = 0; n < 3 && said[i].fates[n].text != NULL; n++)
			decide(&e, &said[i].fates[n], n);
		stderr_begin(&c);
		outcome_say(&e);
		stderr_end(&c, &out);
		assert_string_equal(buf_str(&out), said[i].says);
		buf_release(&out);
		envelope_release(&e);
	}
}

/* Write a log line with FORMAT, for FATES or for a failure, and give it in OUT. */
static void write_log(int format, const enum status_kind *kinds, struct buf *out)
{
	struct scratch dir;
	struct stat facts;
	struct status st;
	scratch_open(&dir);
	const char *path = scratch_path(&dir, "log");
	char *log = mem_copy(path);
	char name[] = "work", id[] = "<1@b>";
	struct account account = { .name = name, .log = log, .log_format = format };
	struct queue_entry entry = { .message = { .id = id } };
	struct delivery_report report = {
		.account = name, .host = "mx:25", .tls = "TLS1.3", .mechanism = "PLAIN"
	};
	clock_set_wall(1000000000);
	entry.envelope.sender = mem_copy("");
	struct outcome o = { .settings = &account, .entry = &entry, .took = 12 };
	if (kinds != NULL) {
		entry.message.content.size = 77;
		fill(&entry.envelope, kinds);
		o.report = &report;
	} else {
		status_set(&st, STATUS_BAD_MESSAGE, "no recipient");
		o.failure = &st;
	}
	outcome_log(&o);
	clock_set_wall(0);
	assert_int_equal(file_read_all(path, 10000, out, &facts, &st), 0);
	envelope_release(&entry.envelope);
	free(log);
	scratch_close(&dir);
}

static void log_of_queue(const char *sender, const char *marks, const enum status_kind *kinds,
			 struct buf *out)
{
	struct scratch dir;
	struct stat facts;
	struct status st;
	scratch_open(&dir);
	const char *path = scratch_path(&dir, "log");
	char *log = mem_copy(path), *own = mem_copy(marks);
	struct account account = { .log = log };
	struct queue_entry entry = { .marks = own };
	struct outcome o = { .settings = &account, .entry = &entry, .from_queue = true };
	entry.envelope.sender = mem_copy(sender);
	fill(&entry.envelope, kinds);
	outcome_log(&o);
	assert_int_equal(file_read_all(path, 10000, out, &facts, &st), 0);
	envelope_release(&entry.envelope);
	free(own);
	free(log);
	scratch_close(&dir);
}

static void every_message_has_a_line_in_the_log(void **state)
{
	(void)state;
	static const struct {
		enum status_kind kinds[3];
		const char *line;
	} lines[] = {
		{ { STATUS_OK, NONE, NONE },
		  "time=2001-09-09T01:46:40Z id=<1@b> account=work from=<> "
		  "recipients=user1@example.net size=77 "
		  "host=mx:25 tls=TLS1.3 auth=PLAIN status=sent exit=0 took-ms=12\n" },
		{ { STATUS_OK, STATUS_TEMPORARY, NONE },
		  "time=2001-09-09T01:46:40Z id=<1@b> account=work from=<> "
		  "recipients=user1@example.net,user2@example.net size=77 "
		  "host=mx:25 tls=TLS1.3 auth=PLAIN status=deferred exit=75 took-ms=12\n" },
		{ { STATUS_TEMPORARY, STATUS_NO_USER, NONE },
		  "time=2001-09-09T01:46:40Z id=<1@b> account=work from=<> "
		  "recipients=user1@example.net,user2@example.net size=77 "
		  "host=mx:25 tls=TLS1.3 auth=PLAIN status=refused exit=67 took-ms=12\n" },
	};
	struct buf out = { 0 };
	for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
		buf_reset(&out);
		write_log(LOG_TEXT, lines[i].kinds, &out);
		assert_string_equal(buf_str(&out), lines[i].line);
	}
	buf_reset(&out);
	write_log(LOG_JSON, lines[0].kinds, &out);
	assert_string_equal(
		buf_str(&out),
		"{\"time\":\"2001-09-09T01:46:40Z\",\"id\":\"<1@b>\",\"account\":\"work\","
		"\"from\":\"<>\",\"recipients\":[\"user1@example.net\"],\"size\":77,"
		"\"host\":\"mx:25\",\"tls\":\"TLS1.3\",\"auth\":\"PLAIN\",\"status\":\"sent\","
		"\"exit\":0,\"took-ms\":12}\n");
	buf_reset(&out);
	write_log(LOG_TEXT, NULL, &out);
	assert_string_equal(buf_str(&out),
			    "time=2001-09-09T01:46:40Z id=<1@b> from=<> size=0 status=refused "
			    "reply=\"no recipient\" exit=65 took-ms=12\n");
	buf_release(&out);
}

/* What the queue logs, of two recipients who failed for now and for good, by their marks. */
static void what_the_queue_gives_up_is_no_longer_deferred(void **state)
{
	(void)state;
	static const struct {
		const char *sender, *marks;
		enum status_kind kinds[3];
		const char *word;
	} cases[] = {
		{ "a@x.test", "??", { STATUS_TEMPORARY, STATUS_TEMPORARY, NONE }, "deferred" },
		{ "a@x.test", "FF", { STATUS_TEMPORARY, STATUS_TEMPORARY, NONE }, "bounced" },
		{ "a@x.test", "D?", { STATUS_OK, STATUS_TEMPORARY, NONE }, "deferred" },
		{ "a@x.test", "DF", { STATUS_OK, STATUS_TEMPORARY, NONE }, "bounced" },
		{ "a@x.test", "?F", { STATUS_TEMPORARY, STATUS_NO_USER, NONE }, "bounced" },
		{ "a@x.test", "DB", { STATUS_OK, STATUS_OK, NONE }, "sent" },
		{ "", "??", { STATUS_TEMPORARY, STATUS_TEMPORARY, NONE }, "deferred" },
		{ "", "FF", { STATUS_TEMPORARY, STATUS_TEMPORARY, NONE }, "refused" },
		{ "", "DF", { STATUS_OK, STATUS_NO_USER, NONE }, "refused" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct buf out = { 0 }, expected = { 0 };
		buf_addf(&expected, " status=%s ", cases[i].word);
		log_of_queue(cases[i].sender, cases[i].marks, cases[i].kinds, &out);
		if (strstr(buf_str(&out), buf_str(&expected)) == NULL)
			fail_msg("case %zu: %s", i, buf_str(&out));
		buf_release(&out);
		buf_release(&expected);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(permanent_goes_before_transient),
		cmocka_unit_test(each_fact_has_one_line),
		cmocka_unit_test(every_message_has_a_line_in_the_log),
		cmocka_unit_test(what_the_queue_gives_up_is_no_longer_deferred),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
