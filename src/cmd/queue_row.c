/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/queue_view.h"

#include "base/number.h"
#include "cmd/queue_words.h"
#include "message/date.h"
#include "queue/queue_file.h"

#include <inttypes.h>
#include <string.h>

const char queue_row_head[] = "-Queue ID-               --Size-- ----Arrival Time---- "
			      "-Sender/Recipient-------\n";

/* As Postfix's: being sent now, held. */
static char mark_of(const struct queue_view *v)
{
	if (v->busy)
		return '*';
	return v->entry.state == QUEUE_HELD ? '!' : ' ';
}

static void add_first_line(const struct queue_view *v, struct buf *out)
{
	enum { SIZE_COLUMN = 26, COLUMNS = 8 };
	size_t start = out->len;
	struct buf size = { 0 };
	text_printable(out, slice_of(v->name), 255);
	buf_add_char(out, v->readable ? mark_of(v) : ' ');
	do
		buf_add_char(out, ' ');
	while (out->len - start < SIZE_COLUMN);
	number_add_signed(&size, (int64_t)v->size);
	for (size_t width = size.len; width < COLUMNS; width++)
		buf_add_char(out, ' ');
	buf_add_slice(out, buf_slice(&size));
	buf_add_char(out, ' ');
	buf_release(&size);
	words_time(v->time, out);
	buf_add_str(out, "  ");
	words_address(v->readable ? v->entry.envelope.sender : "-", out);
	buf_add_char(out, '\n');
}

/* What it waits for; nothing where it does not. */
static void add_prospect(const struct queue_view *v, int64_t now, struct buf *out)
{
	const struct queue_entry *e = &v->entry;
	if (strcmp(v->folder, QUEUE_MESSAGES) != 0)
		return;
	buf_add_str(out, ", ");
	if (v->busy) {
		buf_add_str(out, "being sent now");
	} else if (e->state == QUEUE_HELD) {
		buf_add_str(out, "held");
	} else {
		if (e->state == QUEUE_STUCK)
			buf_add_str(out, "the account does not work, ");
		words_due(e->next, now, out);
	}
}

static void add_standing(const struct queue_view *v, int64_t now, struct buf *out)
{
	buf_add_str(out, "account ");
	text_printable(out, slice_of(v->entry.account), 255);
	buf_add_str(out, ", ");
	words_attempts(v->entry.attempts, out);
	add_prospect(v, now, out);
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_reply(const struct recipient *a, const struct recipient *b)
{
	return same_text(a->reply, b->reply) && same_text(a->peer, b->peer);
}

/* The recipients with MARK, each below what was said of it, if that was not said just before.
 */
static void add_recipients(const struct queue_entry *e, enum queue_mark mark, struct buf *out)
{
	const struct recipient *before = NULL;
	for (size_t i = 0; i < e->envelope.count; i++) {
		const struct recipient *r = &e->envelope.at[i];
		if (e->marks[i] != (char)mark)
			continue;
		if (r->reply != NULL && (before == NULL || !same_reply(before, r))) {
			buf_add_char(out, '(');
			words_reply(r, out);
			buf_add_str(out, ")\n");
		}
		before = r;
		buf_add_str(out, "        ");
		words_address(r->address, out);
		if (mark != MARK_PENDING)
			buf_addf(out, " (%s)", words_mark((char)mark));
		buf_add_char(out, '\n');
	}
}

void queue_view_row(const struct queue_view *v, bool all, int64_t now, struct buf *out)
{
	add_first_line(v, out);
	if (!v->readable) {
		buf_addf(out, "(damaged: %s)\n", v->damage.text);
		return;
	}
	buf_add_char(out, '(');
	add_standing(v, now, out);
	buf_add_str(out, ")\n");
	add_recipients(&v->entry, MARK_PENDING, out);
	add_recipients(&v->entry, MARK_FAILED, out);
	add_recipients(&v->entry, MARK_TOLD, out);
	if (all)
		add_recipients(&v->entry, MARK_DELIVERED, out);
}

static void add_date(const char *name, int64_t when, struct buf *out)
{
	buf_add_str(out, name);
	date_write(out, (time_t)when);
	buf_add_char(out, '\n');
}

static void add_fact(const char *name, const char *value, struct buf *out)
{
	if (value == NULL)
		return;
	buf_add_str(out, name);
	text_printable(out, slice_of(value), 1024);
	buf_add_char(out, '\n');
}

static void sheet_recipients(const struct queue_entry *e, struct buf *out)
{
	for (size_t i = 0; i < e->envelope.count; i++) {
		const struct recipient *r = &e->envelope.at[i];
		buf_add_str(out, "recipient:   ");
		words_address(r->address, out);
		buf_addf(out, " (%s)\n", words_mark(e->marks[i]));
		if (r->reply == NULL)
			continue;
		buf_add_str(out, "reply:       ");
		words_reply(r, out);
		buf_add_char(out, '\n');
	}
}

void queue_view_sheet(const struct queue_view *v, int64_t now, struct buf *out)
{
	const struct queue_entry *e = &v->entry;
	add_fact("id:          ", v->name, out);
	add_fact("queue:       ", queue_view_state(v), out);
	add_fact("folder:      ", v->queue->path, out);
	if (!v->readable) {
		add_fact("damaged:     ", v->damage.text, out);
		add_date("changed:     ", v->time, out);
		buf_addf(out, "size:        %" PRIu64 "\n", v->size);
		return;
	}
	add_date("created:     ", v->time, out);
	buf_addf(out, "origin:      %s, uid %" PRIu32 "\n", queue_origins[e->origin], e->uid);
	buf_addf(out, "size:        %" PRIu64 "\n", v->size);
	add_fact("message-id:  ", e->message.id, out);
	add_fact("report-on:   ", e->parent, out);
	buf_add_str(out, "standing:    ");
	add_standing(v, now, out);
	buf_add_str(out, "\nsender:      ");
	words_address(e->envelope.sender, out);
	buf_add_char(out, '\n');
	sheet_recipients(e, out);
}
