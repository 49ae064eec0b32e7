/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/transaction.h"

#include "smtp/dialogue.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#define HELLO        "S: 220 ready\nC: EHLO me.example\n"
#define LOCK_STEP    HELLO "S: 250 there\n"
#define PIPELINING   HELLO "S: 250-there\nS: 250 PIPELINING\n"
#define CHUNKING     HELLO "S: 250-there\nS: 250 CHUNKING\n"
#define ONE_FLIGHT   HELLO "S: 250-there\nS: 250-PIPELINING\nS: 250 CHUNKING\n"
#define LIMITS(what) HELLO "S: 250-there\nS: 250-LIMITS " what "\nS: 250 PIPELINING\n"
#define LMTP_HELLO   "S: 220 ready\nC: LHLO me.example\nS: 250-there\nS: 250 PIPELINING\n"

#define MAIL    "C: MAIL FROM:<alice@example.com>\n"
#define BOB     "C: RCPT TO:<bob@example.net>\n"
#define CAROL   "C: RCPT TO:<carol@example.net>\n"
#define DAVE    "C: RCPT TO:<dave@example.net>\n"
#define DATA    "C: DATA\n"
#define CONTENT "C: Subject: hi\nC: \nC: hello\n"
#define DOT     CONTENT "C+ .\n"
#define LAST    "C: BDAT 22 LAST\n" CONTENT
#define QUIT    "C: QUIT\n"
#define OK      "S: 250 ok\n"
#define TAKEN   "S! 250 2.0.0 taken\n"
#define BYE     "S: 221 bye\n"

#define TWO   "bob@example.net carol@example.net"
#define THREE TWO " dave@example.net"

/* Each in all that can go well; what each reply answers: one letter a reply, in their order. */
static const struct {
	const char *name, *text, *replies;
	bool lmtp;
} plain[] = {
	{ "lock-step", LOCK_STEP MAIL OK BOB OK DATA "S: 354 go\n" DOT TAKEN QUIT BYE,
	  "gemrd.q", false },
	{ "pipelining", PIPELINING MAIL BOB DATA OK OK "S: 354 go\n" DOT QUIT TAKEN BYE,
	  "gemrd.q", false },
	{ "chunking", CHUNKING MAIL OK BOB OK LAST TAKEN QUIT BYE, "gemr.q", false },
	{ "one flight", ONE_FLIGHT MAIL BOB LAST QUIT OK OK TAKEN BYE, "gemr.q", false },
	{ "lmtp", LMTP_HELLO MAIL BOB DATA OK OK "S: 354 go\n" DOT QUIT TAKEN BYE, "gemrd.q",
	  true },
};

#define COUNT(table) (sizeof(table) / sizeof *(table))

static struct dialogue plain_one(size_t i)
{
	return (struct dialogue){ .text = plain[i].text, .settings.lmtp = plain[i].lmtp };
}

static void good_servers_get_each_message_once(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(plain); i++) {
		struct dialogue d = plain_one(i);
		dialogue_run(&d);
		assert_int_equal(d.result, 0);
		dialogue_expect_fates(&d, "sent");
		dialogue_expect_sent(&d);
		dialogue_expect_sound(&d);
		assert_string_equal(d.envelope.at[0].reply,
				    "the end of the message: 250 2.0.0 taken");
		assert_string_equal(d.envelope.at[0].peer, "mx.example:25");
		assert_int_equal(d.envelope.at[0].stage, STAGE_DOT);
		dialogue_release(&d);
	}
}

static void how_the_bytes_are_cut_does_not_matter(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(plain); i++) {
		for (size_t at = 0; at <= strlen(plain[i].text); at++) {
			struct dialogue d = plain_one(i);
			d.split = at;
			d.read_max = at == 0;
			d.write_max = at % 4;
			dialogue_run(&d);
			assert_int_equal(d.result, 0);
			dialogue_expect_fates(&d, "sent");
			dialogue_expect_sent(&d);
			dialogue_release(&d);
		}
	}
}

/* Wherever the server closes: taken, if it said so; unknown, if all was sent; else not tried.
 */
static void a_server_may_close_after_any_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(plain); i++) {
		struct dialogue d = plain_one(i);
		for (d.server_cut = 0, d.is_cut = true; d.server_cut < strlen(plain[i].text);
		     d.server_cut++) {
			dialogue_run(&d);
			dialogue_expect_sound(&d);
			bool all_left = d.peer.sent.len >= d.client_len;
			const char *fate = d.yes_said != 0 ? "sent"
					   : all_left      ? "maybe-sent"
							   : "-";
			dialogue_expect_fates(&d, fate);
			if (d.yes_said == 0)
				assert_int_equal(d.st.sys, 104);
			dialogue_release(&d);
		}
	}
}

static void our_side_may_break_after_any_byte(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(plain); i++) {
		struct dialogue d = plain_one(i);
		d.client_breaks = true;
		for (d.client_cut = 0; d.client_cut < 300; d.client_cut++) {
			dialogue_run(&d);
			dialogue_expect_sound(&d);
			bool all_left = d.peer.sent.len >= d.client_len;
			assert_true(dialogue_sent(&d) == 0 || all_left);
			assert_true(all_left || d.result != 0);
			dialogue_release(&d);
		}
	}
}

/*
 * Any reply in any place. What a kind of command makes of a class of replies is written down a
 * second time here; where two kinds are named, the second is for 550.
 */
static const struct {
	char place;
	const char *on_421, *on_4xx, *on_5xx, *on_550;
} refusals[] = {
	{ 'g', "temporary", "temporary", "temporary", "temporary" },
	{ 'e', "temporary", "temporary", "temporary", "temporary" },
	{ 'm', "temporary", "temporary", "rejected", "rejected" },
	{ 'r', "temporary", "temporary", "rejected", "no-user" },
	{ 'd', "temporary", "temporary", "rejected", "rejected" },
	{ '.', "temporary", "temporary", "rejected", "no-user" }, /* in LMTP */
};

static const char *const replies[] = {
	"200 x",        "214 x",   "220 x",    "221 x",        "235 x",
	"250 x",        "250",     "251 x",    "252 x",        "299 x",
	"334 x",        "354 x",   "399 x",    "421 x",        "450 x",
	"452 x",        "499 x",   "500 x",    "502 x",        "504 x",
	"530 x",        "535 x",   "550 x",    "552 x",        "553 x",
	"554 x",        "555",     "559 x",    "421-x\n421 y", "554-5.1.1 x\n554 y",
	"250-x\n250 y", "",        "x",        "25",           "2",
	"25x ok",       "250ok",   "999 x",    "199 x",        "560 x",
	"600 x",        "000 x",   "-250 x",   " 250 x",       "250-a\n550 b",
	"250-a\nx",     "250-a",   "\xff\xfe", "250\tx",       "HTTP/1.1 200 OK",
	"354-x\n354 y", "\x1b[2J",
};

static bool is_reply(const char *text)
{
	static const char *const broken[] = {
		"",
		"x",
		"25",
		"2",
		"25x ok",
		"250ok",
		"999 x",
		"199 x",
		"560 x",
		"600 x",
		"000 x",
		"-250 x",
		" 250 x",
		"250-a\n550 b",
		"250-a\nx",
		"250-a",
		"\xff\xfe",
		"250\tx",
		"HTTP/1.1 200 OK",
		"\x1b[2J",
	};
	for (size_t i = 0; i < COUNT(broken); i++) {
		if (strcmp(text, broken[i]) == 0)
			return false;
	}
	return true;
}

static bool is_wanted(char place, const char *reply)
{
	const char *prefix = place == 'g'   ? "220"
			     : place == 'e' ? "250"
			     : place == 'd' ? "354"
					    : "25";
	return place == 'q' || (is_reply(reply) && strncmp(reply, prefix, strlen(prefix)) == 0);
}

/* The kind of result that REPLY at PLACE leads to, or NULL where more than one is right. */
static const char *expected_kind(char place, const char *reply, bool lmtp)
{
	size_t row = 0;
	while (refusals[row].place != place)
		row++;
	if (!is_reply(reply))
		return reply[0] == '2' || reply[0] == '\0' ? NULL : "broken-peer";
	if (strncmp(reply, "421", 3) == 0)
		return refusals[row].on_421;
	bool old_server = place == 'e' && strncmp(reply, "50", 2) == 0;
	if (old_server)
		return "temporary";
	bool no_user = strncmp(reply, "550", 3) == 0 || strncmp(reply, "553", 3) == 0;
	if (reply[0] == '5')
		return no_user && (lmtp || place != '.') ? refusals[row].on_550
							 : refusals[row].on_5xx;
	return reply[0] == '4' ? refusals[row].on_4xx : "broken-peer";
}

static const char *kind_of(const struct dialogue *d)
{
	const struct recipient *r = &d->envelope.at[0];
	return status_label(r->decided ? r->kind : d->st.kind);
}

static void expect_reply(size_t i, size_t at, const char *reply)
{
	char place = plain[i].replies[at];
	struct dialogue d = plain_one(i);
	d.replaced = at + 1;
	d.replacement = reply;
	dialogue_run(&d);
	dialogue_expect_sound(&d);
	/* Without its keywords EHLO leads to another dialogue than the one that is written
	 * down. */
	bool other = place == 'e' && is_wanted(place, reply) && i != 0;
	const char *kind =
		is_wanted(place, reply) ? "sent" : expected_kind(place, reply, d.settings.lmtp);
	if (other)
		assert_int_equal(dialogue_sent(&d), 0);
	else if (kind == NULL)
		assert_true(dialogue_sent(&d) == 0 && status_again(d.st.kind));
	else if (strcmp(kind_of(&d), kind) != 0)
		fail_msg("%s: '%s' at '%c' is %s, not %s:\n%s", plain[i].name, reply, place,
			 kind_of(&d), kind, buf_str(&d.shown));
	dialogue_release(&d);
}

static void any_reply_may_come_anywhere(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(plain); i++) {
		for (size_t at = 0; plain[i].replies[at] != '\0'; at++) {
			for (size_t r = 0; r < COUNT(replies); r++)
				expect_reply(i, at, replies[r]);
		}
	}
}

/*
 * A second reply in the place of one: it is never the answer to what follows. In one flight the
 * last reply before that to QUIT counts; see the cases below.
 */
static void no_reply_too_many_delivers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(plain); i++) {
		if (strcmp(plain[i].name, "one flight") == 0)
			continue;
		for (size_t at = 0; plain[i].replies[at] != '.'; at++) {
			char place = plain[i].replies[at];
			struct dialogue d = plain_one(i);
			d.replaced = at + 1;
			d.replacement = place == 'g'   ? "220 x\n220 y"
					: place == 'd' ? "354 x\n250 y"
						       : "250 x\n250 y";
			dialogue_run(&d);
			if (dialogue_sent(&d) != 0)
				fail_msg("%s, '%c':\n%s", plain[i].name, place,
					 buf_str(&d.shown));
			dialogue_release(&d);
		}
	}
}

struct case_ {
	const char *name, *text, *recipients, *fates;
	int result;
	bool lmtp;
};

static const struct case_ cases[] = {
	{ "one is refused",
	  PIPELINING MAIL BOB CAROL DAVE DATA OK OK "S: 550 5.1.1 who?\n" OK
						    "S: 354 go\n" DOT QUIT TAKEN BYE,
	  THREE, "sent no-user sent", 0, false },
	{ "all are refused, 354 comes all the same",
	  PIPELINING MAIL BOB CAROL DATA OK
	  "S: 550 who?\nS: 450 later\nS: 354 go\nC: .\nC: QUIT\nS: 554 no\n" BYE,
	  TWO, "no-user temporary", 0, false },
	{ "all are refused",
	  PIPELINING MAIL BOB CAROL DATA OK "S: 550 who?\nS: 554 no\nS: 503 no\n" QUIT, TWO,
	  "no-user rejected", 0, false },
	{ "all are refused, in lock-step",
	  LOCK_STEP MAIL OK BOB "S: 553 no\n" CAROL "S: 551 gone\n" QUIT, TWO,
	  "no-user no-user", 0, false },
	{ "all are refused, in one flight",
	  ONE_FLIGHT MAIL BOB CAROL LAST QUIT OK "S: 550 who?\nS: 550 who?\nS: 503 no\n" BYE,
	  TWO, "no-user no-user", 0, false },
	{ "MAIL is refused, in one flight",
	  ONE_FLIGHT MAIL BOB LAST QUIT "S: 552 too large\nS: 503 no\nS: 503 no\n" BYE, NULL,
	  "rejected", 0, false },
	{ "MAIL is refused, in lock-step", LOCK_STEP MAIL "S: 550 no\n" QUIT, NULL, "rejected",
	  0, false },
	{ "a reply too many, in lock-step", LOCK_STEP MAIL "S: 250 ok\nS: 550 no\n", NULL, "-",
	  -1, false },
	{ "a late 421", PIPELINING MAIL BOB CAROL DATA OK OK "S: 421 bye\n", TWO, "- -", -1,
	  false },
	{ "no room for one",
	  PIPELINING MAIL BOB CAROL DATA OK OK
	  "S: 452 4.5.3 too many\nS: 354 go\n" DOT QUIT TAKEN BYE,
	  TWO, "sent -", 0, false },
	{ "no room, says 552",
	  PIPELINING MAIL BOB CAROL DATA OK OK
	  "S: 552 too many\nS: 354 go\n" DOT QUIT TAKEN BYE,
	  TWO, "sent -", 0, false },
	{ "no room for the first",
	  PIPELINING MAIL BOB CAROL DATA OK "S: 452 disk full\n" OK
					    "S: 354 go\n" DOT QUIT TAKEN BYE,
	  TWO, "temporary sent", 0, false },
	{ "each has its answer",
	  LMTP_HELLO MAIL BOB CAROL DAVE DATA OK OK
	  "S: 550 who?\n" OK "S: 354 go\n" DOT QUIT TAKEN "S: 552 full\n" BYE,
	  THREE, "sent no-user rejected", 0, true },
	{ "each has its own words",
	  LMTP_HELLO MAIL BOB CAROL DAVE DATA OK OK OK OK "S: 354 go\n" DOT QUIT
							  "S: 550 no\nS: 450 later\n" TAKEN BYE,
	  THREE, "no-user temporary sent", 0, true },
	{ "an answer is missing",
	  LMTP_HELLO MAIL BOB CAROL DATA OK OK OK "S: 354 go\n" DOT QUIT TAKEN, TWO,
	  "sent maybe-sent", -1, true },
	{ "251 and 252",
	  PIPELINING MAIL BOB CAROL DATA OK "S: 251 forwards\nS: 252 perhaps\n"
					    "S: 354 go\n" DOT QUIT TAKEN BYE,
	  TWO, "sent sent", 0, false },
	{ "a server that takes two at once",
	  LIMITS("RCPTMAX=2") MAIL BOB CAROL DATA OK OK OK
	  "S: 354 go\n" DOT TAKEN MAIL DAVE DATA OK OK "S: 354 go\n" DOT QUIT TAKEN BYE,
	  THREE, "sent sent sent", 0, false },
	{ "a server that takes one domain at once",
	  LIMITS("RCPTDOMAINMAX=1") MAIL BOB CAROL DATA OK OK OK
	  "S: 354 go\n" DOT TAKEN MAIL "C: RCPT TO:<eve@example.org>\n" DATA OK OK
	  "S: 354 go\n" DOT QUIT TAKEN BYE,
	  "bob@example.net eve@example.org carol@example.net", "sent sent sent", 0, false },
	{ "a server that takes one message",
	  LIMITS("MAILMAX=1 RCPTMAX=2") MAIL BOB CAROL DATA OK OK OK
	  "S: 354 go\n" DOT QUIT TAKEN BYE,
	  THREE, "sent sent -", 0, false },
	{ "a reply too many, and the last one is yes",
	  ONE_FLIGHT MAIL BOB LAST QUIT OK OK OK TAKEN BYE, NULL, "sent", 0, false },
	{ "a reply too many, and the last one is no",
	  ONE_FLIGHT MAIL BOB LAST QUIT OK OK OK "S: 554 5.7.1 spam\n" BYE, NULL, "broken-peer",
	  -1, false },
	{ "S100 no behind yes, in lock-step",
	  LOCK_STEP MAIL OK BOB OK DATA "S: 354 go\n" DOT "S: 250 early\nS: 554 no\n", NULL,
	  "maybe-sent", -1, false },
	{ "yes behind yes, in lock-step",
	  LOCK_STEP MAIL OK BOB OK DATA "S: 354 go\n" DOT "S: 250 early\n" TAKEN QUIT, NULL,
	  "sent", 0, false },
	{ "421 behind yes, in lock-step",
	  LOCK_STEP MAIL OK BOB OK DATA "S: 354 go\n" DOT TAKEN "S: 421 bye\n", NULL, "sent",
	  -1, false },
	{ "QUIT is refused", ONE_FLIGHT MAIL BOB LAST QUIT OK OK TAKEN "S: 500 what?\n", NULL,
	  "sent", 0, false },
	{ "the answer is half there",
	  PIPELINING MAIL BOB CAROL DATA OK OK OK "S: 354 go\n" DOT QUIT "S: 250-taken\n", TWO,
	  "maybe-sent maybe-sent", -1, false },
};

static void every_recipient_has_its_own_fate(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct dialogue d = { .text = cases[i].text,
				      .recipients = cases[i].recipients,
				      .settings.lmtp = cases[i].lmtp };
		print_message("          %s\n", cases[i].name);
		dialogue_run(&d);
		dialogue_expect_sent(&d);
		dialogue_expect_fates(&d, cases[i].fates);
		assert_int_equal(d.result, cases[i].result);
		dialogue_release(&d);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(good_servers_get_each_message_once),
		cmocka_unit_test(how_the_bytes_are_cut_does_not_matter),
		cmocka_unit_test(a_server_may_close_after_any_byte),
		cmocka_unit_test(our_side_may_break_after_any_byte),
		cmocka_unit_test(any_reply_may_come_anywhere),
		cmocka_unit_test(no_reply_too_many_delivers),
		cmocka_unit_test(every_recipient_has_its_own_fate),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
