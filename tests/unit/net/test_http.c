/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/http.h"

#include "base/clock.h"
#include "stream_mem.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum { SOON = 40 };

#define OK      "HTTP/1.1 200 OK\r\n"
#define CHUNKED OK "Transfer-Encoding: chunked\r\n\r\n"

/* What the server says before it closes. */
static const struct {
	const char *name;
	const char *says;
	unsigned code; /* 0: refused, with `body` in the sentence */
	const char *body;
	enum status_kind kind; /* of a refusal, if it is not STATUS_BROKEN_PEER */
} answers[] = {
	{ "a length", OK "Content-Length: 2\r\n\r\n{}", 200, "{}", 0 },
	{ "more than its length", OK "Content-Length: 2\r\n\r\n{}x", 200, "{}", 0 },
	{ "no body", OK "Content-Length: 0\r\n\r\n", 200, "", 0 },
	{ "to the end", OK "\r\nabc\r\n", 200, "abc\r\n", 0 },
	{ "nothing to the end", OK "\r\n", 200, "", 0 },
	{ "HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nabc", 200, "abc", 0 },
	{ "no reason", "HTTP/1.1 404\r\ncontent-length:1\r\n\r\nx", 404, "x", 0 },
	{ "an empty reason", "HTTP/1.1 503 \r\ncontent-length:1 \t\r\n\r\nx", 503, "x", 0 },
	{ "LF alone", "HTTP/1.1 400 no\nContent-Length: 1\n\nx", 400, "x", 0 },
	{ "no content", "HTTP/1.1 204 none\r\nContent-Length: 5\r\n\r\n", 204, "", 0 },
	{ "other fields", OK "A: b\r\nX-Y:\r\nContent-Encoding: identity\r\n\r\nx", 200, "x",
	  0 },
	{ "chunks", CHUNKED "3\r\nabc\r\nA\r\n0123456789\r\n0\r\n\r\n", 200, "abc0123456789",
	  0 },
	{ "chunks with extensions", CHUNKED "3 ;x=\"y\"\r\nabc\r\n00;z\r\nTrailer: x\r\n\r\n",
	  200, "abc", 0 },
	{ "no chunks", CHUNKED "0\r\n\r\n", 200, "", 0 },
	{ "interim", "HTTP/1.1 100 go\r\n\r\nHTTP/1.1 103 x\r\nLink: y\r\n\r\n" OK "\r\nx", 200,
	  "x", 0 },
	{ "interim for ever",
	  "HTTP/1.1 100 1\r\n\r\nHTTP/1.1 100 2\r\n\r\nHTTP/1.1 100 3\r\n\r\n"
	  "HTTP/1.1 100 4\r\n\r\nHTTP/1.1 100 5\r\n\r\nHTTP/1.1 100 6\r\n\r\n"
	  "HTTP/1.1 100 7\r\n\r\nHTTP/1.1 100 8\r\n\r\n" OK "\r\nx",
	  0, "interim", 0 },
	{ "another protocol", "HTTP/1.1 101 switch\r\n\r\n", 0, "interim", 0 },
	{ "SMTP", "220 mail.test ESMTP\r\n", 0, "no HTTP", 0 },
	{ "HTTP/2", "HTTP/2 200 OK\r\n\r\n", 0, "no HTTP", 0 },
	{ "HTTP/1", "HTTP/1 200 OK\r\n\r\n", 0, "no HTTP", 0 },
	{ "lower case", "http/1.1 200 OK\r\n\r\n", 0, "no HTTP", 0 },
	{ "two digits", "HTTP/1.1 20 OK\r\n\r\n", 0, "no HTTP", 0 },
	{ "four digits", "HTTP/1.1 2000 OK\r\n\r\n", 0, "no HTTP", 0 },
	{ "a letter", "HTTP/1.1 20x OK\r\n\r\n", 0, "no HTTP", 0 },
	{ "a small code", "HTTP/1.1 099 OK\r\n\r\n", 0, "no HTTP", 0 },
	{ "a large code", "HTTP/1.1 600 OK\r\n\r\n", 0, "no HTTP", 0 },
	{ "two blanks", "HTTP/1.1  200 OK\r\n\r\n", 0, "no HTTP", 0 },
	{ "nothing", "", 0, "closed", STATUS_TEMPORARY },
	{ "half a status line", "HTTP/1.1 20", 0, "closed", STATUS_TEMPORARY },
	{ "half a header section", OK "A: b\r\n", 0, "closed", STATUS_TEMPORARY },
	{ "half a body", OK "Content-Length: 3\r\n\r\nab", 0, "closed", STATUS_TEMPORARY },
	{ "half a chunk", CHUNKED "5\r\nabc", 0, "closed", STATUS_TEMPORARY },
	{ "no last chunk", CHUNKED "3\r\nabc\r\n", 0, "closed", STATUS_TEMPORARY },
	{ "no end behind it", CHUNKED "3\r\nabc\r\n0\r\n", 0, "closed", STATUS_TEMPORARY },
	{ "folded", OK "A: b\r\n c\r\n\r\n", 0, "malformed header", 0 },
	{ "no colon", OK "A b\r\n\r\n", 0, "malformed header", 0 },
	{ "no name", OK ": b\r\n\r\n", 0, "malformed header", 0 },
	{ "a blank before the colon", OK "Content-Length : 1\r\n\r\nx", 0, "malformed header",
	  0 },
	{ "a CR", OK "A: b\rc\r\n\r\n", 0, "control character", 0 },
	{ "an escape", OK "A: \x1b\r\n\r\n", 0, "control character", 0 },
	{ "two lengths", OK "Content-Length: 1\r\nContent-Length: 1\r\n\r\nx", 0, "two lengths",
	  0 },
	{ "a list of lengths", OK "Content-Length: 1, 1\r\n\r\nx", 0, "no number", 0 },
	{ "a negative length", OK "Content-Length: -1\r\n\r\nx", 0, "no number", 0 },
	{ "an empty length", OK "Content-Length:\r\n\r\nx", 0, "missing", 0 },
	{ "a long length", OK "Content-Length: 65537\r\n\r\nx", 0, "too long", 0 },
	{ "a longer length", OK "Content-Length: 99999999999999999999999\r\n\r\nx", 0,
	  "too long", 0 },
	{ "length and chunks", OK "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 0,
	  "length and comes in chunks", 0 },
	{ "chunks and length", OK "Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\n", 0,
	  "length and comes in chunks", 0 },
	{ "chunked twice",
	  OK "Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 0,
	  "transfer coding", 0 },
	{ "gzip, chunked", OK "Transfer-Encoding: gzip, chunked\r\n\r\n", 0, "transfer coding",
	  0 },
	{ "chunks of HTTP/1.0",
	  "HTTP/1.0 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 0,
	  "transfer coding", 0 },
	{ "compressed", OK "Content-Encoding: gzip\r\n\r\nx", 0, "compressed", 0 },
	{ "a chunk of no size", CHUNKED "\r\nabc\r\n0\r\n\r\n", 0, "malformed chunk", 0 },
	{ "a size in words", CHUNKED "three\r\nabc\r\n0\r\n\r\n", 0, "malformed chunk", 0 },
	{ "a size with a sign", CHUNKED "+3\r\nabc\r\n0\r\n\r\n", 0, "malformed chunk", 0 },
	{ "a size with 0x", CHUNKED "0x3\r\nabc\r\n0\r\n\r\n", 0, "malformed chunk", 0 },
	{ "a size with a blank before", CHUNKED " 3\r\nabc\r\n0\r\n\r\n", 0, "malformed chunk",
	  0 },
	{ "a large chunk", CHUNKED "10001\r\nabc", 0, "too long", 0 },
	{ "a larger chunk", CHUNKED "ffffffffffffffffffff\r\nabc", 0, "too long", 0 },
	{ "a chunk that goes on", CHUNKED "3\r\nabcd\r\n0\r\n\r\n", 0, "malformed chunk", 0 },
};

static void refuse(const char *name, const struct status *st, enum status_kind kind,
		   const char *why)
{
	if (st->kind != (kind != STATUS_OK ? kind : STATUS_BROKEN_PEER) ||
	    strstr(st->text, why) == NULL)
		fail_msg("%s: '%s'", name, st->text);
}

static const struct url here = {
	.host = "a.test", .authority = "a.test:1", .target = "/x?y", .port = 1
};

static int ask(struct script *p, struct http_response *r, struct status *st)
{
	struct stream *s = stream_mem_new(p);
	stream_set_deadline(s, clock_now() + 50 * SOON);
	int result = http_post(s, &here, slice_of("a=b"), r, st);
	stream_free(s);
	return result;
}

static void answer(size_t i, size_t read_max)
{
	struct script p = { .read_max = read_max };
	struct http_response r = { 0 };
	struct status st = { 0 };
	script_awaits(&p, "\r\n\r\na=b");
	script_says(&p, answers[i].says);
	script_ends(&p);
	if (ask(&p, &r, &st) != 0) {
		if (answers[i].code != 0)
			fail_msg("%s: %s", answers[i].name, st.text);
		refuse(answers[i].name, &st, answers[i].kind, answers[i].body);
	} else if (r.code != answers[i].code ||
		   strcmp(buf_str(&r.body), answers[i].body) != 0) {
		fail_msg("%s: %u '%s'", answers[i].name, r.code, buf_str(&r.body));
	}
	http_response_release(&r);
	script_release(&p);
}

static void test_answers(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(answers); i++) {
		answer(i, 0);
		answer(i, 1);
	}
}

static void test_the_question(void **state)
{
	struct script p = { 0 };
	struct http_response r = { 0 };
	struct status st;
	(void)state;
	script_awaits(&p, "POST /x?y HTTP/1.1\r\n"
			  "Host: a.test:1\r\n"
			  "User-Agent: postrider\r\n"
			  "Accept: application/json\r\n"
			  "Content-Type: application/x-www-form-urlencoded\r\n"
			  "Content-Length: 3\r\n"
			  "Connection: close\r\n"
			  "\r\n"
			  "a=b");
	script_says(&p, OK "\r\n{}");
	script_ends(&p);
	assert_int_equal(ask(&p, &r, &st), 0);
	assert_int_equal(p.writes, 1);
	http_response_release(&r);
	script_release(&p);
}

/* HEAD and LEN octets of TAIL, again and again. */
static void grow(const char *head, const char *tail, size_t len, struct buf *out)
{
	buf_add_str(out, head);
	for (size_t i = 0; i < len; i += strlen(tail))
		buf_add_str(out, tail);
}

static const struct {
	const char *name, *head, *tail;
	size_t len;
	bool taken;
} sizes[] = {
	{ "fields", OK, "A: bcd\r\n", 16000, true },
	{ "more fields", OK, "A: bcd\r\n", 16384, false },
	{ "a long field", OK "A: ", "x", 16000, true },
	{ "a longer field", OK "A: ", "x", 16384, false },
	{ "a long status line", "HTTP/1.1 200 ", "x", 16384, false },
	{ "a body", OK "\r\n", "x", 65536, true },
	{ "a longer body", OK "\r\n", "x", 65537, false },
	{ "chunks", CHUNKED, "1\r\nx\r\n", 6 * 3000, true },
	{ "small chunks for ever", CHUNKED, "1\r\nx\r\n", 6 * 20000, false },
	{ "large chunks", CHUNKED, "8\r\n12345678\r\n", 13 * 9000, false },
	{ "trailers for ever", CHUNKED "0\r\n", "A: bcd\r\n", 20000, false },
};

static void test_sizes(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		struct buf says = { 0 };
		struct script p = { 0 };
		struct http_response r = { 0 };
		struct status st = { 0 };
		bool is_chunked = strstr(sizes[i].head, "chunked") != NULL;
		bool is_body = strstr(sizes[i].head, "\r\n\r\n") != NULL;
		grow(sizes[i].head, sizes[i].tail, sizes[i].len, &says);
		if (is_chunked || !is_body)
			buf_add_str(&says, is_chunked ? "0\r\n\r\n" : "\r\n\r\n");
		script_says_n(&p, buf_str(&says), says.len);
		script_ends(&p);
		if ((ask(&p, &r, &st) == 0) != sizes[i].taken)
			fail_msg("%s: %s", sizes[i].name, st.text);
		if (!sizes[i].taken)
			refuse(sizes[i].name, &st, STATUS_BROKEN_PEER, "too long");
		http_response_release(&r);
		script_release(&p);
		buf_release(&says);
	}
}

static void test_a_silent_server(void **state)
{
	(void)state;
	static const char *const parts[] = { "", "HTTP/1.1 2", OK, CHUNKED "3\r\n",
					     OK "\r\nx" };
	for (size_t i = 0; i < COUNT(parts); i++) {
		struct script p = { 0 };
		struct http_response r = { 0 };
		struct status st = { 0 };
		if (parts[i][0] != '\0')
			script_says(&p, parts[i]);
		script_stalls(&p);
		struct stream *s = stream_mem_new(&p);
		stream_set_deadline(s, clock_now() + SOON);
		assert_int_equal(http_post(s, &here, slice_of("a=b"), &r, &st), -1);
		assert_int_equal(st.sys, ETIMEDOUT);
		stream_free(s);
		http_response_release(&r);
		script_release(&p);
	}
}

/* The end of a body that only the end of the connection tells is not to be had by a cut. */
static void test_a_cut(void **state)
{
	struct script p = { 0 };
	struct http_response r = { 0 };
	struct status st;
	(void)state;
	script_says(&p, OK "\r\nabc");
	script_breaks(&p, ECONNRESET);
	assert_int_equal(ask(&p, &r, &st), -1);
	assert_int_equal(st.kind, STATUS_TEMPORARY);
	http_response_release(&r);
	script_release(&p);
}

static void test_forms(void **state)
{
	struct buf form = { 0 };
	(void)state;
	http_form_add(&form, "a", "AZaz09*-._");
	http_form_add(&form, "b", "");
	http_form_add(&form, "c", "x y&z=%+/~\xc3\xa9\n\x7f");
	assert_string_equal(buf_str(&form),
			    "a=AZaz09*-._&b=&c=x+y%26z%3D%25%2B%2F%7E%C3%A9%0A%7F");
	buf_release(&form);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_answers), cmocka_unit_test(test_the_question),
		cmocka_unit_test(test_sizes),   cmocka_unit_test(test_a_silent_server),
		cmocka_unit_test(test_a_cut),   cmocka_unit_test(test_forms),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
