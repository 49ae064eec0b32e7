/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/handoff.h"

#include "base/mem.h"
#include "config/account.h"
#include "config/request_case.h"

#include <stdlib.h>

static int take_field(void *context, enum frame_type type, struct slice value,
		      struct status *st)
{
	return handoff_decode_request(context, type, value, st);
}

static int take_reply_field(void *context, enum frame_type type, struct slice value,
			    struct status *st)
{
	return handoff_decode_reply(context, type, value, st);
}

static int skip_body(void *context, struct slice piece, struct status *st)
{
	(void)context;
	(void)piece;
	(void)st;
	return 0;
}

static int read_frames(struct slice stream, const struct frames_handlers *h, struct status *st)
{
	struct frames f;
	frames_init(&f);
	int result = frames_feed(&f, stream, h, st);
	if (result == 0)
		result = frames_finish(&f, st);
	frames_release(&f);
	return result;
}

/* What the service makes of STREAM. */
static int read_request(struct slice stream, struct request *r, struct status *st)
{
	const struct frames_handlers h = { r, take_field, skip_body };
	return read_frames(stream, &h, st);
}

/* R on its way to the service, where it is GOT. */
static int travel(const struct request *r, struct request *got, struct status *st)
{
	struct frames_writer w = { 0 };
	*got = (struct request){ 0 };
	int result = handoff_encode_request(r, &w, st);
	if (result == 0) {
		frames_end(&w);
		result = read_request(buf_slice(&w.out), got, st);
	}
	buf_release(&w.out);
	return result;
}

static const struct good submissions[] = {
	{ "recipients", { S, "a@b.c", "d@e.f, g@h.i" }, "send to=<a@b.c> to=<d@e.f, g@h.i>" },
	{ "none", { S, "-t" }, "send t" },
	{ "flags", { S, "-t", "-i", "-v", "-oem" }, "send t i v keep" },
	{ "sender", { S, "-f", "a@b.c", "-t" }, "send t from=<a@b.c>" },
	{ "null sender", { S, "-f", "<>", "-t" }, "send t from=<>" },
	{ "empty sender", { S, "-f", "", "-t" }, "send t from=<>" },
	{ "full name",
	  { S, "-F", "Zo\xc3\xab \"Z\" M", "-t" },
	  "send t name=<Zo\xc3\xab \"Z\" M>" },
	{ "empty full name", { S, "-F", "", "-t" }, "send t name=<>" },
	{ "notices",
	  { S, "-N", "delay,success,failure", "-R", "full", "-V", "my id", "-t" },
	  "send t success failure delay ret=<FULL> envid=<my id>" },
	{ "no notices", { S, "-N", "never", "-R", "HDRS", "-t" }, "send t never ret=<HDRS>" },
	{ "account", { "postrider", "-a", "work", "-t" }, "send t account=<work>" },
	{ "json", { "postrider", "--json", "-t" }, "send t json" },
	{ "own settings stay here",
	  { "postrider", "--config=/x", "--dry-run", "--host=evil.example", "-t" },
	  "send t" },
	{ "an empty recipient", { S, "" }, "send to=<>" },
	{ "list", { "mailq" }, "list" },
	{ "flush", { S, "-q", "-v" }, "flush v" },
};

static void test_requests_arrive(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(submissions); i++) {
		struct fixture f;
		struct request got;
		struct buf text = { 0 };
		struct status st = { 0 };
		assert_int_equal(parse(&f, submissions[i].args), 0);
		if (travel(&f.request, &got, &st) != 0)
			fail_msg("%s: %s", submissions[i].name, st.text);
		describe(&got, &text);
		if (strcmp(buf_str(&text), submissions[i].expected) != 0)
			fail_msg("%s: got '%s'", submissions[i].name, buf_str(&text));
		assert_int_equal(got.as, AS_SENDMAIL);
		assert_int_equal(got.delivery, -1);
		assert_null(got.queue_id);
		buf_release(&text);
		request_release(&got);
		request_release(&f.request);
	}
}

static void test_no_sender_is_not_an_empty_one(void **state)
{
	(void)state;
	struct request r = { .mode = MODE_SEND, .delivery = -1 }, got;
	struct status st;
	assert_int_equal(travel(&r, &got, &st), 0);
	assert_null(got.sender);
	assert_null(got.full_name);
	request_release(&got);
}

static void test_ways_of_delivery(void **state)
{
	(void)state;
	for (int delivery = -1; delivery <= DELIVERY_QUEUE; delivery++) {
		struct request r = { .mode = MODE_SEND, .delivery = delivery }, got;
		struct status st;
		assert_int_equal(travel(&r, &got, &st), 0);
		assert_int_equal(got.delivery, delivery);
		request_release(&got);
	}
}

static void test_one_message(void **state)
{
	(void)state;
	static const enum request_mode modes[] = { MODE_SHOW_MESSAGE, MODE_HOLD, MODE_RELEASE,
						   MODE_REMOVE, MODE_FLUSH };
	for (size_t i = 0; i < COUNT(modes); i++) {
		char id[] = "06E8KZ3QWXC5BN2VYT9MH4RA";
		struct request r = { .mode = modes[i], .queue_id = id, .all = true }, got;
		struct status st;
		assert_int_equal(travel(&r, &got, &st), 0);
		assert_int_equal(got.mode, modes[i]);
		assert_string_equal(got.queue_id, id);
		assert_true(got.all);
		request_release(&got);
	}
}

static void test_selection(void **state)
{
	(void)state;
	char one[] = "ABC", two[] = "@example.com", three[] = "!x=y z";
	struct selector rules[] = {
		{ SELECT_ID, false, one },
		{ SELECT_RECIPIENT, true, two },
		{ SELECT_SENDER, false, three },
	};
	static const enum request_mode modes[] = { MODE_LIST, MODE_FLUSH };
	for (size_t i = 0; i < COUNT(modes); i++) {
		struct request r = { .mode = modes[i], .selection = { rules, 3, 3 } }, got;
		struct status st;
		assert_int_equal(travel(&r, &got, &st), 0);
		assert_int_equal(got.selection.count, 3);
		for (size_t k = 0; k < 3; k++) {
			assert_int_equal(got.selection.at[k].by, rules[k].by);
			assert_int_equal(got.selection.at[k].negated, rules[k].negated);
			assert_string_equal(got.selection.at[k].text, rules[k].text);
		}
		request_release(&got);
	}
}

static const struct {
	const char *name;
	enum request_mode mode;
	const char *sender, *full_name, *recipient, *id;
	const char *words;
} unfit[] = {
	{ "a mode of its own", MODE_CHECK, NULL, NULL, NULL, NULL, "nothing of that kind" },
	{ "verify", MODE_VERIFY, NULL, NULL, "a@b.c", NULL, "nothing of that kind" },
	{ "serve", MODE_SERVE, NULL, NULL, NULL, NULL, "nothing of that kind" },
	{ "LF in the sender", MODE_SEND, "a@b.c\n", NULL, NULL, NULL, "the sender holds" },
	{ "CR in the name", MODE_SEND, NULL, "a\rb", NULL, NULL, "the full name holds" },
	{ "LF in a recipient", MODE_SEND, NULL, NULL, "a,\nb", NULL, "the recipient holds" },
	{ "an empty id", MODE_SHOW_MESSAGE, NULL, NULL, NULL, "", "the message id takes" },
};

static void test_what_fits_into_no_field(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(unfit); i++) {
		struct request r = { .mode = unfit[i].mode, .delivery = -1 }, got;
		struct status st = { 0 };
		r.sender = mem_copy(unfit[i].sender);
		r.full_name = mem_copy(unfit[i].full_name);
		r.queue_id = mem_copy(unfit[i].id);
		if (unfit[i].recipient != NULL)
			strings_add(&r.recipients, unfit[i].recipient);
		if (travel(&r, &got, &st) != -1)
			fail_msg("%s: accepted", unfit[i].name);
		assert_int_equal(st.kind, STATUS_BAD_USAGE);
		if (strstr(st.text, unfit[i].words) == NULL)
			fail_msg("%s: says '%s'", unfit[i].name, st.text);
		request_release(&r);
		request_release(&got);
	}
}

/* What is written is what is taken, up to the last octet. */
static void test_many_recipients(void **state)
{
	(void)state;
	static const struct {
		size_t count, len;
		bool fits;
	} cases[] = {
		{ FRAMES_REPEATS_MAX, 20, true },      { FRAMES_REPEATS_MAX + 1, 20, false },
		{ 29, FRAMES_ARGUMENT_MAX, true },     { 30, FRAMES_ARGUMENT_MAX, false },
		{ 1, FRAMES_ARGUMENT_MAX + 1, false },
	};
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct request r = { .mode = MODE_SEND, .delivery = -1 };
		struct frames_writer w = { 0 };
		struct status st;
		char *text = malloc(cases[i].len + 1);
		assert_non_null(text);
		memset(text, 'x', cases[i].len);
		text[cases[i].len] = '\0';
		for (size_t k = 0; k < cases[i].count; k++)
			strings_add(&r.recipients, text);
		assert_int_equal(handoff_encode_request(&r, &w, &st), cases[i].fits ? 0 : -1);
		free(text);
		buf_release(&w.out);
		request_release(&r);
	}
}

#define BYTES(text)                                                                            \
	{                                                                                      \
		text, sizeof text - 1                                                          \
	}

/* What no honest caller writes. */
static const struct {
	const char *name;
	enum frame_verb verb;
	enum frame_type type;
	struct slice value;
	enum status_kind kind;
	const char *words;
} dishonest[] = {
	{ "a reply", VERB_REPLY, FRAME_KIND, BYTES("sent"), STATUS_BROKEN_PEER, "it is none" },
	{ "no flag", VERB_SUBMIT, FRAME_FLAGS, BYTES("\0"), STATUS_BROKEN_PEER, "flags" },
	{ "an unknown flag", VERB_SUBMIT, FRAME_FLAGS, BYTES("\x40"), STATUS_BROKEN_PEER,
	  "flags" },
	{ "another unknown flag", VERB_LIST, FRAME_FLAGS, BYTES("\x81"), STATUS_BROKEN_PEER,
	  "flags" },
	{ "a dash in front of the sender", VERB_SUBMIT, FRAME_SENDER, BYTES("-oQ/tmp@b.c"),
	  STATUS_BAD_USAGE, "leading dash" },
	{ "a dash in front of a recipient", VERB_SUBMIT, FRAME_RECIPIENT, BYTES("-f@b.c"),
	  STATUS_BAD_USAGE, "leading dash" },
	{ "a dash inside a list", VERB_SUBMIT, FRAME_RECIPIENT, BYTES("a@b.c, <-f@b.c>"),
	  STATUS_BAD_USAGE, "leading dash" },
	{ "no address", VERB_SUBMIT, FRAME_RECIPIENT, BYTES("a@@b"), STATUS_BAD_USAGE, "a@@b" },
	{ "a control character", VERB_SUBMIT, FRAME_RECIPIENT, BYTES("a\x1b@b.c"),
	  STATUS_BAD_USAGE, "control character" },
	{ "a strange notice", VERB_SUBMIT, FRAME_NOTIFY, BYTES("always"), STATUS_BAD_USAGE,
	  "-N takes" },
	{ "never and more", VERB_SUBMIT, FRAME_NOTIFY, BYTES("never,delay"), STATUS_BAD_USAGE,
	  "-N takes" },
	{ "a strange return", VERB_SUBMIT, FRAME_RET, BYTES("all"), STATUS_BAD_USAGE,
	  "-R takes" },
	{ "a strange envelope id", VERB_SUBMIT, FRAME_ENVID, BYTES("\xc3\xa4"),
	  STATUS_BAD_USAGE, "-V takes" },
	{ "a strange delivery", VERB_SUBMIT, FRAME_DELIVERY, BYTES("x"), STATUS_BROKEN_PEER,
	  "way of delivery" },
	{ "a NUL for a delivery", VERB_SUBMIT, FRAME_DELIVERY, BYTES("\0"), STATUS_BROKEN_PEER,
	  "way of delivery" },
	{ "a path for an id", VERB_SHOW, FRAME_ID, BYTES("../x"), STATUS_BAD_USAGE, "no id" },
	{ "small letters in an id", VERB_SHOW, FRAME_ID, BYTES("abc"), STATUS_BAD_USAGE,
	  "no id" },
	{ "an unknown selection", VERB_LIST, FRAME_SELECT, BYTES("X=a"), STATUS_BROKEN_PEER,
	  "selection" },
	{ "a selection without a sign", VERB_LIST, FRAME_SELECT, BYTES("Iab"),
	  STATUS_BROKEN_PEER, "selection" },
};

static void test_the_caller_is_not_believed(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(dishonest); i++) {
		struct frames_writer w = { 0 };
		struct request got = { 0 };
		struct status st = { 0 };
		frames_begin(&w, dishonest[i].verb);
		frames_field(&w, dishonest[i].type, dishonest[i].value);
		frames_end(&w);
		if (read_request(buf_slice(&w.out), &got, &st) != -1)
			fail_msg("%s: accepted", dishonest[i].name);
		if (st.kind != dishonest[i].kind || strstr(st.text, dishonest[i].words) == NULL)
			fail_msg("%s: says '%s'", dishonest[i].name, st.text);
		request_release(&got);
		buf_release(&w.out);
	}
}

static int reply_travel(const struct handoff_reply *reply, struct handoff_reply *got,
			struct status *st)
{
	struct frames_writer w = { 0 };
	const struct frames_handlers h = { got, take_reply_field, skip_body };
	*got = (struct handoff_reply){ 0 };
	frames_begin(&w, VERB_REPLY);
	frames_body(&w, slice_of("something to print\n"));
	handoff_encode_reply(reply, &w);
	int result = read_frames(buf_slice(&w.out), &h, st);
	buf_release(&w.out);
	return result;
}

static void test_replies_arrive(void **state)
{
	(void)state;
	char large[2000];
	memset(large, 'x', sizeof large - 1);
	large[sizeof large - 1] = '\0';
	for (int kind = 0; kind < STATUS_KINDS; kind++) {
		struct handoff_reply reply = { 0 }, got;
		struct status st = { 0 };
		status_set(&reply.st, (enum status_kind)kind, "%s", large);
		status_hint(&reply.st, "%s", large);
		reply.id = queue_id_new();
		assert_int_equal(reply_travel(&reply, &got, &st), 0);
		assert_int_equal(got.st.kind, kind);
		assert_string_equal(got.st.text, reply.st.text);
		assert_string_equal(got.st.hint, reply.st.hint);
		assert_string_equal(got.id.text, reply.id.text);
	}
}

static void test_a_reply_of_few_words(void **state)
{
	(void)state;
	struct handoff_reply reply = { .st.kind = STATUS_QUEUED }, got;
	struct status st = { 0 };
	assert_int_equal(reply_travel(&reply, &got, &st), 0);
	assert_int_equal(got.st.kind, STATUS_QUEUED);
	assert_string_equal(got.st.text, "");
	assert_string_equal(got.id.text, "");
	reply.st.kind = STATUS_REJECTED;
	status_hint(&reply.st, "do it right");
	assert_int_equal(reply_travel(&reply, &got, &st), 0);
	assert_int_equal(got.st.kind, STATUS_REJECTED);
	assert_string_equal(got.st.hint, "do it right");
}

/* Whoever listens there may not be the service. */
static const struct {
	const char *name;
	enum frame_verb verb;
	struct slice kind, sentence, id;
	const char *words; /* NULL: fine */
	const char *text;
} strange_replies[] = {
	{ "a request", VERB_SUBMIT, BYTES(""), BYTES(""), BYTES(""), "it is none", NULL },
	{ "an unknown kind", VERB_REPLY, BYTES("fine"), BYTES(""), BYTES(""), "unknown result",
	  NULL },
	{ "an id that is none", VERB_REPLY, BYTES("sent"), BYTES(""), BYTES("\x1b[2J"),
	  "unknown field", NULL },
	{ "what a terminal obeys", VERB_REPLY, BYTES("rejected"), BYTES("a\x1b[2Jb"), BYTES(""),
	  NULL, "a?[2Jb" },
};

static void test_the_service_is_not_believed(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(strange_replies); i++) {
		struct frames_writer w = { 0 };
		struct handoff_reply got = { 0 };
		struct status st = { 0 };
		const struct frames_handlers h = { &got, take_reply_field, skip_body };
		frames_begin(&w, strange_replies[i].verb);
		if (strange_replies[i].kind.len != 0)
			frames_field(&w, FRAME_KIND, strange_replies[i].kind);
		if (strange_replies[i].sentence.len != 0)
			frames_field(&w, FRAME_SENTENCE, strange_replies[i].sentence);
		if (strange_replies[i].id.len != 0)
			frames_field(&w, FRAME_QUEUED, strange_replies[i].id);
		frames_end(&w);
		const char *words = strange_replies[i].words;
		assert_int_equal(read_frames(buf_slice(&w.out), &h, &st),
				 words == NULL ? 0 : -1);
		if (words != NULL && strstr(st.text, words) == NULL)
			fail_msg("%s: says '%s'", strange_replies[i].name, st.text);
		if (words == NULL)
			assert_string_equal(got.st.text, strange_replies[i].text);
		buf_release(&w.out);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_requests_arrive),
		cmocka_unit_test(test_no_sender_is_not_an_empty_one),
		cmocka_unit_test(test_ways_of_delivery),
		cmocka_unit_test(test_one_message),
		cmocka_unit_test(test_selection),
		cmocka_unit_test(test_what_fits_into_no_field),
		cmocka_unit_test(test_many_recipients),
		cmocka_unit_test(test_the_caller_is_not_believed),
		cmocka_unit_test(test_replies_arrive),
		cmocka_unit_test(test_a_reply_of_few_words),
		cmocka_unit_test(test_the_service_is_not_believed),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
