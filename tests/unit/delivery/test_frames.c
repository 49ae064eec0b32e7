/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/frames.h"

#include "base/crc32c.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define BYTES(text)                                                                            \
	{                                                                                      \
		text, sizeof text - 1                                                          \
	}

/* What the handlers got. */
struct heard {
	struct buf fields; /* "TYPE:VALUE;" for each */
	struct buf body;
	enum frame_type refuse; /* fail at this field; FRAME_BODY: at any piece */
};

static int hear_field(void *context, enum frame_type type, struct slice value,
		      struct status *st)
{
	struct heard *h = context;
	if (type == h->refuse)
		return status_set(st, STATUS_NOT_ALLOWED, "refused");
	buf_addf(&h->fields, "%d:", (int)type);
	buf_add_slice(&h->fields, value);
	buf_add_char(&h->fields, ';');
	return 0;
}

static int hear_body(void *context, struct slice piece, struct status *st)
{
	struct heard *h = context;
	assert_true(piece.len != 0);
	if (h->refuse == FRAME_BODY)
		return status_set(st, STATUS_NOT_ALLOWED, "refused");
	buf_add_slice(&h->body, piece);
	return 0;
}

static void heard_release(struct heard *h)
{
	buf_release(&h->fields);
	buf_release(&h->body);
}

/* Feed STREAM in pieces of STEP octets, and say that it ends. */
static int read_stream(struct slice stream, size_t step, struct heard *h, struct status *st)
{
	struct frames f;
	const struct frames_handlers handlers = { h, hear_field, hear_body };
	int result = 0;
	frames_init(&f);
	for (size_t at = 0; result == 0 && at < stream.len; at += step)
		result = frames_feed(&f, slice_cut(stream, at, at + step), &handlers, st);
	if (result == 0)
		result = frames_finish(&f, st);
	frames_release(&f);
	return result;
}

static const size_t steps[] = { 1, 2, 3, 5, 7, 64, 100000 };

enum { FIELDS = 12 };

struct field {
	enum frame_type type;
	struct slice value;
};

struct stream {
	const char *name;
	enum frame_verb verb;
	struct field fields[FIELDS]; /* up to one of type 0; BODY too */
	const char *expected;        /* fields heard, or, if it is refused, words of why */
};

/* Only the frames; the checksum is right whatever they are. */
static void write_stream(const struct stream *s, struct frames_writer *w)
{
	*w = (struct frames_writer){ 0 };
	frames_begin(w, s->verb);
	for (size_t i = 0; i < FIELDS && s->fields[i].type != 0; i++) {
		if (s->fields[i].type == FRAME_BODY)
			w->sum.octets += s->fields[i].value.len;
		frames_field(w, s->fields[i].type, s->fields[i].value);
	}
	frames_end(w);
}

static const struct stream good[] = {
	{ "nothing but a verb", VERB_SUBMIT, { { 0 } }, "1:\1;" },
	{ "all of a submission",
	  VERB_SUBMIT,
	  { { FRAME_FLAGS, BYTES("\3") },
	    { FRAME_SENDER, BYTES("a@b.c") },
	    { FRAME_NAME, BYTES("A B") },
	    { FRAME_RECIPIENT, BYTES("x@y.z") },
	    { FRAME_RECIPIENT, BYTES("u@v.w, r@s.t") },
	    { FRAME_NOTIFY, BYTES("never") },
	    { FRAME_RET, BYTES("HDRS") },
	    { FRAME_ENVID, BYTES("id") },
	    { FRAME_ACCOUNT, BYTES("work") },
	    { FRAME_DELIVERY, BYTES("q") },
	    { FRAME_BODY, BYTES("Subject: x\n\ntext\n") } },
	  "1:\1;2:\3;3:a@b.c;4:A B;5:x@y.z;5:u@v.w, r@s.t;6:never;7:HDRS;8:id;9:work;10:q;" },
	{ "the null sender", VERB_SUBMIT, { { FRAME_SENDER, BYTES("") } }, "1:\1;3:;" },
	{ "a body of two",
	  VERB_SUBMIT,
	  { { FRAME_BODY, BYTES("a\0b") }, { FRAME_BODY, BYTES("\r\n") } },
	  "1:\1;" },
	{ "list", VERB_LIST, { { 0 } }, "1:\2;" },
	{ "list some", VERB_LIST, { { FRAME_SELECT, BYTES("I=A") } }, "1:\2;12:I=A;" },
	{ "flush", VERB_FLUSH, { { FRAME_FLAGS, BYTES("\x20") } }, "1:\3;2:\x20;" },
	{ "flush one", VERB_FLUSH, { { FRAME_ID, BYTES("A") } }, "1:\3;11:A;" },
	{ "show", VERB_SHOW, { { FRAME_ID, BYTES("A1") } }, "1:\4;11:A1;" },
	{ "hold", VERB_HOLD, { { FRAME_ID, BYTES("A1") } }, "1:\5;11:A1;" },
	{ "release", VERB_RELEASE, { { FRAME_ID, BYTES("A1") } }, "1:\6;11:A1;" },
	{ "remove", VERB_REMOVE, { { FRAME_ID, BYTES("A1") } }, "1:\7;11:A1;" },
	{ "a reply",
	  VERB_REPLY,
	  { { FRAME_BODY, BYTES("a list\n") },
	    { FRAME_KIND, BYTES("sent") },
	    { FRAME_SENTENCE, BYTES("all is well") },
	    { FRAME_HINT, BYTES("do nothing") },
	    { FRAME_QUEUED, BYTES("ABC") } },
	  "1:\x8;14:sent;15:all is well;16:do nothing;17:ABC;" },
};

static void check_heard(const struct stream *s, const struct heard *h)
{
	struct buf body = { 0 };
	for (size_t i = 0; i < FIELDS && s->fields[i].type != 0; i++) {
		if (s->fields[i].type == FRAME_BODY)
			buf_add_slice(&body, s->fields[i].value);
	}
	if (strcmp(buf_str(&h->fields), s->expected) != 0)
		fail_msg("%s: heard '%s'", s->name, buf_str(&h->fields));
	assert_int_equal(h->body.len, body.len);
	assert_memory_equal(buf_str(&h->body), buf_str(&body), body.len);
	buf_release(&body);
}

static void test_good_streams(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct frames_writer w;
		write_stream(&good[i], &w);
		for (size_t k = 0; k < COUNT(steps); k++) {
			struct heard h = { 0 };
			struct status st = { 0 };
			if (read_stream(buf_slice(&w.out), steps[k], &h, &st) != 0)
				fail_msg("%s: %s", good[i].name, st.text);
			assert_int_equal(st.kind, STATUS_OK);
			check_heard(&good[i], &h);
			heard_release(&h);
		}
		buf_release(&w.out);
	}
}

static const struct stream bad[] = {
	{ "unknown verb", (enum frame_verb)9, { { 0 } }, "unknown verb 9" },
	{ "verb zero", (enum frame_verb)0, { { 0 } }, "unknown verb 0" },
	{ "a second verb", VERB_LIST, { { FRAME_VERB, BYTES("\2") } }, "verb twice" },
	{ "type zero", VERB_LIST, { { (enum frame_type)256, BYTES("") } }, "unknown frame 0" },
	{ "unknown type", VERB_LIST, { { FRAME_TYPES, BYTES("") } }, "unknown frame 19" },
	{ "type 255", VERB_LIST, { { (enum frame_type)255, BYTES("") } }, "frame 255" },
	{ "sender twice",
	  VERB_SUBMIT,
	  { { FRAME_SENDER, BYTES("a@b.c") }, { FRAME_SENDER, BYTES("") } },
	  "sender twice" },
	{ "sender behind a recipient",
	  VERB_SUBMIT,
	  { { FRAME_RECIPIENT, BYTES("a@b.c") }, { FRAME_SENDER, BYTES("a@b.c") } },
	  "sender twice, or out of order" },
	{ "recipient behind the body",
	  VERB_SUBMIT,
	  { { FRAME_BODY, BYTES("x") }, { FRAME_RECIPIENT, BYTES("a@b.c") } },
	  "out of order" },
	{ "sender of a list", VERB_LIST, { { FRAME_SENDER, BYTES("a@b.c") } }, "not go with" },
	{ "body of a list", VERB_LIST, { { FRAME_BODY, BYTES("x") } }, "not go with" },
	{ "id of a submission", VERB_SUBMIT, { { FRAME_ID, BYTES("A") } }, "not go with" },
	{ "id of a list", VERB_LIST, { { FRAME_ID, BYTES("A") } }, "not go with" },
	{ "selection of one", VERB_SHOW, { { FRAME_SELECT, BYTES("I=A") } }, "not go with" },
	{ "show without an id", VERB_SHOW, { { 0 } }, "lacks the message id" },
	{ "hold without an id", VERB_HOLD, { { 0 } }, "lacks the message id" },
	{ "release without an id", VERB_RELEASE, { { 0 } }, "lacks the message id" },
	{ "remove without an id",
	  VERB_REMOVE,
	  { { FRAME_FLAGS, BYTES("\1") } },
	  "lacks the message id" },
	{ "reply without a kind",
	  VERB_REPLY,
	  { { FRAME_SENTENCE, BYTES("x") } },
	  "lacks the kind" },
	{ "no flags in flags", VERB_SUBMIT, { { FRAME_FLAGS, BYTES("") } }, "of 0 octets" },
	{ "too many flags", VERB_SUBMIT, { { FRAME_FLAGS, BYTES("\1\1") } }, "of 2 octets" },
	{ "an empty id", VERB_SHOW, { { FRAME_ID, BYTES("") } }, "of 0 octets" },
	{ "an empty body", VERB_SUBMIT, { { FRAME_BODY, BYTES("") } }, "body of 0 octets" },
	{ "a selection of nothing", VERB_LIST, { { FRAME_SELECT, BYTES("I=") } }, "2 octets" },
	{ "LF in a sender",
	  VERB_SUBMIT,
	  { { FRAME_SENDER, BYTES("a@b.c\nX: y") } },
	  "sender is no line" },
	{ "CR in a name", VERB_SUBMIT, { { FRAME_NAME, BYTES("a\rb") } }, "name is no line" },
	{ "NUL in a recipient",
	  VERB_SUBMIT,
	  { { FRAME_RECIPIENT, BYTES("a@b.c\0") } },
	  "recipient is no line" },
	{ "LF in a sentence",
	  VERB_REPLY,
	  { { FRAME_KIND, BYTES("sent") }, { FRAME_SENTENCE, BYTES("a\n") } },
	  "sentence is no line" },
	{ "an early end",
	  VERB_SUBMIT,
	  { { FRAME_END, BYTES("\0\0\0\0\0\0\0\0\0\0\0\0") } },
	  "damaged" },
};

static void check_refused(struct slice stream, const char *name, const char *words)
{
	for (size_t k = 0; k < COUNT(steps); k++) {
		struct heard h = { 0 };
		struct status st = { 0 };
		if (read_stream(stream, steps[k], &h, &st) != -1)
			fail_msg("%s: accepted", name);
		assert_int_equal(st.kind, STATUS_BROKEN_PEER);
		if (strstr(st.text, words) == NULL)
			fail_msg("%s: says '%s'", name, st.text);
		heard_release(&h);
	}
}

static void test_bad_streams(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++) {
		struct frames_writer w;
		write_stream(&bad[i], &w);
		check_refused(buf_slice(&w.out), bad[i].name, bad[i].expected);
		buf_release(&w.out);
	}
}

static const struct {
	const char *name;
	struct slice stream;
	const char *words;
} foreign[] = {
	{ "nothing", BYTES(""), "ends before its end" },
	{ "another protocol", BYTES("EHLO x\r\n"), "not of this program" },
	{ "another version", BYTES("PRS2\1\0\0\0\1\2"), "not of this program and version" },
	{ "half a magic", BYTES("PRS"), "ends before its end" },
	{ "no verb first", BYTES("PRS1\3\0\0\0\1a"), "sender before the verb" },
	{ "end first", BYTES("PRS1\x12\0\0\0\xc"), "end before the verb" },
	{ "a huge verb", BYTES("PRS1\1\xff\xff\xff\xff"), "verb of 4294967295 octets" },
	{ "an empty verb", BYTES("PRS1\1\0\0\0\0"), "verb of 0 octets" },
	{ "a huge sender", BYTES("PRS1\1\0\0\0\1\1\3\0\0\x10\1"), "sender of 4097 octets" },
	{ "a huge recipient", BYTES("PRS1\1\0\0\0\1\1\5\0\2\0\1"), "of 131073 octets" },
	{ "a huge body", BYTES("PRS1\1\0\0\0\1\1\xd\0\4\0\1"), "body of 262145 octets" },
	{ "a short end", BYTES("PRS1\1\0\0\0\1\1\x12\0\0\0\xb"), "end of 11 octets" },
};

static void test_foreign_octets(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(foreign); i++)
		check_refused(foreign[i].stream, foreign[i].name, foreign[i].words);
}

/* Whoever writes it may die at any point, and a disk may lose any bit. */
static void test_damage(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(good); i++) {
		struct frames_writer w;
		write_stream(&good[i], &w);
		for (size_t len = 0; len < w.out.len; len++)
			check_refused(slice_n(w.out.data, len), good[i].name,
				      "ends before its end");
		for (size_t bit = 0; bit < w.out.len * 8; bit++) {
			struct heard h = { 0 };
			struct status st = { 0 };
			w.out.data[bit / 8] = (char)(w.out.data[bit / 8] ^ 1 << bit % 8);
			if (read_stream(buf_slice(&w.out), 100000, &h, &st) != -1)
				fail_msg("%s: bit %zu", good[i].name, bit);
			w.out.data[bit / 8] = (char)(w.out.data[bit / 8] ^ 1 << bit % 8);
			heard_release(&h);
		}
		buf_add_char(&w.out, 'x');
		check_refused(buf_slice(&w.out), good[i].name, "more behind its end");
		buf_release(&w.out);
	}
}

static void test_wrong_count(void **state)
{
	(void)state;
	struct frames_writer w = { 0 };
	frames_begin(&w, VERB_SUBMIT);
	frames_body(&w, slice_of("text"));
	w.sum.octets++;
	frames_end(&w);
	check_refused(buf_slice(&w.out), "one octet more", "damaged");
	buf_release(&w.out);
}

static void test_handlers_may_refuse(void **state)
{
	(void)state;
	static const enum frame_type types[] = { FRAME_VERB, FRAME_SENDER, FRAME_BODY };
	struct frames_writer w;
	write_stream(&good[1], &w);
	for (size_t i = 0; i < COUNT(types); i++) {
		struct heard h = { .refuse = types[i] };
		struct status st = { 0 };
		assert_int_equal(read_stream(buf_slice(&w.out), 7, &h, &st), -1);
		assert_int_equal(st.kind, STATUS_NOT_ALLOWED);
		assert_int_equal(h.body.len, 0);
		heard_release(&h);
	}
	buf_release(&w.out);
}

/* COUNT recipients of LEN octets each. */
static int read_recipients(size_t count, size_t len, struct status *st)
{
	struct frames_writer w = { 0 };
	struct heard h = { 0 };
	char *text = malloc(len);
	assert_non_null(text);
	memset(text, 'x', len);
	frames_begin(&w, VERB_SUBMIT);
	for (size_t i = 0; i < count; i++)
		frames_field(&w, FRAME_RECIPIENT, slice_n(text, len));
	frames_end(&w);
	int result = read_stream(buf_slice(&w.out), 100000, &h, st);
	free(text);
	buf_release(&w.out);
	heard_release(&h);
	return result;
}

static void test_limits(void **state)
{
	(void)state;
	struct status st = { 0 };
	assert_int_equal(read_recipients(FRAMES_REPEATS_MAX, 20, &st), 0);
	assert_int_equal(read_recipients(FRAMES_REPEATS_MAX + 1, 20, &st), -1);
	assert_non_null(strstr(st.text, "too many fields"));
	size_t most = FRAMES_FIELDS_MAX / (FRAMES_ARGUMENT_MAX + 5);
	assert_int_equal(read_recipients(most, FRAMES_ARGUMENT_MAX, &st), 0);
	assert_int_equal(read_recipients(most + 1, FRAMES_ARGUMENT_MAX, &st), -1);
	assert_non_null(strstr(st.text, "too many fields"));
}

/* No part of a body is kept, however long it is. */
static void test_large_body(void **state)
{
	(void)state;
	enum { SIZE = 3 * FRAMES_BODY_MAX + 17 };
	struct frames_writer w = { 0 };
	struct heard h = { 0 };
	struct status st = { 0 };
	struct frames f;
	const struct frames_handlers handlers = { &h, hear_field, hear_body };
	char *body = malloc(SIZE);
	assert_non_null(body);
	for (size_t i = 0; i < SIZE; i++)
		body[i] = (char)(i * 7 + i / 251);
	frames_begin(&w, VERB_SUBMIT);
	frames_body(&w, slice_n(body, SIZE));
	frames_body(&w, slice_n(body, 0));
	frames_end(&w);
	frames_init(&f);
	for (size_t at = 0; at < w.out.len; at += 1000) {
		assert_false(frames_done(&f));
		assert_int_equal(frames_feed(&f, slice_cut(buf_slice(&w.out), at, at + 1000),
					     &handlers, &st),
				 0);
		assert_true(f.part.room < 4096);
	}
	assert_true(frames_done(&f));
	assert_int_equal(f.verb, VERB_SUBMIT);
	assert_int_equal(f.sum.octets, SIZE);
	assert_int_equal(h.body.len, SIZE);
	assert_memory_equal(h.body.data, body, SIZE);
	frames_release(&f);
	heard_release(&h);
	buf_release(&w.out);
	free(body);
}

/* The octets themselves are the protocol: other versions of the program read them. */
static void test_octets(void **state)
{
	(void)state;
	static const char expected[] = "PRS1"
				       "\x01\0\0\0\x01\x01"
				       "\x03\0\0\0\x05"
				       "a@b.c"
				       "\x0d\0\0\0\x02"
				       "hi"
				       "\x12\0\0\0\x0c"
				       "\0\0\0\0\0\0\0\x02";
	struct frames_writer w = { 0 };
	size_t len = sizeof expected - 1, end = len - 8 - 5;
	frames_begin(&w, VERB_SUBMIT);
	frames_field(&w, FRAME_SENDER, slice_of("a@b.c"));
	frames_body(&w, slice_of("hi"));
	frames_end(&w);
	assert_int_equal(w.out.len, len + 4);
	assert_memory_equal(w.out.data, expected, len);
	uint32_t crc = crc32c(0, slice_n(expected, end));
	for (size_t i = 0; i < 4; i++)
		assert_int_equal((unsigned char)w.out.data[len + i], crc >> (24 - 8 * i) & 255);
	buf_release(&w.out);
}

/* A writer may empty its buffer whenever it likes. */
static void test_writer_in_pieces(void **state)
{
	(void)state;
	struct frames_writer w = { 0 };
	struct buf all = { 0 };
	struct heard h = { 0 };
	struct status st = { 0 };
	frames_begin(&w, VERB_SUBMIT);
	for (int i = 0; i < 3; i++) {
		frames_body(&w, slice_of("some text\n"));
		buf_add_slice(&all, buf_slice(&w.out));
		buf_reset(&w.out);
	}
	frames_end(&w);
	buf_add_slice(&all, buf_slice(&w.out));
	assert_int_equal(read_stream(buf_slice(&all), 4, &h, &st), 0);
	assert_string_equal(buf_str(&h.body), "some text\nsome text\nsome text\n");
	heard_release(&h);
	buf_release(&w.out);
	buf_release(&all);
}

static const struct {
	enum frame_type type;
	struct slice value;
	const char *words; /* NULL: fits */
} checks[] = {
	{ FRAME_SENDER, BYTES(""), NULL },
	{ FRAME_SENDER, BYTES("a@b.c"), NULL },
	{ FRAME_SENDER, BYTES("a\nb"), "the sender holds a line end" },
	{ FRAME_RECIPIENT, BYTES("a\r"), "the recipient holds a line end" },
	{ FRAME_ACCOUNT, BYTES(""), "the account takes 1 to 256 bytes, not 0" },
	{ FRAME_ID, BYTES("12345678901234567890123456789012345678901234567890123456789012345"),
	  "the message id takes 1 to 64 bytes, not 65" },
	{ FRAME_BODY, BYTES("\0\r\n"), NULL },
};

static void test_check_before_writing(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(checks); i++) {
		struct status st = { 0 };
		int result = frames_check(checks[i].type, checks[i].value, &st);
		assert_int_equal(result, checks[i].words == NULL ? 0 : -1);
		if (checks[i].words == NULL)
			continue;
		assert_int_equal(st.kind, STATUS_BAD_USAGE);
		assert_non_null(strstr(st.text, checks[i].words));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good_streams),
		cmocka_unit_test(test_bad_streams),
		cmocka_unit_test(test_foreign_octets),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_wrong_count),
		cmocka_unit_test(test_handlers_may_refuse),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_large_body),
		cmocka_unit_test(test_octets),
		cmocka_unit_test(test_writer_in_pieces),
		cmocka_unit_test(test_check_before_writing),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
