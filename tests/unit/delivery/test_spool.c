/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/spool.h"

#include "delivery/handoff.h"
#include "delivery/settings.h"
#include "queue/queue_case.h"
#include "queue/queue_take.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

enum { UID = 1234 };

#define MESSAGE "Subject: x\n\nbody\n"

/* A request to submit BODY to A and B@x.test, as the client writes it. */
static void write_request(struct frames_writer *w, const char *sender, const char *body)
{
	struct request r = { .delivery = -1, .sender = (char *)(uintptr_t)sender };
	struct status st;
	strings_add(&r.recipients, "a@x.test, B@x.test");
	assert_int_equal(handoff_encode_request(&r, w, &st), 0);
	if (body[0] != '\0')
		frames_body(w, slice_of(body));
	frames_end(w);
	strings_release(&r.recipients);
}

struct world {
	struct queue_case *queue;
	struct config config;
	struct spool spool;
	struct frames_writer stream;
	struct status st;
};

static void open_world(struct world *w, void **state, const char *keys)
{
	struct buf text = { 0 };
	*w = (struct world){ .queue = *state };
	buf_addf(&text, "host = h\ndomain = y.test\naliases =\nqueue-dir = %s\n%s",
		 w->queue->queue.path, keys);
	settings_load(&w->config, buf_str(&text));
	buf_release(&text);
	spool_init(&w->spool, &w->config, NULL, UID, "ann");
}

static void close_world(struct world *w)
{
	spool_release(&w->spool);
	config_release(&w->config);
	buf_release(&w->stream.out);
}

/* Feed TEXT in pieces of LEN. */
static int feed(struct world *w, struct slice text, size_t len)
{
	for (size_t at = 0; at < text.len; at += len) {
		if (spool_feed(&w->spool, slice_cut(text, at, at + len), &w->st) != 0)
			return -1;
	}
	return 0;
}

static void a_message_goes_into_the_queue(void **state)
{
	static const size_t lengths[] = { 1, 7, 100000 };
	for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
		struct world w;
		struct queue_entry e;
		open_world(&w, state, "");
		write_request(&w.stream, NULL, MESSAGE);
		assert_int_equal(feed(&w, buf_slice(&w.stream.out), lengths[i]), 0);
		assert_true(spool_done(&w.spool));
		assert_int_equal(spool_commit(&w.spool, &w.st), 0);
		assert_int_equal(w.spool.submission.entry.envelope.at[1].kind, STATUS_QUEUED);
		struct queue_id id = w.spool.submission.entry.id;
		assert_int_equal(queue_take(&w.queue->queue, id.text, &e, &w.st), QUEUE_BUSY);
		queue_entry_release(&e);
		spool_let_go(&w.spool);
		assert_int_equal(queue_take(&w.queue->queue, id.text, &e, &w.st), QUEUE_TAKEN);
		assert_int_equal(e.uid, UID);
		assert_int_equal(e.origin, FROM_SERVICE);
		assert_string_equal(e.envelope.sender, "ann@y.test");
		assert_int_equal(e.envelope.count, 2);
		assert_string_equal(e.envelope.at[1].address, "B@x.test");
		queue_entry_release(&e);
		close_world(&w);
		assert_int_equal(queue_case_count(*state, QUEUE_MESSAGES), i + 1);
	}
}

/* Whatever `queue` and `delivery` say: there is nobody here who could send it. */
static void nothing_is_sent_from_here(void **state)
{
	struct world w;
	open_world(&w, state, "queue = never\ndelivery = foreground\n");
	write_request(&w.stream, "<>", "");
	assert_int_equal(feed(&w, buf_slice(&w.stream.out), 50), 0);
	assert_int_equal(spool_commit(&w.spool, &w.st), 0);
	assert_string_equal(w.spool.submission.entry.envelope.sender, "");
	close_world(&w);
	assert_int_equal(queue_case_count(*state, QUEUE_MESSAGES), 1);
}

static void a_stream_that_is_cut_is_no_message(void **state)
{
	struct frames_writer whole = { 0 };
	write_request(&whole, NULL, MESSAGE);
	for (size_t len = 0; len < whole.out.len; len++) {
		struct world w;
		open_world(&w, state, "");
		assert_int_equal(feed(&w, slice_cut(buf_slice(&whole.out), 0, len), 1000), 0);
		assert_false(spool_done(&w.spool));
		assert_int_equal(spool_commit(&w.spool, &w.st), -1);
		close_world(&w);
	}
	buf_release(&whole.out);
	assert_int_equal(queue_case_count(*state, QUEUE_MESSAGES), 0);
	assert_int_equal(queue_case_count(*state, QUEUE_DRAFTS), 0);
}

static void large_ones_leave_nothing_behind(void **state)
{
	struct world w;
	char *body = malloc(900000);
	memset(body, 'x', 900000);
	memcpy(body, "Subject: x\n\n", 12);
	for (size_t i = 80; i < 900000; i += 80)
		body[i] = '\n';
	body[899999] = '\0';
	open_world(&w, state, "");
	write_request(&w.stream, NULL, body);
	assert_int_equal(feed(&w, slice_cut(buf_slice(&w.stream.out), 0, 800000), 4096), 0);
	assert_int_equal(queue_case_count(*state, QUEUE_DRAFTS), 1);
	close_world(&w);
	assert_int_equal(queue_case_count(*state, QUEUE_DRAFTS), 0);
	free(body);
}

static const struct {
	const char *keys, *sender, *body;
	enum status_kind kind;
	const char *text;
} refused[] = {
	{ "max-size = 20\n", NULL, MESSAGE, STATUS_BAD_MESSAGE, "more than 20 octets" },
	{ "", "a b c@d", MESSAGE, STATUS_BAD_MESSAGE, "cannot read" },
	{ "", "-oQ@x.test", MESSAGE, STATUS_BAD_USAGE, "leading dash" },
};

static void what_is_refused(void **state)
{
	for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
		struct world w;
		open_world(&w, state, refused[i].keys);
		write_request(&w.stream, refused[i].sender, refused[i].body);
		int result = feed(&w, buf_slice(&w.stream.out), 30);
		if (result == 0)
			result = spool_commit(&w.spool, &w.st);
		assert_int_equal(result, -1);
		assert_int_equal(w.st.kind, refused[i].kind);
		if (strstr(w.st.text, refused[i].text) == NULL)
			fail_msg("case %zu: %s", i, w.st.text);
		close_world(&w);
	}
	assert_int_equal(queue_case_count(*state, QUEUE_MESSAGES), 0);
}

static void what_is_made_a_message_is_replaced(void **state)
{
	static const struct queue_id id = { "1K0V6GNVMGAD1YSPGMSSJGZM" };
	struct world w;
	struct queue_case *c = *state;
	open_world(&w, state, "");
	assert_int_equal(mkdirat(c->queue.fd, QUEUE_IMPORTS, 0700), 0);
	w.spool.id = &id;
	w.spool.queue = c->queue.path;
	write_request(&w.stream, NULL, MESSAGE);
	assert_int_equal(feed(&w, buf_slice(&w.stream.out), 30), 0);
	assert_int_equal(spool_commit(&w.spool, &w.st), 0);
	assert_int_equal(queue_case_count(c, QUEUE_MESSAGES), 0);
	assert_int_equal(access(queue_case_path(c, QUEUE_IMPORTS, id.text), F_OK), 0);
	close_world(&w);
}

int main(void)
{
#define IN_A_QUEUE(f) cmocka_unit_test_setup_teardown(f, queue_case_open, queue_case_close)
	const struct CMUnitTest tests[] = {
		IN_A_QUEUE(a_message_goes_into_the_queue),
		IN_A_QUEUE(nothing_is_sent_from_here),
		IN_A_QUEUE(a_stream_that_is_cut_is_no_message),
		IN_A_QUEUE(large_ones_leave_nothing_behind),
		IN_A_QUEUE(what_is_refused),
		IN_A_QUEUE(what_is_made_a_message_is_replaced),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
