/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/reply.h"

#include "base/clock.h"

#include "net/stream_mem.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static void say(struct script *peer, struct slice bytes, size_t cut)
{
	script_says_n(peer, bytes.data, cut);
	if (cut != 0 && cut < bytes.len)
		script_delays(peer);
	script_says_n(peer, bytes.data + cut, bytes.len - cut);
	script_ends(peer);
}

/* Read one reply from BYTES, which come in two pieces. */
static int read_cut(struct slice bytes, size_t cut, struct reply *r, struct status *st)
{
	struct script peer = { 0 };
	say(&peer, bytes, cut);
	struct stream *s = stream_mem_new(&peer);
	stream_set_deadline(s, clock_in(20));
	int result = reply_read(r, s, NULL, NULL, st);
	stream_free(s);
	script_release(&peer);
	return result;
}

static const struct {
	const char *bytes;
	unsigned short code;
	const char *text, *shown;
	unsigned short enhanced[3];
} good[] = {
	{ "250 2.1.0 fine\r\n", 250, "2.1.0 fine", "250 2.1.0 fine", { 2, 1, 0 } },
	{ "250 fine\n", 250, "fine", "250 fine", { 0, 0, 0 } },
	{ "220\r\n", 220, "", "220", { 0, 0, 0 } },
	{ "220 \r\n", 220, "", "220", { 0, 0, 0 } },
	{ "250-\r\n250\r\n", 250, "\n", "250", { 0, 0, 0 } },
	{ "550-5.1.1 no\r\n550-5.1.1 such\r\n550 5.1.1 user\r\n",
	  550,
	  "5.1.1 no\n5.1.1 such\n5.1.1 user",
	  "550 5.1.1 no such user",
	  { 5, 1, 1 } },
	{ "550-no\r\n550 5.7.1 way\r\n", 550, "no\n5.7.1 way", "550 no way", { 5, 7, 1 } },
	{ "450 4.7.999 x\r\n", 450, "4.7.999 x", "450 4.7.999 x", { 4, 7, 999 } },
	{ "550 5.1.1\r\n", 550, "5.1.1", "550 5.1.1", { 5, 1, 1 } },
	/* An enhanced code that is none, or of another class than the reply's. */
	{ "550 4.1.1 x\r\n", 550, "4.1.1 x", "550 4.1.1 x", { 0, 0, 0 } },
	{ "250 2.1 x\r\n", 250, "2.1 x", "250 2.1 x", { 0, 0, 0 } },
	{ "250 2.1.1x\r\n", 250, "2.1.1x", "250 2.1.1x", { 0, 0, 0 } },
	{ "250 2.1.1000\r\n", 250, "2.1.1000", "250 2.1.1000", { 0, 0, 0 } },
	{ "250 2..1 x\r\n", 250, "2..1 x", "250 2..1 x", { 0, 0, 0 } },
	{ "250 2.\r\n", 250, "2.", "250 2.", { 0, 0, 0 } },
	{ "250-4.0.0 x\r\n250 2.6.0 y\r\n",
	  250,
	  "4.0.0 x\n2.6.0 y",
	  "250 4.0.0 x y",
	  { 2, 6, 0 } },
	{ "200 x\r\n", 200, "x", "200 x", { 0, 0, 0 } },
	{ "559 x\r\n", 559, "x", "559 x", { 0, 0, 0 } },
	{ "250 \x1b[2Jgr\xc3\xbc\xc3\x9f\xff\tx\r\n",
	  250,
	  "\x1b[2Jgr\xc3\xbc\xc3\x9f\xff\tx",
	  "250 ?[2Jgr\xc3\xbc\xc3\x9f? x",
	  { 0, 0, 0 } },
	{ "250  two  blanks \r\n", 250, " two  blanks ", "250 two  blanks", { 0, 0, 0 } },
	{ "250 a\r\n550 b\r\n", 250, "a", "250 a", { 0, 0, 0 } },
};

static void replies_are_read_however_they_are_cut(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		for (size_t cut = 0; cut <= strlen(good[i].bytes); cut++) {
			struct reply r = { 0 };
			struct buf shown = { 0 };
			struct status st;
			assert_int_equal(read_cut(slice_of(good[i].bytes), cut, &r, &st), 0);
			assert_int_equal(r.code, good[i].code);
			assert_true(r.complete);
			assert_string_equal(buf_str(&r.text), good[i].text);
			assert_memory_equal(r.enhanced, good[i].enhanced, sizeof r.enhanced);
			reply_show(&r, &shown, 200);
			assert_string_equal(buf_str(&shown), good[i].shown);
			buf_release(&shown);
			reply_release(&r);
		}
	}
}

static const char *const broken[] = {
	"2\r\n",
	"25\r\n",
	"\r\n",
	"hello\r\n",
	"250ok\r\n",
	"250.\r\n",
	"250\t\r\n",
	"199 x\r\n",
	"560 x\r\n",
	"999 x\r\n",
	"000 x\r\n",
	"2x0 x\r\n",
	"25x ok\r\n",
	" 250 x\r\n",
	"-250 x\r\n",
	"+25 x\r\n",
	"250-a\r\n251 b\r\n",
	"250-a\r\n550 b\r\n",
	"250-a\r\nb\r\n",
	"HTTP/1.1 200 OK\r\n",
	"\xb2\xb5\xb0 x\r\n",
	"2500 x\r\n",
	"250-a\r\n\r\n",
};

static void what_is_no_reply_is_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
		struct reply r = { 0 };
		struct status st;
		assert_int_equal(read_cut(slice_of(broken[i]), 0, &r, &st), -1);
		assert_int_equal(st.kind, STATUS_BROKEN_PEER);
		assert_false(r.complete);
		reply_release(&r);
	}
}

static void a_nul_is_a_byte_like_others(void **state)
{
	(void)state;
	struct reply r = { 0 };
	struct buf shown = { 0 };
	struct status st;
	assert_int_equal(read_cut(slice_n("250 a\0b\r\n", 9), 0, &r, &st), 0);
	assert_int_equal(r.text.len, 3);
	reply_show(&r, &shown, 100);
	assert_string_equal(buf_str(&shown), "250 a?b");
	assert_int_equal(read_cut(slice_n("2\0000 a\r\n", 7), 0, &r, &st), -1);
	buf_release(&shown);
	reply_release(&r);
}

static void an_end_before_the_end_is_no_reply(void **state)
{
	(void)state;
	const char *whole = "250-first\r\n250 second\r\n";
	for (size_t len = 0; len < strlen(whole); len++) {
		struct reply r = { 0 };
		struct status st;
		assert_int_equal(read_cut(slice_n(whole, len), 0, &r, &st), -1);
		assert_int_equal(st.kind, STATUS_TEMPORARY);
		assert_int_equal(st.sys, ECONNRESET);
		reply_release(&r);
	}
}

/* LINES lines with TEXT octets behind the code, the last one too if it ENDS. */
static int read_large(size_t lines, size_t text, bool ends, struct status *st)
{
	struct buf bytes = { 0 };
	struct reply r = { 0 };
	for (size_t i = 0; i < lines; i++) {
		buf_add_str(&bytes, ends && i + 1 == lines ? "250 " : "250-");
		for (size_t n = 0; n < text; n++)
			buf_add_char(&bytes, 'x');
		buf_add_str(&bytes, "\r\n");
	}
	int result = read_cut(buf_slice(&bytes), 0, &r, st);
	assert_true(r.text.len <= REPLY_MAX_BYTES && r.lines <= REPLY_MAX_LINES);
	buf_release(&bytes);
	reply_release(&r);
	return result;
}

static void there_are_limits(void **state)
{
	(void)state;
	struct status st;
	assert_int_equal(read_large(REPLY_MAX_LINES, 70, true, &st), 0);
	assert_int_equal(read_large(1, REPLY_MAX_LINE - 5, true, &st), 0);
	static const struct {
		size_t lines, text;
	} large[] = {
		{ REPLY_MAX_LINES + 1, 1 }, { 40, 2000 }, { 1, REPLY_MAX_LINE }, { 1, 100000 }
	};
	for (size_t i = 0; i < sizeof large / sizeof *large; i++) {
		assert_int_equal(read_large(large[i].lines, large[i].text, true, &st), -1);
		assert_int_equal(st.kind, STATUS_BROKEN_PEER);
	}
	assert_int_equal(read_large(5000, 1, false, &st), -1);
	assert_int_equal(st.kind, STATUS_BROKEN_PEER);
}

static void what_is_shown_has_a_limit(void **state)
{
	(void)state;
	struct reply r = { 0 };
	struct status st;
	assert_int_equal(reply_line(&r, slice_of("550 5.1.1 no such user"), &st), 0);
	for (size_t limit = 3; limit < 30; limit++) {
		struct buf shown = { 0 };
		buf_add_str(&shown, "x: ");
		reply_show(&r, &shown, limit);
		assert_true(shown.len <= 3 + limit);
		assert_int_equal(strcmp(buf_str(&shown), "x: 550 5.1.1 no such user") == 0,
				 limit >= 22);
		buf_release(&shown);
	}
	reply_release(&r);
}

static void a_reply_is_used_again(void **state)
{
	(void)state;
	struct reply r = { 0 };
	struct status st;
	assert_int_equal(reply_line(&r, slice_of("550-5.1.1 x"), &st), 0);
	assert_false(r.complete);
	assert_int_equal(reply_class(&r), 5);
	assert_false(reply_is_yes(&r));
	reply_reset(&r);
	assert_int_equal(r.enhanced[0], 0);
	assert_int_equal(reply_line(&r, slice_of("252 y"), &st), 0);
	assert_true(r.complete && reply_is_yes(&r));
	assert_string_equal(buf_str(&r.text), "y");
	reply_release(&r);
}

static void keep_line(void *context, enum tap_kind kind, struct slice text)
{
	struct buf *heard = context;
	assert_int_equal(kind, TAP_RECEIVED);
	buf_add_slice(heard, text);
	buf_add_char(heard, '|');
}

static void secrets_do_not_come_back(void **state)
{
	(void)state;
	struct strings secrets = { 0 };
	struct script peer = { 0 };
	struct buf heard = { 0 };
	struct tap tap = { keep_line, &heard };
	struct reply r = { 0 };
	struct status st;
	strings_add(&secrets, "hunter2");
	script_says(&peer, "535-hunter2 is wrong\r\n535 hunter2hunter2\r\nhunter2!\r\n");
	struct stream *s = stream_mem_new(&peer);
	stream_set_deadline(s, clock_in(20));
	assert_int_equal(reply_read(&r, s, &tap, &secrets, &st), 0);
	assert_string_equal(buf_str(&r.text), "******** is wrong\n****************");
	assert_int_equal(reply_read(&r, s, &tap, &secrets, &st), -1);
	assert_null(strstr(st.text, "hunter2"));
	assert_string_equal(buf_str(&heard),
			    "535-******** is wrong|535 ****************|********!|");
	stream_free(s);
	script_release(&peer);
	strings_release(&secrets);
	buf_release(&heard);
	reply_release(&r);
}

/* With what SCRAM says in them, passwords can be tried on without the server. */
static void challenges_are_not_told(void **state)
{
	(void)state;
	struct script peer = { 0 };
	struct buf heard = { 0 };
	struct tap tap = { keep_line, &heard };
	struct reply r = { 0 };
	struct status st;
	script_says(&peer, "334-cj0x\r\n334 cj0x\r\n334 \r\n334\r\n235 cj0x\r\n");
	struct stream *s = stream_mem_new(&peer);
	stream_set_deadline(s, clock_in(20));
	assert_int_equal(reply_read(&r, s, &tap, NULL, &st), 0);
	assert_string_equal(buf_str(&r.text), "cj0x\ncj0x");
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(reply_read(&r, s, &tap, NULL, &st), 0);
	assert_string_equal(buf_str(&heard), "334-********|334 ********|334 |334|235 cj0x|");
	stream_free(s);
	script_release(&peer);
	buf_release(&heard);
	reply_release(&r);
}

/* A secret may look like the beginning of a reply: the code is no place for one. */
static void a_secret_does_not_change_the_reply(void **state)
{
	(void)state;
	struct strings secrets = { 0 };
	struct script peer = { 0 };
	struct reply r = { 0 };
	struct status st;
	strings_add(&secrets, "250 2.");
	strings_add(&secrets, "250-");
	script_says(&peer, "250-2.0.0 ok\r\n250 2.0.0 ok\r\n");
	struct stream *s = stream_mem_new(&peer);
	stream_set_deadline(s, clock_in(20));
	assert_int_equal(reply_read(&r, s, NULL, &secrets, &st), 0);
	assert_int_equal(r.code, 250);
	stream_free(s);
	script_release(&peer);
	strings_release(&secrets);
	reply_release(&r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(replies_are_read_however_they_are_cut),
		cmocka_unit_test(what_is_no_reply_is_refused),
		cmocka_unit_test(a_nul_is_a_byte_like_others),
		cmocka_unit_test(an_end_before_the_end_is_no_reply),
		cmocka_unit_test(there_are_limits),
		cmocka_unit_test(what_is_shown_has_a_limit),
		cmocka_unit_test(a_reply_is_used_again),
		cmocka_unit_test(secrets_do_not_come_back),
		cmocka_unit_test(challenges_are_not_told),
		cmocka_unit_test(a_secret_does_not_change_the_reply),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
