/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Transactions with much content, many recipients, or a server that does not wait for the end.
 */
#include "smtp/content.h"

#include "smtp/dialogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HELLO "S: 220 ready\nC: EHLO me.example\nS: 250-there\n"
#define BEGIN "C: MAIL FROM:<alice@example.com>\nC: RCPT TO:<bob@example.net>\n"
#define DATA  HELLO "S: 250 PIPELINING\n" BEGIN "C: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\n"
#define ENDS  "C+ .\nC: QUIT\nS! 250 taken\nS: 221 bye\n"

/* SIZE octets in lines, some of which begin with a dot. */
static char *make_content(size_t size)
{
	struct buf out = { 0 };
	buf_add_str(&out, "Subject: much\r\n\r\n");
	while (out.len + 64 <= size)
		buf_add_str(&out,
			    "012345678901234567890123456789012345678901234567890123456789\r\n");
	for (size_t i = out.len; i + 2 < size; i++)
		buf_add_char(&out, 'x');
	buf_add_str(&out, "\r\n");
	assert_int_equal(out.len, size);
	return buf_take(&out);
}

/* 2.5 MiB: from the store's file, in three chunks. */
enum { MUCH = 2621440 };

#define FIRST "C: BDAT 1048576\nC# 1048576\n"
#define LAST  "C: BDAT 524288 LAST\nC# 524288\n"
#define LOCK_STEP                                                                              \
	HELLO "S: 250 CHUNKING\nC: MAIL FROM:<alice@example.com>\nS: 250 ok\n"                 \
	      "C: RCPT TO:<bob@example.net>\nS: 250 ok\n"
#define ONE_FLIGHT HELLO "S: 250-CHUNKING\nS: 250 PIPELINING\n" BEGIN

static const struct {
	const char *name, *text, *fates;
	int result;
	bool write_delays;
} chunked[] = {
	{ "lock-step",
	  LOCK_STEP FIRST "S: 250 ok\n" FIRST "S: 250 ok\n" LAST
			  "S! 250 taken\nC: QUIT\nS: 221 bye\n",
	  "sent", 0, false },
	{ "one flight",
	  ONE_FLIGHT FIRST FIRST LAST "C: QUIT\nS: 250 ok\nS: 250 ok\nS: 250 ok\n"
				      "S: 250 ok\nS! 250 taken\nS: 221 bye\n",
	  "sent", 0, false },
	{ "refused in lock-step", LOCK_STEP FIRST "S: 552 too large\nC: QUIT\n", "rejected", 0,
	  false },
	{ "later, in lock-step", LOCK_STEP FIRST "S: 452 disk full\nC: QUIT\n", "temporary", 0,
	  false },
	{ "refused in the middle", LOCK_STEP FIRST "S: 250 ok\n" FIRST "S: 554 no\nC: QUIT\n",
	  "rejected", 0, false },
	{ "refused in one flight, heard at once",
	  ONE_FLIGHT FIRST "S: 250 ok\nS: 250 ok\nS: 552 too large\n" FIRST
			   "S: 503 no\nC: QUIT\n",
	  "rejected", 0, true },
	{ "refused in one flight, heard at its end",
	  ONE_FLIGHT FIRST FIRST LAST
	  "C: QUIT\n"
	  "S: 250 ok\nS: 250 ok\nS: 552 too large\nS: 503 no\nS: 503 no\nS: 221 bye\n",
	  "rejected", 0, false },
	{ "nobody is wanted, heard at once",
	  ONE_FLIGHT FIRST "S: 250 ok\nS: 550 who?\nS: 503 no\n" FIRST "S: 503 no\nC: QUIT\n",
	  "no-user", 0, true },
	{ "a chunk has an answer to DATA", LOCK_STEP FIRST "S: 354 go\n", "-", -1, false },
	{ "the last chunk is refused",
	  LOCK_STEP FIRST "S: 250 ok\n" FIRST "S: 250 ok\n" LAST "S: 451 later\nC: QUIT\n",
	  "temporary", 0, false },
};

static void a_refused_chunk_stops_the_rest(void **state)
{
	(void)state;
	char *content = make_content(MUCH);
	for (size_t i = 0; i < sizeof chunked / sizeof *chunked; i++) {
		struct dialogue d = { .text = chunked[i].text,
				      .content = content,
				      .write_delays = chunked[i].write_delays };
		print_message("          %s\n", chunked[i].name);
		dialogue_run(&d);
		dialogue_expect_sent(&d);
		dialogue_expect_fates(&d, chunked[i].fates);
		dialogue_expect_sound(&d);
		assert_int_equal(d.result, chunked[i].result);
		dialogue_release(&d);
	}
	free(content);
}

static void much_content_goes_by_data_as_it_is(void **state)
{
	(void)state;
	char *content = make_content(MUCH);
	struct dialogue d = { .text = DATA "C# 2621440\n" ENDS, .content = content };
	dialogue_run(&d);
	dialogue_expect_sent(&d);
	dialogue_expect_fates(&d, "sent");
	dialogue_release(&d);
	free(content);
}

static const struct {
	const char *content, *text;
} dots[] = {
	{ "a: b\r\n\r\n.\r\n..c\r\n.d\r\ne.\r\n",
	  DATA "C: a: b\nC: \nC: ..\nC: ...c\nC: ..d\nC: e.\n" ENDS },
	{ "a: b\r\n\r\n.\r\n",
	  ONE_FLIGHT "C: BDAT 11 LAST\nC: a: b\nC: \nC: .\nC: QUIT\nS: 250 ok\n"
		     "S: 250 ok\nS! 250 taken\nS: 221 bye\n" },
	{ "", ONE_FLIGHT
	  "C: BDAT 0 LAST\nC: QUIT\nS: 250 ok\nS: 250 ok\nS! 250 taken\nS: 221 bye\n" },
};

static void dots_are_stuffed_for_data_alone(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof dots / sizeof *dots; i++) {
		struct dialogue d = { .text = dots[i].text, .content = dots[i].content };
		dialogue_run(&d);
		dialogue_expect_sent(&d);
		dialogue_expect_fates(&d, "sent");
		dialogue_release(&d);
	}
}

static const struct {
	const char *name, *text, *fates;
	size_t client_cut; /* 0: all may be written */
} early[] = {
	{ "no, in the middle", DATA "C# 300000\nS: 552 5.3.4 too large\n", "rejected", 0 },
	{ "later, in the middle", DATA "C# 300000\nS: 451 later\n", "temporary", 0 },
	{ "yes, in the middle", DATA "C# 300000\nS: 250 taken\n", "-", 0 },
	{ "354 once more", DATA "C# 300000\nS: 354 go on\n", "-", 0 },
	{ "closing, in the middle", DATA "C# 300000\nS: 421 bye\n", "-", 0 },
	{ "no, and closed", DATA "C# 300000\nS: 554 spam\n", "rejected", 400000 },
	{ "yes, and closed", DATA "C# 300000\nS: 250 taken\n", "-", 400000 },
	{ "half a word, and closed", DATA "C# 300000\n", "-", 400000 },
	{ "yes before the last chunk is there",
	  ONE_FLIGHT FIRST FIRST "C: BDAT 524288 LAST\n"
				 "S: 250 ok\nS: 250 ok\nS: 250 ok\nS: 250 ok\nS: 250 taken\n",
	  "-", 0 },
};

/* What is said to an unfinished message: a refusal counts, a yes never does. */
static void no_yes_counts_before_the_end(void **state)
{
	(void)state;
	char *content = make_content(MUCH);
	for (size_t i = 0; i < sizeof early / sizeof *early; i++) {
		struct dialogue d = { .text = early[i].text,
				      .content = content,
				      .write_delays = true };
		d.client_breaks = early[i].client_cut != 0;
		d.client_cut = early[i].client_cut;
		print_message("          %s\n", early[i].name);
		dialogue_run(&d);
		dialogue_expect_fates(&d, early[i].fates);
		dialogue_expect_sound(&d);
		assert_int_equal(d.result, -1);
		assert_null(memmem(buf_str(&d.peer.sent), d.peer.sent.len, "\r\n.\r\n", 5));
		dialogue_release(&d);
	}
	free(content);
}

/* Half a reply comes while content leaves; its end, and the answer, when all has left. */
static void a_late_end_of_a_reply_hides_no_answer(void **state)
{
	(void)state;
	static const char *const texts[] = {
		ONE_FLIGHT "C: BDAT 300000 LAST\nC# 200000\nS: 250 ok\nS~ 250 recip\n"
			   "C# 100000\nC: QUIT\nS: ient ok\nS! 250 taken\nS: 221 bye\n",
		ONE_FLIGHT "C: BDAT 300000 LAST\nC# 200000\nS: 250-ok\nS~ 250\n"
			   "C# 100000\nC: QUIT\nS:  ok\nS: 250 ok\nS! 250 taken\nS: 221 bye\n",
	};
	char *content = make_content(300000);
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct dialogue d = { .text = texts[i],
				      .content = content,
				      .write_delays = true };
		dialogue_run(&d);
		dialogue_expect_fates(&d, "sent");
		dialogue_release(&d);
	}
	free(content);
}

static void an_early_answer_is_seen_before_the_dot(void **state)
{
	(void)state;
	static const char *const texts[] = {
		DATA "C: Subject: hi\nS: 250 taken\n",
		DATA "S: 250 taken\n",
		DATA "C: Subject: hi\nS: 421 bye\n",
		DATA "C: Subject: hi\nS: what?\n",
	};
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		struct dialogue d = { .text = texts[i] };
		dialogue_run(&d);
		dialogue_expect_fates(&d, "-");
		dialogue_expect_sound(&d);
		assert_null(memmem(buf_str(&d.peer.sent), d.peer.sent.len, "\r\n.\r\n", 5));
		dialogue_release(&d);
	}
	struct dialogue d = { .text = DATA "C: Subject: hi\nS: 554 spam\n" };
	dialogue_run(&d);
	dialogue_expect_fates(&d, "rejected");
	assert_int_equal(d.result, -1);
	dialogue_release(&d);
}

static void a_broken_store_ends_nothing_as_a_message(void **state)
{
	(void)state;
	static const char *const texts[] = { DATA "C: the rest\n", ONE_FLIGHT };
	for (size_t i = 0; i < 2; i++) {
		struct dialogue d = { .text = texts[i], .missing = 7 };
		dialogue_run(&d);
		dialogue_expect_fates(&d, "-");
		assert_int_equal(d.result, -1);
		assert_int_equal(d.st.kind, STATUS_DISK);
		assert_null(memmem(buf_str(&d.peer.sent), d.peer.sent.len, "\r\n.\r\n", 5));
		dialogue_release(&d);
	}
}

/* A server with so many recipients, who takes so many of them at once. */
struct crowd {
	size_t count, most;
	bool chunking, lock_step;
};

static void add_envelope(struct buf *text, const struct crowd *c, size_t from, size_t to,
			 struct buf *answers)
{
	buf_add_str(text, "C: MAIL FROM:<alice@example.com>\n");
	buf_add_str(c->lock_step ? text : answers, "S: 250 ok\n");
	for (size_t i = from; i < to; i++) {
		buf_addf(text, "C: RCPT TO:<user%zu@example.net>\n", i);
		buf_addf(c->lock_step ? text : answers, "S: %s\n",
			 i - from < c->most ? "250 ok" : "452 4.5.3 too many");
	}
}

/* With chunks all is one flight if it is the last one; else the envelope has its answers first.
 */
static void add_transaction(struct buf *text, const struct crowd *c, size_t from)
{
	size_t to = from + 100 < c->count ? from + 100 : c->count;
	bool quits = to == c->count && !c->lock_step;
	struct buf answers = { 0 }, none = { 0 };
	add_envelope(text, c, from, to, &answers);
	if (!c->chunking) {
		buf_add_str(text, "C: DATA\n");
		buf_add_str(&answers, "S: 354 go\n");
	}
	bool one_flight = c->chunking && quits;
	buf_add_slice(text, buf_slice(one_flight ? &none : &answers));
	buf_addf(text, "%sC: Subject: hi\nC: \nC: hello\n%s%s",
		 c->chunking ? "C: BDAT 22 LAST\n" : "", c->chunking ? "" : "C+ .\n",
		 quits ? "C: QUIT\n" : "");
	buf_add_slice(text, buf_slice(one_flight ? &answers : &none));
	buf_add_str(text, quits ? "S! 250 taken\nS: 221 bye\n" : "S! 250 taken\n");
	buf_release(&answers);
}

static void make_crowd(const struct crowd *c, struct buf *text, struct buf *recipients)
{
	buf_add_str(text, HELLO);
	if (c->chunking)
		buf_add_str(text, "S: 250-CHUNKING\n");
	buf_addf(text, "S: 250 %s\n", c->lock_step ? "HELP" : "PIPELINING");
	for (size_t at = 0; at < c->count; at += c->most)
		add_transaction(text, c, at);
	if (c->lock_step)
		buf_add_str(text, "C: QUIT\n");
	for (size_t i = 0; i < c->count; i++)
		buf_addf(recipients, "%suser%zu@example.net", i != 0 ? " " : "", i);
}

static void many_recipients_take_many_transactions(void **state)
{
	(void)state;
	static const struct crowd crowds[] = {
		{ 100, 100, false, false }, { 101, 100, false, false },
		{ 250, 100, false, false }, { 250, 100, false, true },
		{ 250, 100, true, true },   { 120, 60, false, false },
		{ 250, 100, true, false },  { 120, 60, true, false },
		{ 120, 60, false, true },   { 120, 60, true, true },
	};
	for (size_t i = 0; i < sizeof crowds / sizeof *crowds; i++) {
		struct buf text = { 0 }, recipients = { 0 };
		make_crowd(&crowds[i], &text, &recipients);
		struct dialogue d = { .text = buf_str(&text),
				      .recipients = buf_str(&recipients) };
		dialogue_run(&d);
		dialogue_expect_sent(&d);
		assert_int_equal(d.result, 0);
		assert_int_equal(dialogue_sent(&d), crowds[i].count);
		dialogue_release(&d);
		buf_release(&text);
		buf_release(&recipients);
	}
}

/* A transaction that comes to nothing leaves the session clean for the next one. */
static void a_transaction_without_end_is_reset(void **state)
{
	(void)state;
	static const char *const resets[] = { "S: 250 reset\n", "S: 500 what?\n" };
	for (size_t r = 0; r < 2; r++) {
		struct buf text = { 0 }, recipients = { 0 };
		buf_add_str(&text,
			    HELLO "S: 250 PIPELINING\nC: MAIL FROM:<alice@example.com>\n");
		for (size_t i = 0; i < 101; i++)
			buf_addf(&recipients, "%suser%zu@example.net", i != 0 ? " " : "", i);
		for (size_t i = 0; i < 100; i++)
			buf_addf(&text, "C: RCPT TO:<user%zu@example.net>\n", i);
		buf_add_str(&text, "C: DATA\nS: 250 ok\n");
		for (size_t i = 0; i < 100; i++)
			buf_add_str(&text, "S: 550 who?\n");
		buf_addf(&text, "S: 503 nobody\nC: RSET\n%s", resets[r]);
		buf_add_str(
			&text,
			"C: MAIL FROM:<alice@example.com>\nC: RCPT TO:<user100@example.net>\n"
			"C: DATA\nS: 250 ok\nS: 250 ok\nS: 354 go\n"
			"C: Subject: hi\nC: \nC: hello\n" ENDS);
		struct dialogue d = { .text = buf_str(&text),
				      .recipients = buf_str(&recipients) };
		dialogue_run(&d);
		dialogue_expect_sent(&d);
		assert_int_equal(dialogue_sent(&d), 1);
		assert_int_equal(envelope_undecided(&d.envelope), 0);
		dialogue_release(&d);
		buf_release(&text);
		buf_release(&recipients);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_refused_chunk_stops_the_rest),
		cmocka_unit_test(much_content_goes_by_data_as_it_is),
		cmocka_unit_test(dots_are_stuffed_for_data_alone),
		cmocka_unit_test(no_yes_counts_before_the_end),
		cmocka_unit_test(a_late_end_of_a_reply_hides_no_answer),
		cmocka_unit_test(an_early_answer_is_seen_before_the_dot),
		cmocka_unit_test(a_broken_store_ends_nothing_as_a_message),
		cmocka_unit_test(many_recipients_take_many_transactions),
		cmocka_unit_test(a_transaction_without_end_is_reset),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
