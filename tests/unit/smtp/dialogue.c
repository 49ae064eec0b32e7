/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/dialogue.h"

#include "base/clock.h"
#include "base/mem.h"
#include "message/message.h"
#include "smtp/transaction.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum {
	PATIENCE = 20000,      /* milliseconds; no test comes near */
	MOST_TRANSACTIONS = 8, /* more of them is a loop without end */
};

static const char *content_of(const struct dialogue *d)
{
	return d->content != NULL ? d->content : "Subject: hi\r\n\r\nhello\r\n";
}

/* The server's bytes on their way into the script: some may be missing, some late. */
struct server {
	struct dialogue *d;
	struct buf block; /* said at once */
	size_t reply;     /* the present one, counted from 1 */
	bool inside;      /* a reply */
	bool yes;         /* and it is an S! one */
};

static void say(struct server *v)
{
	struct dialogue *d = v->d;
	size_t from = d->server_len, to = from + v->block.len;
	d->server_len = to;
	size_t end = d->is_cut && d->server_cut < to ? d->server_cut : to;
	struct slice all = slice_cut(buf_slice(&v->block), 0, end > from ? end - from : 0);
	size_t late = d->split > from ? d->split - from : 0;
	struct slice early = slice_cut(all, 0, late);
	script_says_n(&d->peer, early.data, early.len);
	if (late != 0 && late < all.len)
		script_delays(&d->peer);
	script_says_n(&d->peer, all.data + early.len, all.len - early.len);
	buf_reset(&v->block);
}

static void add_line(struct server *v, struct slice line)
{
	buf_add_slice(&v->block, line);
	buf_add_str(&v->block, "\r\n");
}

static void add_replacement(struct server *v)
{
	struct slice rest = slice_of(v->d->replacement), line;
	while (rest.len != 0 && slice_next(&rest, '\n', &line))
		add_line(v, line);
}

static void server_line(struct server *v, struct slice line, bool yes)
{
	struct dialogue *d = v->d;
	v->reply += !v->inside;
	v->inside = line.len > 3 && line.data[3] == '-';
	if (d->replaced != v->reply)
		add_line(v, line);
	else if (!v->inside)
		add_replacement(v);
	if (!yes)
		return;
	v->yes = true;
	d->yes_said += !d->is_cut || d->server_len + v->block.len <= d->server_cut;
}

/* The bytes that LINE of the text stands for; "C# N" takes them off the front of CONTENT. */
static void client_line(struct slice line, struct slice *content, struct buf *out)
{
	struct slice words = slice_cut(line, 3, line.len);
	if (line.data[1] == '#') {
		char *number = slice_copy(words);
		size_t len = (size_t)strtoul(number, NULL, 10);
		free(number);
		buf_add_slice(out, slice_cut(*content, 0, len));
		*content = slice_cut(*content, len, content->len);
		return;
	}
	buf_add_slice(out, words);
	if (line.data[1] != '~')
		buf_add_str(out, "\r\n");
}

static void await(struct dialogue *d, struct buf *ours, bool before_yes)
{
	if (ours->len == 0)
		return;
	script_awaits(&d->peer, buf_str(ours));
	if (before_yes)
		d->client_len += ours->len;
	buf_reset(ours);
}

/* What LINE of the text has the server say. */
static void say_line(struct server *v, struct slice line)
{
	struct slice words = slice_cut(line, 3, line.len);
	if (line.data[1] == '~')
		buf_add_slice(&v->block, words);
	else
		server_line(v, words, line.data[1] == '!');
}

static void write_script(struct dialogue *d)
{
	struct server v = { .d = d };
	struct buf ours = { 0 };
	struct slice content = slice_of(content_of(d)), rest = slice_of(d->text), line;
	while (slice_next(&rest, '\n', &line) && line.len != 0) {
		if (line.data[0] == 'C') {
			say(&v);
			client_line(line, &content, &ours);
		} else {
			await(d, &ours, !v.yes);
			say_line(&v, line);
		}
	}
	await(d, &ours, !v.yes);
	say(&v);
	script_ends(&d->peer);
	buf_release(&v.block);
	buf_release(&ours);
}

static void hear(void *context, enum tap_kind kind, struct slice text)
{
	struct buf *shown = context;
	buf_addf(shown, "%c ", "*><"[kind]);
	buf_add_slice(shown, text);
	buf_add_char(shown, '\n');
}

static void fill_envelope(struct envelope *e, struct slice list)
{
	struct slice address;
	e->sender = mem_copy("alice@example.com");
	while (list.len != 0 && slice_next(&list, ' ', &address)) {
		char *text = slice_copy(address);
		envelope_add(e, text);
		free(text);
	}
}

static void fill_envelopes(struct dialogue *d)
{
	const char *company = d->company != NULL ? d->company : "";
	struct slice rest = slice_of(company), list;
	fill_envelope(&d->envelope,
		      slice_of(d->recipients != NULL ? d->recipients : "bob@example.net"));
	while (rest.len != 0 && slice_next(&rest, '|', &list)) {
		assert_true(d->count < DIALOGUE_COMPANY);
		fill_envelope(&d->others[d->count++], list);
	}
}

/* The dialogue's own part of struct company. */
struct table {
	struct dialogue *d;
	const struct message *message;
};

static bool give_next(void *context, const struct session *s, struct envelope **e,
		      struct message *m)
{
	const struct table *table = context;
	(void)s;
	if (table->d->at == table->d->count)
		return false;
	*e = &table->d->others[table->d->at];
	*m = *table->message;
	return true;
}

static void send_one(struct dialogue *d, struct session *s, struct envelope *e,
		     const struct message *m, bool *quit)
{
	size_t transactions = 0;
	while (d->result == 0 && !*quit && envelope_undecided(e) != 0) {
		assert_true(transactions++ < MOST_TRANSACTIONS);
		d->result = transaction_run(s, e, m, quit, &d->st);
	}
	d->transactions += transactions;
}

static void converse(struct dialogue *d, struct session *s, const struct message *m)
{
	bool quit = false;
	struct table table = { d, m };
	const struct company company = { give_next, &table };
	s->stays = d->count != 0;
	s->company = s->stays ? &company : NULL;
	send_one(d, s, &d->envelope, m, &quit);
	while (d->result == 0 && !quit && d->at < d->count) {
		struct envelope *e = &d->others[d->at++];
		s->stays = d->at < d->count;
		send_one(d, s, e, m, &quit);
	}
	d->mechanism = s->mechanism;
	if (d->result == 0 && !quit)
		session_quit(s);
	else
		session_release(s);
}

void dialogue_run(struct dialogue *d)
{
	struct session session;
	struct message message = { 0 };
	struct status st;
	struct tap tap = { hear, &d->shown };
	struct slice content = slice_of(content_of(d));
	write_script(d);
	d->peer.hangs_up = true;
	d->peer.read_max = d->read_max;
	d->peer.write_max = d->write_max;
	d->peer.write_delays = d->write_delays;
	d->peer.fails_at = d->client_cut;
	d->peer.fails_with = d->client_breaks ? EPIPE : 0;
	fill_envelopes(d);
	store_init(&message.content);
	assert_int_equal(store_add(&message.content, content, &st), 0);
	facts_add(&message.facts, content);
	message.content.size += d->missing;

	d->settings.peer = "mx.example:25";
	d->settings.hello = "me.example";
	d->settings.deadline = clock_now() + PATIENCE;
	d->result =
		session_open(&session, stream_mem_new(&d->peer), &d->settings, &tap, &d->st);
	converse(d, &session, &message);
	store_release(&message.content);
	assert_true(d->peer.closed && clock_now() < d->settings.deadline);
}

void dialogue_release(struct dialogue *d)
{
	envelope_release(&d->envelope);
	for (size_t i = 0; i < d->count; i++)
		envelope_release(&d->others[i]);
	script_release(&d->peer);
	buf_release(&d->shown);
	d->count = d->at = 0;
	d->transactions = d->server_len = d->yes_said = d->client_len = 0;
}

/* Take LINE of the text off the front of SENT, and fail where it is not there. */
static void expect_line(const struct dialogue *d, struct slice line, struct slice *content,
			struct slice *sent)
{
	struct buf ours = { 0 };
	client_line(line, content, &ours);
	struct slice there = slice_cut(*sent, 0, ours.len);
	if (!slice_is(there, buf_str(&ours)))
		fail_msg("not '%.*s' but '%.*s' was sent, and shown:\n%s", (int)line.len,
			 line.data, (int)(sent->len < 200 ? sent->len : 200), sent->data,
			 buf_str(&d->shown));
	*sent = slice_cut(*sent, ours.len, sent->len);
	if (line.data[1] == '~')
		*sent = slice_cut(*sent, slice_find(*sent, '\n') + 1, sent->len);
	buf_release(&ours);
}

void dialogue_expect_sent(const struct dialogue *d)
{
	struct slice content = slice_of(content_of(d)), sent = buf_slice(&d->peer.sent);
	struct slice rest = slice_of(d->text), line;
	size_t flights = 0;
	bool ours = false, in_order = true;
	while (slice_next(&rest, '\n', &line) && line.len != 0) {
		flights += line.data[0] == 'C' && (!ours || line.data[1] == '+');
		ours = line.data[0] == 'C';
		in_order &= line.data[1] != '#';
		if (ours)
			expect_line(d, line, &content, &sent);
	}
	if (sent.len != 0)
		fail_msg("'%.*s' was sent, too", (int)sent.len, sent.data);
	if (in_order && d->write_max == 0)
		assert_int_equal(d->peer.writes, flights);
}

static void add_fates(const struct envelope *e, struct buf *out)
{
	for (size_t i = 0; i < e->count; i++) {
		const struct recipient *r = &e->at[i];
		buf_addf(out, "%s%s", i != 0 ? " " : "",
			 r->decided ? status_label(r->kind) : "-");
	}
}

const char *dialogue_fates(const struct dialogue *d)
{
	static char fates[4096];
	struct buf out = { 0 };
	add_fates(&d->envelope, &out);
	for (size_t i = 0; i < d->count; i++) {
		buf_add_str(&out, " | ");
		add_fates(&d->others[i], &out);
	}
	snprintf(fates, sizeof fates, "%s", buf_str(&out));
	buf_release(&out);
	return fates;
}

void dialogue_expect_fates(const struct dialogue *d, const char *fates)
{
	if (strcmp(dialogue_fates(d), fates) != 0)
		fail_msg("'%s' became of them, not '%s':\n%s", dialogue_fates(d), fates,
			 buf_str(&d->shown));
}

size_t dialogue_sent(const struct dialogue *d)
{
	size_t count = 0;
	for (size_t i = 0; i < d->envelope.count; i++)
		count += d->envelope.at[i].decided && d->envelope.at[i].kind == STATUS_OK;
	return count;
}

static void expect_line_ends(struct slice sent)
{
	for (size_t i = 0; i < sent.len; i++) {
		if (sent.data[i] == '\n')
			assert_true(i != 0 && sent.data[i - 1] == '\r');
		else if (sent.data[i] == '\r' && i + 1 < sent.len)
			assert_int_equal(sent.data[i + 1], '\n');
	}
}

void dialogue_expect_sound(const struct dialogue *d)
{
	size_t has_it = dialogue_sent(d);
	bool all_left = d->peer.sent.len >= d->client_len;
	if (has_it > 0 && (d->yes_said == 0 || !all_left))
		fail_msg("sent, says who was not told so:\n%s", buf_str(&d->shown));
	if (d->settings.lmtp)
		assert_true(has_it <= d->yes_said);
	for (size_t i = 0; i < d->envelope.count; i++) {
		const struct recipient *r = &d->envelope.at[i];
		assert_true(r->decided || d->result != 0);
		assert_true(!r->decided || r->kind == STATUS_OK || r->reply != NULL);
	}
	if (d->result != 0) {
		assert_int_not_equal(d->st.kind, STATUS_OK);
		assert_int_not_equal(d->st.stage, STAGE_NONE);
		assert_string_equal(d->st.peer, "mx.example:25");
		assert_true(d->st.text[0] != '\0');
	}
	expect_line_ends(buf_slice(&d->peer.sent));
}
