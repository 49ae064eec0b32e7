/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/stream.h"

#include "base/clock.h"
#include "net/stream_fd.h"
#include "stream_mem.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

enum { SOON = 40 };

static struct stream *open_soon(struct script *p)
{
	struct stream *s = stream_mem_new(p);
	stream_set_deadline(s, clock_now() + SOON);
	return s;
}

static void close_both(struct stream *s, struct script *p)
{
	stream_free(s);
	assert_true(p->closed);
	script_release(p);
}

static void assert_line(struct stream *s, const char *expected)
{
	struct slice line;
	struct status st = { 0 };
	if (stream_getline(s, 100, &line, &st) != 0)
		fail_msg("%s instead of '%s'", st.text, expected);
	assert_true(slice_is(line, expected));
	assert_int_equal(st.kind, STATUS_OK);
}

static void assert_failure(const struct status *st, enum status_kind kind, int sys,
			   const char *text)
{
	assert_string_equal(st->text, text);
	assert_int_equal(st->kind, kind);
	assert_int_equal(st->sys, sys);
}

static void assert_no_line(struct stream *s, enum status_kind kind, int sys, const char *text)
{
	struct slice line;
	struct status st = { 0 };
	assert_int_equal(stream_getline(s, 10, &line, &st), -1);
	assert_failure(&st, kind, sys, text);
}

static void test_lines_in_all_cuts(void **state)
{
	(void)state;
	static const char text[] = "220 a\r\n\r\nb\n\nlast line\r\r\n";
	for (size_t max = 1; max <= sizeof text; max++) {
		struct script p = { .read_max = max };
		script_says(&p, text);
		struct stream *s = open_soon(&p);
		assert_line(s, "220 a");
		assert_line(s, "");
		assert_line(s, "b");
		assert_line(s, "");
		assert_line(s, "last line\r");
		assert_false(stream_has_buffered(s));
		close_both(s, &p);
	}
}

static void test_a_line_that_comes_late(void **state)
{
	(void)state;
	struct script p = { 0 };
	script_delays(&p);
	script_says(&p, "25");
	script_delays(&p);
	script_says(&p, "0 ok\r");
	script_delays(&p);
	script_says(&p, "\nnext\r\n");
	struct stream *s = open_soon(&p);
	assert_line(s, "250 ok");
	assert_true(stream_has_buffered(s));
	assert_line(s, "next");
	close_both(s, &p);
}

static void test_how_long_a_line_may_be(void **state)
{
	(void)state;
	struct script p = { .read_max = 3 };
	script_says(&p, "123456789\r\n1234567890\n12345678901\n");
	struct stream *s = open_soon(&p);
	struct slice line;
	struct status st = { 0 };
	assert_int_equal(stream_getline(s, 10, &line, &st), 0);
	assert_int_equal(stream_getline(s, 10, &line, &st), 0);
	assert_no_line(s, STATUS_BROKEN_PEER, 0,
		       "a line of more than 10 bytes from the server");
	close_both(s, &p);
}

static void test_a_line_without_end(void **state)
{
	(void)state;
	struct script p = { 0 };
	script_says(&p, "12345678901");
	script_stalls(&p);
	struct stream *s = open_soon(&p);
	assert_no_line(s, STATUS_BROKEN_PEER, 0,
		       "a line of more than 10 bytes from the server");
	close_both(s, &p);
}

static void test_how_reading_fails(void **state)
{
	(void)state;
	static const struct {
		void (*then)(struct script *p);
		int errnum;
		const char *words;
		int sys;
		const char *text;
	} cases[] = {
		{ script_ends, 0, NULL, ECONNRESET, "the server closed the connection" },
		{ script_stalls, 0, NULL, ETIMEDOUT, "timed out" },
		{ NULL, ECONNRESET, NULL, ECONNRESET,
		  "connection lost: Connection reset by peer" },
		{ NULL, ETIMEDOUT, NULL, ETIMEDOUT, "connection lost: Connection timed out" },
		{ NULL, EPIPE, NULL, ECONNRESET, "connection lost: Connection reset by peer" },
		{ NULL, EIO, "the wire is cut", EIO, "the wire is cut" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct script p = { .words = cases[i].words };
		script_says(&p, "one\ntw");
		if (cases[i].then != NULL)
			cases[i].then(&p);
		else
			script_breaks(&p, cases[i].errnum);
		struct stream *s = open_soon(&p);
		assert_line(s, "one");
		assert_no_line(s, STATUS_TEMPORARY, cases[i].sys, cases[i].text);
		close_both(s, &p);
	}
}

static void test_the_deadline_is_for_the_whole_line(void **state)
{
	(void)state;
	struct script p = { .read_max = 1, .nap_ms = 5 };
	for (int i = 0; i < 100; i++) {
		script_says(&p, "x");
		script_delays(&p);
	}
	struct stream *s = open_soon(&p);
	int64_t before = clock_now();
	struct slice line;
	struct status st = { 0 };
	assert_int_equal(stream_getline(s, 1000, &line, &st), -1);
	assert_failure(&st, STATUS_TEMPORARY, ETIMEDOUT, "timed out");
	assert_true(clock_now() - before < 10 * SOON);
	close_both(s, &p);
}

static void test_all_that_is_there(void **state)
{
	(void)state;
	struct script p = { 0 };
	script_says(&p, "one\ntwo");
	script_says(&p, "three");
	script_ends(&p);
	struct stream *s = open_soon(&p);
	struct slice bytes;
	struct status st = { 0 };
	assert_line(s, "one");
	assert_int_equal(stream_get(s, &bytes, &st), 0);
	assert_true(slice_is(bytes, "two"));
	assert_int_equal(stream_get(s, &bytes, &st), 0);
	assert_true(slice_is(bytes, "three"));
	assert_int_equal(stream_get(s, &bytes, &st), 0);
	assert_int_equal(bytes.len, 0);
	assert_int_equal(stream_get(s, &bytes, &st), 0);
	assert_int_equal(bytes.len, 0);
	assert_int_equal(st.kind, STATUS_OK);
	close_both(s, &p);
}

static void test_a_lost_connection_is_no_end(void **state)
{
	(void)state;
	struct script p = { 0 };
	script_breaks(&p, ECONNRESET);
	struct stream *s = open_soon(&p);
	struct slice bytes;
	struct status st = { 0 };
	assert_int_equal(stream_get(s, &bytes, &st), -1);
	assert_failure(&st, STATUS_TEMPORARY, ECONNRESET,
		       "connection lost: Connection reset by peer");
	close_both(s, &p);
}

static void test_is_there_input(void **state)
{
	(void)state;
	struct script p = { 0 };
	script_delays(&p);
	script_says(&p, "one\n");
	script_delays(&p);
	script_ends(&p);
	struct stream *s = open_soon(&p);
	assert_false(stream_has_input(s));
	assert_true(stream_has_input(s));
	assert_true(stream_has_buffered(s));
	assert_true(stream_has_input(s));
	assert_line(s, "one");
	assert_false(stream_has_buffered(s));
	assert_false(stream_has_input(s));
	assert_true(stream_has_input(s));
	assert_false(stream_has_buffered(s));
	close_both(s, &p);
}

static void test_one_flight_is_one_write(void **state)
{
	(void)state;
	struct script p = { 0 };
	struct stream *s = open_soon(&p);
	struct status st = { 0 };
	stream_put(s, "MAIL\r\n", 6);
	assert_int_equal(stream_add(s, "RCPT\r\n", 6, &st), 0);
	stream_put(s, "DATA\r\n", 6);
	assert_int_equal(p.writes, 0);
	assert_int_equal(stream_flush(s, &st), 0);
	assert_int_equal(p.writes, 1);
	assert_string_equal(buf_str(&p.sent), "MAIL\r\nRCPT\r\nDATA\r\n");
	assert_int_equal(stream_flush(s, &st), 0);
	assert_int_equal(p.writes, 1);
	close_both(s, &p);
}

static void test_what_was_not_flushed_is_not_sent(void **state)
{
	(void)state;
	struct script p = { 0 };
	struct stream *s = open_soon(&p);
	stream_put(s, "QUIT\r\n", 6);
	stream_free(s);
	assert_int_equal(p.sent.len, 0);
	script_release(&p);
}

static char *much(size_t len)
{
	char *text = malloc(len);
	assert_non_null(text);
	for (size_t i = 0; i < len; i++)
		text[i] = (char)(i % 251);
	return text;
}

static void test_much_in_order(void **state)
{
	(void)state;
	const size_t len = 100 * 1000;
	char *text = much(len);
	struct script p = { .write_max = 777, .write_delays = true };
	struct stream *s = open_soon(&p);
	struct status st = { 0 };
	stream_set_deadline(s, clock_in(10));
	stream_put(s, "head", 4);
	assert_int_equal(stream_add(s, text, len, &st), 0);
	stream_put(s, "tail", 4);
	assert_int_equal(stream_flush(s, &st), 0);
	assert_int_equal(p.sent.len, len + 8);
	assert_memory_equal(p.sent.data, "head", 4);
	assert_memory_equal(p.sent.data + 4, text, len);
	assert_memory_equal(p.sent.data + 4 + len, "tail", 4);
	free(text);
	close_both(s, &p);
}

static void test_how_writing_fails(void **state)
{
	(void)state;
	static const struct {
		int errnum;
		const char *words;
		int sys;
		const char *text;
	} cases[] = {
		{ EPIPE, NULL, ECONNRESET, "connection lost: Connection reset by peer" },
		{ ECONNRESET, NULL, ECONNRESET, "connection lost: Connection reset by peer" },
		{ EAGAIN, NULL, ETIMEDOUT, "timed out" },
		{ EPIPE, "the command ended", EPIPE, "the command ended" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
		struct script p = { .fails_at = 5, .fails_with = cases[i].errnum };
		p.words = cases[i].words;
		struct stream *s = open_soon(&p);
		struct status st = { 0 };
		stream_put(s, "1234567890", 10);
		assert_int_equal(stream_flush(s, &st), -1);
		assert_failure(&st, STATUS_TEMPORARY, cases[i].sys, cases[i].text);
		assert_string_equal(buf_str(&p.sent), "12345");
		close_both(s, &p);
	}
}

/* S097: a server says why and closes while we write; its words count, not our EPIPE. */
static void test_the_last_words_are_heard(void **state)
{
	(void)state;
	struct script p = { .fails_at = 5, .fails_with = EPIPE };
	script_says(&p, "554 too");
	script_says(&p, " large\r\n");
	script_breaks(&p, ECONNRESET);
	struct stream *s = open_soon(&p);
	struct status st = { 0 };
	stream_put(s, "1234567890", 10);
	assert_int_equal(stream_flush(s, &st), -1);
	assert_failure(&st, STATUS_TEMPORARY, ECONNRESET,
		       "connection lost: Connection reset by peer");
	assert_line(s, "554 too large");
	close_both(s, &p);
}

static void test_reading_while_writing_is_stuck(void **state)
{
	(void)state;
	struct script p = { .write_delays = true };
	script_says(&p, "250 one\r\n");
	script_says(&p, "250 two\r\n");
	struct stream *s = open_soon(&p);
	struct status st = { 0 };
	stream_put(s, "1234567890", 10);
	assert_int_equal(stream_flush(s, &st), 0);
	assert_true(p.reads > 0);
	assert_line(s, "250 one");
	assert_line(s, "250 two");
	close_both(s, &p);
}

static void test_a_flood_is_not_taken_in_without_limit(void **state)
{
	(void)state;
	char *text = much(16 * 1024);
	struct script p = { .fails_at = 1, .fails_with = EAGAIN };
	for (int i = 0; i < 100; i++)
		script_says_n(&p, text, 16 * 1024);
	struct stream *s = open_soon(&p);
	struct status st = { 0 };
	stream_put(s, "12", 2);
	assert_int_equal(stream_flush(s, &st), -1);
	assert_int_equal(st.sys, ETIMEDOUT);
	assert_true(s->in.len < 400 * 1024);
	free(text);
	close_both(s, &p);
}

static void test_the_script_waits_for_its_cue(void **state)
{
	(void)state;
	struct script p = { .write_max = 2 };
	script_says(&p, "220 hi\r\n");
	script_awaits(&p, "EHLO\r\n");
	script_says(&p, "250 hi\r\n");
	script_awaits(&p, "QUIT\r\n");
	script_ends(&p);
	struct stream *s = open_soon(&p);
	struct status st = { 0 };
	assert_line(s, "220 hi");
	assert_false(stream_has_input(s));
	stream_put(s, "EHLO\r\n", 6);
	assert_int_equal(stream_flush(s, &st), 0);
	assert_line(s, "250 hi");
	assert_false(script_is_over(&p));
	stream_put(s, "QUIT\r\n", 6);
	assert_int_equal(stream_flush(s, &st), 0);
	assert_no_line(s, STATUS_TEMPORARY, ECONNRESET, "the server closed the connection");
	assert_true(script_is_over(&p));
	close_both(s, &p);
}

static void test_a_socket(void **state)
{
	(void)state;
	int ends[2];
	struct status st = { 0 };
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	struct stream *s = stream_fd_new(ends[0]);
	assert_true((fcntl(ends[0], F_GETFL) & O_NONBLOCK) != 0);
	stream_set_deadline(s, clock_now() + SOON);
	assert_false(stream_has_input(s));
	assert_int_equal(write(ends[1], "220 hi\r\n", 8), 8);
	assert_line(s, "220 hi");
	assert_no_line(s, STATUS_TEMPORARY, ETIMEDOUT, "timed out");
	stream_set_deadline(s, clock_in(5));
	stream_put(s, "EHLO\r\n", 6);
	assert_int_equal(stream_flush(s, &st), 0);
	char got[16];
	assert_int_equal(read(ends[1], got, sizeof got), 6);
	close(ends[1]);
	assert_no_line(s, STATUS_TEMPORARY, ECONNRESET, "the server closed the connection");
	stream_put(s, "NOOP\r\n", 6);
	assert_int_equal(stream_flush(s, &st), -1);
	assert_int_equal(st.sys, ECONNRESET);
	stream_free(s);
	assert_int_equal(fcntl(ends[0], F_GETFD), -1);
	stream_free(NULL);
}

static void test_so_many_bytes(void **state)
{
	(void)state;
	for (size_t max = 1; max <= 8; max++) {
		struct script p = { .read_max = max };
		struct slice bytes;
		struct status st = { 0 };
		script_says(&p, "\5\1");
		script_delays(&p);
		script_says(&p, "abc220 x\r\nz");
		script_ends(&p);
		struct stream *s = open_soon(&p);
		assert_int_equal(stream_getn(s, 2, &bytes, &st), 0);
		assert_true(slice_is(bytes, "\5\1"));
		assert_int_equal(stream_getn(s, 0, &bytes, &st), 0);
		assert_int_equal(bytes.len, 0);
		assert_int_equal(stream_getn(s, 3, &bytes, &st), 0);
		assert_true(slice_is(bytes, "abc"));
		assert_line(s, "220 x");
		assert_int_equal(stream_getn(s, 2, &bytes, &st), -1);
		assert_failure(&st, STATUS_TEMPORARY, ECONNRESET,
			       "the server closed the connection");
		close_both(s, &p);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_lines_in_all_cuts),
		cmocka_unit_test(test_a_line_that_comes_late),
		cmocka_unit_test(test_how_long_a_line_may_be),
		cmocka_unit_test(test_a_line_without_end),
		cmocka_unit_test(test_so_many_bytes),
		cmocka_unit_test(test_how_reading_fails),
		cmocka_unit_test(test_the_deadline_is_for_the_whole_line),
		cmocka_unit_test(test_all_that_is_there),
		cmocka_unit_test(test_a_lost_connection_is_no_end),
		cmocka_unit_test(test_is_there_input),
		cmocka_unit_test(test_one_flight_is_one_write),
		cmocka_unit_test(test_what_was_not_flushed_is_not_sent),
		cmocka_unit_test(test_much_in_order),
		cmocka_unit_test(test_how_writing_fails),
		cmocka_unit_test(test_the_last_words_are_heard),
		cmocka_unit_test(test_reading_while_writing_is_stuck),
		cmocka_unit_test(test_a_flood_is_not_taken_in_without_limit),
		cmocka_unit_test(test_the_script_waits_for_its_cue),
		cmocka_unit_test(test_a_socket),
	};
	signal(SIGPIPE, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
