/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Many messages over one session: the envelope of the next rides with the end of the present.
 */
#include "smtp/transaction.h"

#include "smtp/dialogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HELLO      "S: 220 ready\nC: EHLO me.example\n"
#define LOCK_STEP  HELLO "S: 250 there\n"
#define PIPELINING HELLO "S: 250-there\nS: 250 PIPELINING\n"
#define CHUNKING   HELLO "S: 250-there\nS: 250-PIPELINING\nS: 250 CHUNKING\n"
#define LIMITS(x)  HELLO "S: 250-there\nS: 250-LIMITS " x "\nS: 250 PIPELINING\n"
#define LMTP_HELLO "S: 220 ready\nC: LHLO me.example\nS: 250-there\nS: 250 PIPELINING\n"

#define MAIL    "C: MAIL FROM:<alice@example.com>\n"
#define BOB     "C: RCPT TO:<bob@example.net>\n"
#define CAROL   "C: RCPT TO:<carol@example.net>\n"
#define DAVE    "C: RCPT TO:<dave@example.net>\n"
#define EVE     "C: RCPT TO:<eve@example.net>\n"
#define DATA    "C: DATA\n"
#define CONTENT "C: Subject: hi\nC: \nC: hello\n"
#define DOT     CONTENT "C+ .\n"
#define LAST    "C: BDAT 22 LAST\n" CONTENT
#define RSET    "C: RSET\n"
#define QUIT    "C: QUIT\n"
#define OK      "S: 250 ok\n"
#define GO      "S: 354 go\n"
#define TAKEN   "S! 250 2.0.0 taken\n"
#define BYE     "S: 221 bye\n"

#define CAROL_DAVE "carol@example.net|dave@example.net"

/* Three messages where all goes well; what each reply answers: one letter a reply. */
static const struct {
	const char *name, *text, *replies;
} good[] = {
	{ "DATA",
	  PIPELINING MAIL BOB DATA OK OK GO DOT MAIL CAROL DATA TAKEN OK OK GO DOT MAIL DAVE
		  DATA TAKEN OK OK GO DOT QUIT TAKEN BYE,
	  "gemrd.mrd.mrd.q" },
	{ "BDAT",
	  CHUNKING MAIL BOB OK OK LAST MAIL CAROL TAKEN OK OK LAST MAIL DAVE TAKEN OK OK LAST
		  QUIT TAKEN BYE,
	  "gemr.mr.mr.q" },
};

#define COUNT(table) (sizeof(table) / sizeof *(table))
#define MESSAGES     3

static struct dialogue good_one(size_t i)
{
	return (struct dialogue){ .text = good[i].text, .company = CAROL_DAVE };
}

static const struct recipient *whom(const struct dialogue *d, size_t message)
{
	return message == 0 ? &d->envelope.at[0] : &d->others[message - 1].at[0];
}

static const char *fate(const struct dialogue *d, size_t message)
{
	const struct recipient *r = whom(d, message);
	return r->decided ? status_label(r->kind) : "-";
}

static bool has_fate(const struct dialogue *d, size_t message, const char *label)
{
	return strcmp(fate(d, message), label) == 0;
}

/* How often was WHAT sent? */
static size_t times(const struct dialogue *d, const char *what)
{
	struct slice sent = buf_slice(&d->peer.sent);
	size_t count = 0;
	for (size_t i = 0; i + strlen(what) <= sent.len; i++)
		count += memcmp(sent.data + i, what, strlen(what)) == 0;
	return count;
}

static size_t ends_sent(const struct dialogue *d, size_t i)
{
	return times(d, strcmp(good[i].name, "DATA") == 0 ? "\r\n.\r\n" : "hello\r\n");
}

static void each_end_takes_one_flight(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct dialogue d = good_one(i);
		dialogue_run(&d);
		assert_int_equal(d.result, 0);
		dialogue_expect_fates(&d, "sent | sent | sent");
		dialogue_expect_sent(&d);
		assert_string_equal(whom(&d, 1)->reply,
				    "the end of the message: 250 2.0.0 taken");
		dialogue_release(&d);
	}
}

static void how_the_bytes_are_cut_does_not_matter(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		for (size_t at = 0; at <= strlen(good[i].text); at++) {
			struct dialogue d = good_one(i);
			d.split = at;
			d.read_max = at == 0;
			d.write_max = at % 4;
			dialogue_run(&d);
			assert_int_equal(d.result, 0);
			dialogue_expect_fates(&d, "sent | sent | sent");
			dialogue_expect_sent(&d);
			dialogue_release(&d);
		}
	}
}

/* Sent is what the server said yes to; in doubt, what it was sent without an answer; the others
 * are as if nothing had happened. */
static void the_connection_may_end_after_any_byte_of_the_server(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct dialogue d = good_one(i);
		d.is_cut = true;
		for (d.server_cut = 0; d.server_cut < strlen(good[i].text); d.server_cut++) {
			dialogue_run(&d);
			for (size_t k = 0; k < MESSAGES; k++) {
				const char *right = k < d.yes_said         ? "sent"
						    : k < ends_sent(&d, i) ? "maybe-sent"
									   : "-";
				if (!has_fate(&d, k, right))
					fail_msg("%s, %zu: message %zu is not %s:\n%s",
						 good[i].name, d.server_cut, k, right,
						 buf_str(&d.shown));
			}
			assert_true(times(&d, "hello\r\n") <= MESSAGES);
			dialogue_release(&d);
		}
	}
}

static void our_side_may_break_after_any_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct dialogue d = good_one(i);
		d.client_breaks = true;
		for (d.client_cut = 0; d.client_cut < 500; d.client_cut++) {
			dialogue_run(&d);
			for (size_t k = 0; k < MESSAGES; k++) {
				bool left = k < ends_sent(&d, i);
				assert_true(!has_fate(&d, k, "sent") || left);
				assert_true(left || has_fate(&d, k, "-") ||
					    has_fate(&d, k, "maybe-sent"));
				assert_true(k <= ends_sent(&d, i) || has_fate(&d, k, "-"));
			}
			dialogue_release(&d);
		}
	}
}

static const char *const replies[] = {
	"250 x", "251 x", "220 x",        "221 x",        "334 x", "354 x",
	"421 x", "450 x", "452 x",        "500 x",        "503 x", "550 x",
	"552 x", "554 x", "554-x\n554 y", "250-x\n250 y", "",      "x",
	"25",    "999 x", "199 x",        "250-a\n550 b",
};

/* Which message the reply at PLACE is about, from 0; its last one is at the dot. */
static size_t message_of(size_t i, size_t place)
{
	size_t message = 0;
	for (size_t p = 0; p < place; p++)
		message += good[i].replies[p] == '.';
	return message;
}

/* The reply that was put in place of another one. */
struct odd {
	size_t about; /* this message */
	bool at_end;  /* it answers the end of the message */
	bool is_good; /* it is what should be there */
	bool refuses;
};

static struct odd odd_reply(size_t i, size_t place, const char *reply)
{
	char at = good[i].replies[place];
	bool is_yes = strcmp(reply, "250-x\n250 y") == 0 || strncmp(reply, "250 ", 4) == 0 ||
		      strncmp(reply, "251 ", 4) == 0;
	struct odd o = { .about = message_of(i, place), .at_end = at == '.' };
	o.is_good = at == 'd' ? strcmp(reply, "354 x") == 0 : is_yes;
	o.refuses = reply[0] == '4' || reply[0] == '5';
	return o;
}

/* What is wrong with what became of message K, or NULL. */
static const char *complaint(const struct dialogue *d, const struct odd *o, size_t k)
{
	bool sent = has_fate(d, k, "sent"), open = has_fate(d, k, "-");
	if (k + 1 < o->about && !sent)
		return "was taken";
	if (k + 1 == o->about && o->refuses && !o->at_end && !sent)
		return "was taken before the next was refused";
	if (k == o->about && sent && !o->is_good)
		return "is sent, and was not taken";
	if (k == o->about && k != 0 && !o->at_end && !sent && !open)
		return "should be begun anew";
	if (k > o->about && !o->at_end && !o->is_good && !open)
		return "was not begun";
	return NULL;
}

static void expect_right(const struct dialogue *d, size_t i, size_t place, const char *reply)
{
	struct odd o = odd_reply(i, place, reply);
	for (size_t k = 0; k < MESSAGES; k++) {
		const char *what = complaint(d, &o, k);
		if (what != NULL)
			fail_msg("%s, '%s' at %zu: %s, but message %zu %s:\n%s", good[i].name,
				 reply, place, dialogue_fates(d), k, what, buf_str(&d->shown));
	}
	assert_true(times(d, "hello\r\n") <= MESSAGES);
}

/*
 * With CHUNKING, a server that leaves out an answer and closes in the end, and one that closes
 * before it has answered all, say the same; so that is left out here, and S103 counts.
 */
static void any_reply_may_come_anywhere(void **state)
{
	(void)state;
	for (size_t n = 0; n < COUNT(good) * COUNT(replies); n++) {
		size_t i = n / COUNT(replies);
		const char *reply = replies[n % COUNT(replies)];
		bool is_bdat = strcmp(good[i].name, "BDAT") == 0;
		for (size_t place = 2; good[i].replies[place] != 'q'; place++) {
			struct dialogue d = good_one(i);
			if (is_bdat && reply[0] == '\0')
				continue;
			d.replaced = place + 1;
			d.replacement = reply;
			dialogue_run(&d);
			expect_right(&d, i, place, reply);
			dialogue_release(&d);
		}
	}
}

/*
 * S100: the server says 250 before its true answer, and then, whatever else is late: what it
 * did not take is never sent, and no recipient of the next message is blamed for it.
 */
static void a_yes_too_early_is_no_yes(void **state)
{
	static const char *const truths[] = { "250 early\n554 no", "250 early\n451 no",
					      "250 early\n452 no", "250 early\n354 no" };
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		size_t place = strcspn(good[i].replies, ".");
		for (size_t n = 0; n < COUNT(truths) * strlen(good[i].text); n++) {
			struct dialogue d = good_one(i);
			d.replaced = place + 1;
			d.replacement = truths[n % COUNT(truths)];
			d.split = n / COUNT(truths);
			dialogue_run(&d);
			if (has_fate(&d, 0, "sent") || !has_fate(&d, 1, "-"))
				fail_msg("%s, %zu: %s:\n%s", good[i].name, n,
					 dialogue_fates(&d), buf_str(&d.shown));
			dialogue_release(&d);
		}
	}
}

/* S079: two replies where one is due; nothing that the server did not take is sent. */
static void a_reply_too_many_delivers_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		for (size_t place = 2; good[i].replies[place] != 'q'; place++) {
			size_t about = message_of(i, place);
			struct dialogue d = good_one(i);
			if (good[i].replies[place] == '.')
				continue;
			d.replaced = place + 1;
			d.replacement =
				good[i].replies[place] == 'd' ? "354 x\n250 y" : "250 x\n250 y";
			dialogue_run(&d);
			for (size_t k = about; k < MESSAGES; k++) {
				bool last_of_all = about == MESSAGES - 1;
				if (has_fate(&d, k, "sent") && !last_of_all)
					fail_msg("%s, %zu: %s:\n%s", good[i].name, place,
						 dialogue_fates(&d), buf_str(&d.shown));
			}
			dialogue_release(&d);
		}
	}
}

struct case_ {
	const char *name, *text, *recipients, *company, *fates;
	int result;
};

#define FIRST_DATA PIPELINING MAIL BOB DATA OK OK GO DOT
#define FIRST_BDAT CHUNKING MAIL BOB OK OK LAST
#define NEXT       MAIL CAROL DATA
#define ANEW       NEXT OK OK GO DOT QUIT TAKEN BYE
#define ONE        "carol@example.net"

static const struct case_ cases[] = {
	{ "the next one's MAIL is refused",
	  FIRST_DATA NEXT TAKEN "S: 451 later\nS: 503 no\nS: 503 no\n" QUIT BYE, NULL, ONE,
	  "sent | -", 0 },
	{ "the next one's MAIL is refused, BDAT",
	  FIRST_BDAT MAIL CAROL TAKEN "S: 550 not you\nS: 503 no\n" QUIT BYE, NULL, ONE,
	  "sent | -", 0 },
	{ "the next one's MAIL is refused, and QUIT finds one more reply",
	  FIRST_BDAT MAIL CAROL "S: 250 early\nS: 554 no\nS: 250 ok\n" QUIT OK BYE, NULL, ONE,
	  "maybe-sent | -", -1 },
	{ "the next one's MAIL is refused, but not DATA",
	  FIRST_DATA NEXT TAKEN "S: 451 later\nS: 503 no\n" GO "C: .\nS: 554 no\n" RSET OK ANEW,
	  NULL, ONE, "sent | sent", 0 },
	{ "the next one's RCPT is refused",
	  FIRST_DATA NEXT TAKEN OK "S: 550 who?\nS: 554 nobody\n" RSET OK NEXT OK
				   "S: 550 who?\nS: 554 nobody\n" QUIT,
	  NULL, ONE, "sent | no-user", 0 },
	{ "the next one's RCPT is refused, and then it is not",
	  FIRST_DATA NEXT TAKEN OK "S: 450 later\nS: 554 nobody\n" RSET OK ANEW, NULL, ONE,
	  "sent | sent", 0 },
	{ "the next one's RCPT is refused, and 354 comes all the same",
	  FIRST_DATA NEXT TAKEN OK "S: 550 who?\n" GO "C: .\nS: 554 nobody\n" RSET OK ANEW,
	  NULL, ONE, "sent | sent", 0 },
	{ "the next one's RCPT is refused, 354 comes, and nothing is taken for nobody",
	  FIRST_DATA NEXT TAKEN OK "S: 550 who?\n" GO "C: .\n" OK RSET OK ANEW, NULL, ONE,
	  "sent | sent", 0 },
	{ "the next one's RCPT is refused, BDAT",
	  FIRST_BDAT MAIL CAROL TAKEN OK "S: 550 who?\n" RSET OK MAIL CAROL LAST QUIT OK
					 "S: 550 who?\nS: 503 nobody\n" BYE,
	  NULL, ONE, "sent | no-user", 0 },
	{ "the next one's DATA is refused",
	  FIRST_DATA NEXT TAKEN OK OK "S: 451 not now\n" RSET OK NEXT OK OK
				      "S: 451 not now\n" QUIT,
	  NULL, ONE, "sent | temporary", 0 },
	{ "RSET is refused after that",
	  FIRST_DATA NEXT TAKEN OK "S: 450 later\nS: 554 nobody\n" RSET "S: 500 what?\n" ANEW,
	  NULL, ONE, "sent | sent", 0 },
	{ "RSET is 421 after that",
	  FIRST_DATA NEXT TAKEN OK "S: 450 later\nS: 554 nobody\n" RSET "S: 421 bye\n", NULL,
	  ONE, "sent | -", -1 },
	{ "one of the next one's recipients is refused",
	  FIRST_DATA MAIL CAROL DAVE DATA TAKEN OK "S: 550 who?\n" OK GO DOT QUIT TAKEN BYE,
	  NULL, "carol@example.net dave@example.net", "sent | no-user sent", 0 },
	{ "no room for one of the next one's recipients",
	  FIRST_DATA MAIL CAROL DAVE DATA TAKEN OK OK "S: 452 enough\n" GO DOT QUIT TAKEN BYE,
	  NULL, "carol@example.net dave@example.net", "sent | sent -", 0 },
	{ "S073 no room for one of the first one's recipients",
	  PIPELINING MAIL BOB EVE DATA OK OK "S: 452 enough\n" GO DOT TAKEN MAIL EVE DATA OK OK
		  GO DOT NEXT TAKEN OK OK GO DOT QUIT TAKEN BYE,
	  "bob@example.net eve@example.net", ONE, "sent sent | sent", 0 },
	{ "S073 no room for one of the first one's recipients, BDAT",
	  CHUNKING MAIL BOB EVE OK OK "S: 452 enough\n" LAST TAKEN MAIL EVE OK OK LAST MAIL
		  CAROL TAKEN OK OK LAST QUIT TAKEN BYE,
	  "bob@example.net eve@example.net", ONE, "sent sent | sent", 0 },
	{ "the first one is refused",
	  FIRST_DATA NEXT "S: 554 spam\n" OK OK GO DOT QUIT TAKEN BYE, NULL, ONE,
	  "rejected | sent", 0 },
	{ "the first one is refused, and MAIL is out of order then",
	  FIRST_DATA NEXT "S: 452 full\nS: 503 nested\nS: 503 no\nS: 503 no\n" QUIT BYE, NULL,
	  ONE, "temporary | -", 0 },
	{ "the first one has no recipients, 354 comes all the same",
	  PIPELINING MAIL BOB DATA OK "S: 550 who?\n" GO "C: .\n" NEXT
				      "S: 554 nobody\n" OK OK GO DOT QUIT TAKEN BYE,
	  NULL, ONE, "no-user | sent", 0 },
	{ "S105 421 behind the 250", FIRST_DATA NEXT TAKEN "S: 421 enough\n", NULL, ONE,
	  "sent | -", -1 },
	{ "S105 421 at RCPT", FIRST_DATA NEXT TAKEN OK "S: 421 enough\n", NULL, ONE, "sent | -",
	  -1 },
	{ "S105 421 at DATA", FIRST_DATA NEXT TAKEN OK OK "S: 421 enough\n", NULL, ONE,
	  "sent | -", -1 },
	{ "421 at the dot", FIRST_DATA NEXT "S: 421 enough\n", NULL, ONE, "- | -", -1 },
	{ "421 behind all", FIRST_BDAT MAIL CAROL TAKEN OK OK "S: 421 enough\n", NULL, ONE,
	  "sent | -", -1 },
	{ "S078 the answer to the dot is left out", FIRST_DATA NEXT OK OK GO, NULL, ONE,
	  "maybe-sent | -", -1 },
	{ "S079 one more", FIRST_DATA NEXT TAKEN OK OK GO "S: 250 what else?\n", NULL, ONE,
	  "maybe-sent | -", -1 },
	{ "S079 one more, BDAT", FIRST_BDAT MAIL CAROL TAKEN OK OK OK, NULL, ONE,
	  "maybe-sent | -", -1 },
	{ "S100 a yes before the dot", PIPELINING MAIL BOB DATA OK OK GO OK, NULL, ONE, "- | -",
	  -1 },
	{ "in lock-step nothing rides",
	  LOCK_STEP MAIL OK BOB OK DATA GO DOT TAKEN MAIL OK CAROL OK DATA GO DOT TAKEN QUIT
		  BYE,
	  NULL, ONE, "sent | sent", 0 },
	{ "MAILMAX",
	  LIMITS("MAILMAX=2") MAIL BOB DATA OK OK GO DOT NEXT TAKEN OK OK GO DOT QUIT TAKEN BYE,
	  NULL, CAROL_DAVE, "sent | sent | -", 0 },
	{ "MAILMAX=1", LIMITS("MAILMAX=1") MAIL BOB DATA OK OK GO DOT QUIT TAKEN BYE, NULL, ONE,
	  "sent | -", 0 },
	{ "RCPTMAX",
	  LIMITS("RCPTMAX=1")
		  MAIL BOB DATA OK OK GO DOT TAKEN MAIL EVE DATA OK OK GO DOT MAIL CAROL DATA
			  TAKEN OK OK GO DOT TAKEN MAIL DAVE DATA OK OK GO DOT QUIT TAKEN BYE,
	  "bob@example.net eve@example.net", "carol@example.net dave@example.net",
	  "sent sent | sent sent", 0 },
};

static void every_case_ends_as_it_should(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct dialogue d = { .text = cases[i].text,
				      .recipients = cases[i].recipients,
				      .company = cases[i].company };
		print_message("          %s\n", cases[i].name);
		dialogue_run(&d);
		dialogue_expect_fates(&d, cases[i].fates);
		dialogue_expect_sent(&d);
		assert_int_equal(d.result, cases[i].result);
		dialogue_release(&d);
	}
}

static void in_LMTP_nothing_rides(void **state)
{
	(void)state;
	struct dialogue d = { .text = LMTP_HELLO MAIL BOB DATA OK OK GO DOT TAKEN MAIL CAROL
				      DATA OK OK GO DOT QUIT TAKEN BYE,
			      .company = ONE,
			      .settings.lmtp = true };
	dialogue_run(&d);
	dialogue_expect_fates(&d, "sent | sent");
	dialogue_expect_sent(&d);
	dialogue_release(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_end_takes_one_flight),
		cmocka_unit_test(how_the_bytes_are_cut_does_not_matter),
		cmocka_unit_test(the_connection_may_end_after_any_byte_of_the_server),
		cmocka_unit_test(our_side_may_break_after_any_byte),
		cmocka_unit_test(any_reply_may_come_anywhere),
		cmocka_unit_test(a_yes_too_early_is_no_yes),
		cmocka_unit_test(a_reply_too_many_delivers_nothing),
		cmocka_unit_test(every_case_ends_as_it_should),
		cmocka_unit_test(in_LMTP_nothing_rides),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
