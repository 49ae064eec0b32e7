/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ticket_file.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NOW = 1800000000, DAY = 24 * 60 * 60 };

static const char session[] = "bytes\0of\na session\n";

static struct ticket_file sample(void)
{
	return (struct ticket_file){
		.name = "abc.ticket",
		.until = NOW + DAY,
		.facts = { .subject = "CN=mail.example.org",
			   .issuer = "CN=Ünited,O=x",
			   .expires = NOW + 30 * DAY,
			   .verified = "file /etc/ca.pem" },
		.session = { session, sizeof session - 1 },
	};
}

static bool reads(struct slice content, const char *name, time_t now)
{
	struct ticket_file f = { .name = name };
	char *copy = malloc(content.len); /* of the very size, for the sanitizer */
	if (content.len != 0)
		memcpy(copy, content.data, content.len);
	bool done = ticket_file_read(&f, slice_n(copy, content.len), now);
	free(copy);
	return done;
}

static void test_round(void **state)
{
	(void)state;
	struct buf out = { 0 };
	struct ticket_file f = sample(), got = { .name = "abc.ticket" };
	buf_add_str(&out, "before");
	ticket_file_write(&f, &out);
	buf_drop(&out, strlen("before"));
	assert_true(ticket_file_read(&got, buf_slice(&out), NOW));
	assert_true(got.until == f.until && got.facts.expires == f.facts.expires);
	assert_string_equal(got.facts.subject, f.facts.subject);
	assert_string_equal(got.facts.issuer, f.facts.issuer);
	assert_string_equal(got.facts.verified, f.facts.verified);
	assert_false(got.facts.resumed);
	assert_int_equal(got.session.len, sizeof session - 1);
	assert_memory_equal(got.session.data, session, got.session.len);
	buf_release(&out);
}

/* A line end in a fact would be a line of its own. */
static void test_facts_stay_in_their_lines(void **state)
{
	(void)state;
	struct buf out = { 0 };
	struct ticket_file f = sample(), got = { .name = "abc.ticket" };
	memcpy(f.facts.issuer, "one\ntwo", sizeof "one\ntwo");
	f.facts.subject[0] = '\0';
	memset(f.facts.verified, 'v', sizeof f.facts.verified - 1);
	ticket_file_write(&f, &out);
	assert_true(ticket_file_read(&got, buf_slice(&out), NOW));
	assert_string_equal(got.facts.subject, "");
	assert_string_equal(got.facts.issuer, "one");
	assert_string_equal(got.facts.verified, f.facts.verified);
	buf_release(&out);
}

static const struct {
	const char *what;
	time_t now;
	bool taken;
} times[] = {
	{ "at once", NOW, true },
	{ "a second before its end", NOW + DAY - 1, true },
	{ "at its end", NOW + DAY, false },
	{ "later", NOW + 100 * DAY, false },
	{ "a week before its end", NOW + DAY - TICKET_SECONDS, true },
	{ "made in the future", NOW + DAY - TICKET_SECONDS - 1, false },
	{ "the clock stands still", 0, false },
};

static void test_time(void **state)
{
	(void)state;
	struct buf out = { 0 };
	struct ticket_file f = sample();
	ticket_file_write(&f, &out);
	for (size_t i = 0; i < sizeof times / sizeof *times; i++) {
		if (reads(buf_slice(&out), "abc.ticket", times[i].now) != times[i].taken)
			fail_msg("%s", times[i].what);
	}
	buf_release(&out);
}

static void test_damage(void **state)
{
	(void)state;
	struct buf out = { 0 };
	struct ticket_file f = sample();
	ticket_file_write(&f, &out);
	assert_true(reads(buf_slice(&out), "abc.ticket", NOW));
	assert_false(reads(buf_slice(&out), "abd.ticket", NOW));
	for (size_t len = 0; len < out.len; len++)
		assert_false(reads(slice_n(out.data, len), "abc.ticket", NOW));
	for (size_t i = 0; i < out.len * 8; i++) {
		out.data[i / 8] = (char)(out.data[i / 8] ^ 1 << i % 8);
		assert_false(reads(buf_slice(&out), "abc.ticket", NOW));
		out.data[i / 8] = (char)(out.data[i / 8] ^ 1 << i % 8);
	}
	buf_add_char(&out, '\n');
	assert_false(reads(buf_slice(&out), "abc.ticket", NOW));
	buf_release(&out);
}

/* Whole, but not what ticket_file_write writes. */
static void test_no_session(void **state)
{
	(void)state;
	struct buf out = { 0 };
	struct ticket_file f = sample();
	f.session.len = 0;
	ticket_file_write(&f, &out);
	assert_false(reads(buf_slice(&out), "abc.ticket", NOW));
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_round),
		cmocka_unit_test(test_facts_stay_in_their_lines),
		cmocka_unit_test(test_time),
		cmocka_unit_test(test_damage),
		cmocka_unit_test(test_no_session),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
