/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_file.h"

#include "queue/queue_case.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define CONTENT "Subject: x\r\n\r\n.text\r\n"

static void make_least(struct queue_entry *e)
{
	queue_case_entry(e, 1, CONTENT);
	free(e->message.id);
	e->message.id = NULL;
	e->envelope.sender[0] = '\0';
	e->uid = 0;
	e->created = 0;
	e->next = 0;
}

static void assert_same_text(const char *a, const char *b)
{
	assert_int_equal(a == NULL, b == NULL);
	if (a != NULL)
		assert_string_equal(a, b);
}

static void assert_same_facts(const struct facts *a, const struct facts *b)
{
	assert_int_equal(a->size, b->size);
	assert_int_equal(a->longest_line, b->longest_line);
	assert_int_equal(a->eight_bit, b->eight_bit);
	assert_int_equal(a->nul, b->nul);
	assert_int_equal(a->dot_line, b->dot_line);
}

static void assert_same_envelope(const struct envelope *a, const struct envelope *b)
{
	assert_same_text(a->sender, b->sender);
	assert_int_equal(a->count, b->count);
	for (size_t i = 0; i < a->count; i++)
		assert_string_equal(a->at[i].address, b->at[i].address);
	assert_int_equal(a->notify, b->notify);
	assert_same_text(a->ret, b->ret);
	assert_same_text(a->envid, b->envid);
	assert_int_equal(a->wishes.require_tls, b->wishes.require_tls);
	assert_int_equal(a->wishes.hold_for, b->wishes.hold_for);
	assert_int_equal(a->wishes.deliver_by, b->wishes.deliver_by);
	assert_int_equal(a->wishes.priority, b->wishes.priority);
}

static void assert_same(const struct queue_entry *a, const struct queue_entry *b)
{
	assert_string_equal(a->id.text, b->id.text);
	assert_int_equal(a->origin, b->origin);
	assert_int_equal(a->uid, b->uid);
	assert_int_equal(a->created, b->created);
	assert_int_equal(a->attempts, b->attempts);
	assert_int_equal(a->next, b->next);
	assert_int_equal(a->state, b->state);
	assert_int_equal(a->warned, b->warned);
	assert_same_text(a->account, b->account);
	assert_same_text(a->parent, b->parent);
	assert_same_envelope(&a->envelope, &b->envelope);
	assert_memory_equal(a->marks, b->marks, a->envelope.count);
	assert_same_facts(&a->message.head, &b->message.head);
	assert_same_facts(&a->message.body, &b->message.body);
	assert_same_facts(&a->message.facts, &b->message.facts);
	assert_same_text(a->message.id, b->message.id);
	assert_int_equal(a->checksum, b->checksum);
}

static void test_what_is_written_is_read(void **state)
{
	(void)state;
	void (*const makers[])(struct queue_entry *) = { queue_case_full, make_least };
	for (size_t i = 0; i < sizeof makers / sizeof makers[0]; i++) {
		struct queue_entry e, got;
		struct buf text = { 0 };
		struct status st;
		size_t len = 0;
		makers[i](&e);
		queue_case_header(&e, &text);
		buf_add_str(&text, "content");
		assert_true(queue_file_find_header(buf_slice(&text), &len));
		assert_int_equal(len, text.len - strlen("content"));
		if (queue_case_parse(slice_n(text.data, len), &got, &st) != 0)
			fail_msg("%s", st.text);
		assert_same(&e, &got);
		assert_int_equal(got.head, len);
		for (size_t k = 0; k < got.envelope.count; k++)
			assert_int_equal(text.data[got.places[k]], got.marks[k]);
		assert_memory_equal(got.saved, got.marks, got.envelope.count);
		queue_entry_release(&got);
		queue_entry_release(&e);
		buf_release(&text);
	}
}

/* The text itself: it is read by later versions, and by people. */
static void test_the_text(void **state)
{
	(void)state;
	struct queue_entry e;
	struct buf text = { 0 };
	queue_case_full(&e);
	memcpy(e.id.text, "1K4A2B3C4D5E6F7G8H9J0KMN", QUEUE_ID_LENGTH);
	queue_case_header(&e, &text);
	queue_file_trailer(&e, &text);
	assert_string_equal(buf_str(&text),
			    "PR1 1K4A2B3C4D5E6F7G8H9J0KMN\n"
			    "A 65535 999999999999 a w\n"
			    "T 001800000000 4294967294 report\n"
			    "B 000000000000021 deadbeef\n"
			    "H 000000000000014 000000000000010 -0-\n"
			    "M 000000000000007 000000000000005 8-.\n"
			    "X work & play\n"
			    "P 0123456789ABCDEFGHJKMNPQ\n"
			    "I <1@x.test>\n"
			    "N 10 HDRS\n"
			    "W 1 2147483647 -86400 -9\n"
			    "V id + = ~\n"
			    "F me@x.test\n"
			    "R ? r0@x.test\n"
			    "R D r1@x.test\n"
			    "R F r2@x.test\n"
			    "R B r3@x.test\n"
			    "K 9bdfd721\n"
			    "\n"
			    "\nEND 1K4A2B3C4D5E6F7G8H9J0KMN 000000000000021 deadbeef\n");
	buf_release(&text);
	queue_entry_release(&e);
}

static void test_marked_ones_are_decided(void **state)
{
	(void)state;
	struct queue_entry e, got;
	struct buf text = { 0 };
	struct status st;
	queue_case_full(&e);
	queue_case_header(&e, &text);
	assert_int_equal(queue_case_parse(buf_slice(&text), &got, &st), 0);
	const struct recipient *at = got.envelope.at;
	assert_false(at[0].decided);
	assert_true(at[1].decided && at[1].kind == STATUS_OK);
	assert_true(at[2].decided && recipient_is_refused(&at[2]));
	assert_true(at[3].decided && !recipient_is_refused(&at[3]));
	assert_false(queue_entry_is_done(&got));
	memcpy(got.marks, "DDBB", 4);
	assert_true(queue_entry_is_done(&got));
	assert_int_equal(queue_entry_count(&got, MARK_TOLD), 2);
	queue_entry_release(&got);
	queue_entry_release(&e);
	buf_release(&text);
}

/* So it can be written before the message is known. */
static void test_length_is_independent_of_numbers(void **state)
{
	(void)state;
	struct queue_entry e;
	struct buf text = { 0 };
	queue_case_entry(&e, 3, CONTENT);
	queue_case_header(&e, &text);
	size_t before = text.len;
	e.checksum = UINT32_MAX;
	e.attempts = 99999;
	e.next = INT64_MAX;
	e.created = 253402300799;
	e.uid = UINT32_MAX;
	e.state = QUEUE_HELD;
	e.warned = true;
	e.origin = FROM_SMTP;
	e.message.head = (struct facts){ 999999999999999, 999999999999999, true, true, true };
	e.message.body = e.message.facts = e.message.head;
	memset(e.marks, MARK_DELIVERED, 3);
	queue_case_header(&e, &text);
	assert_int_equal(text.len, before);
	queue_entry_release(&e);
	buf_release(&text);
}

static void test_tries_have_one_width(void **state)
{
	(void)state;
	static const struct {
		unsigned attempts;
		int64_t next;
		const char *text;
	} cases[] = {
		{ 0, 0, "00000 000000000000 q -" },
		{ 65535, 999999999999, "65535 999999999999 q -" },
		{ 65536, 1000000000000, "65535 999999999999 q -" },
		{ UINT32_MAX, INT64_MAX, "65535 999999999999 q -" },
		{ 1, -1, "00001 000000000000 q -" },
		{ 1, INT64_MIN, "00001 000000000000 q -" },
	};
	for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
		struct queue_entry e;
		struct buf text = { 0 };
		queue_entry_init(&e);
		e.attempts = cases[i].attempts;
		e.next = cases[i].next;
		queue_file_tries(&e, &text);
		assert_string_equal(buf_str(&text), cases[i].text);
		buf_release(&text);
	}
}

/* Text of others becomes one printable line before it gets here, and is kept so. */
static void test_message_id(void **state)
{
	(void)state;
	struct queue_entry e, got;
	struct buf text = { 0 }, long_id = { 0 };
	struct status st;
	queue_case_entry(&e, 1, CONTENT);
	buf_add_str(&long_id, "<a\r\nR ? evil@x.test\tb\x01");
	for (size_t i = 0; i < 2000; i++)
		buf_add_char(&long_id, 'x');
	free(e.message.id);
	e.message.id = buf_take(&long_id);
	queue_case_header(&e, &text);
	assert_int_equal(queue_case_parse(buf_slice(&text), &got, &st), 0);
	assert_int_equal(got.envelope.count, 1);
	assert_int_equal(strlen(got.message.id), 998);
	assert_memory_equal(got.message.id, "<a??R ? evil@x.test b?xxx", 25);
	queue_entry_release(&got);
	queue_entry_release(&e);
	buf_release(&text);
}

static void test_trailer(void **state)
{
	(void)state;
	struct queue_entry e;
	struct buf text = { 0 }, trailer = { 0 };
	queue_case_entry(&e, 2, CONTENT);
	queue_case_header(&e, &text);
	queue_file_places(buf_slice(&text), &e);
	queue_file_trailer(&e, &trailer);
	assert_int_equal(queue_file_size(&e), text.len + strlen(CONTENT) + trailer.len);
	assert_true(queue_file_trailer_is(&e, buf_slice(&trailer)));
	assert_false(queue_file_trailer_is(&e, slice_n(trailer.data, trailer.len - 1)));
	for (size_t i = 0; i < trailer.len; i++) {
		trailer.data[i] = (char)(trailer.data[i] ^ 1);
		assert_false(queue_file_trailer_is(&e, buf_slice(&trailer)));
		trailer.data[i] = (char)(trailer.data[i] ^ 1);
	}
	queue_entry_release(&e);
	buf_release(&text);
	buf_release(&trailer);
}

static void test_ten_thousand(void **state)
{
	(void)state;
	enum { MANY = 10000 };
	struct queue_entry e, got;
	struct buf text = { 0 };
	struct status st;
	queue_case_entry(&e, MANY, CONTENT);
	for (size_t i = 0; i < MANY; i++)
		e.marks[i] = "?DFB"[i % 4];
	queue_case_header(&e, &text);
	assert_int_equal(queue_case_parse(buf_slice(&text), &got, &st), 0);
	assert_int_equal(got.envelope.count, MANY);
	assert_memory_equal(got.marks, e.marks, MANY);
	assert_int_equal(text.data[got.places[MANY - 1]], 'B');
	queue_entry_release(&got);
	queue_entry_release(&e);
	buf_release(&text);
}

static void test_release_twice(void **state)
{
	(void)state;
	struct queue_entry e;
	queue_case_full(&e);
	queue_entry_release(&e);
	queue_entry_release(&e);
	assert_int_equal(e.fd, -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_written_is_read),
		cmocka_unit_test(test_the_text),
		cmocka_unit_test(test_marked_ones_are_decided),
		cmocka_unit_test(test_length_is_independent_of_numbers),
		cmocka_unit_test(test_tries_have_one_width),
		cmocka_unit_test(test_message_id),
		cmocka_unit_test(test_trailer),
		cmocka_unit_test(test_ten_thousand),
		cmocka_unit_test(test_release_twice),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
