/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "cmd/cmd.h"
#include "cmd/queue_set.h"
#include "cmd/queue_view.h"
#include "cmd/say.h"
#include "queue/queue_scan.h"

#include <inttypes.h>
#include <stdio.h>
#include <sysexits.h>

enum { PIECE = 64 * 1024 }; /* octets of output that are written together */

/* The folders in the order in which they are listed. */
static const struct section {
	const char *folder;
	const char *head; /* NULL for the queue itself */
} sections[] = {
	{ QUEUE_MESSAGES, NULL },
	{ QUEUE_FAILED, "-Kept: refused-\n\n" },
	{ QUEUE_CORRUPT, "-Damaged, set aside-\n\n" },
};

/* A list that is being written. */
struct list {
	const struct request *request;
	const struct queue_set *set;
	const struct section *section;
	const struct section *begun; /* the last one of which something was listed */
	int64_t now;
	struct buf out;
	size_t count;    /* of messages in the queue itself */
	uint64_t octets; /* in these */
	int code;        /* the first thing that went wrong, or EX_OK */
	bool broken;     /* nobody reads on */
};

static void note(struct list *l, int code)
{
	if (l->code == EX_OK)
		l->code = code;
}

static void flush(struct list *l)
{
	if (!l->broken && say_output(&l->out) != EX_OK) {
		l->broken = true;
		note(l, EX_IOERR);
	}
}

static void add_row(struct list *l, const struct queue_view *v)
{
	if (l->begun == NULL)
		buf_add_str(&l->out, queue_row_head);
	else
		buf_add_char(&l->out, '\n');
	if (l->begun != l->section && l->section->head != NULL)
		buf_add_str(&l->out, l->section->head);
	queue_view_row(v, l->request->verbose, l->now, &l->out);
}

static void add(struct list *l, const struct queue_view *v)
{
	if (l->request->json)
		queue_view_json(v, &l->out);
	else
		add_row(l, v);
	l->begun = l->section;
	if (l->section->head == NULL) {
		l->count++;
		l->octets += v->size;
	}
	if (l->out.len >= PIECE)
		flush(l);
}

static bool is_for_caller(const struct list *l, const struct queue_view *v)
{
	return !l->set->restricted || (v->readable && v->entry.uid == l->set->uid);
}

static void look_at(struct list *l, const struct queue *q, const char *name)
{
	struct queue_view v;
	struct status st;
	enum queue_taken taken = queue_view_load(&v, q, l->section->folder, name, &st);
	if (taken == QUEUE_TAKEN && is_for_caller(l, &v) &&
	    queue_view_fits(&v, &l->request->selection))
		add(l, &v);
	if (taken == QUEUE_UNREADABLE)
		note(l, say_status(&st));
	queue_view_release(&v);
}

static void walk(struct list *l, const struct queue *q)
{
	struct queue_items items = { .names_only = true };
	struct status st;
	if (queue_scan(q, l->section->folder, &items, &st) != 0)
		note(l, say_status(&st));
	for (size_t i = 0; i < items.count && !l->broken; i++)
		look_at(l, q, items.at[i].id.text);
	for (size_t i = 0; i < items.foreign.count && !l->broken; i++)
		look_at(l, q, items.foreign.at[i]);
	queue_items_release(&items);
}

/* Monitoring counts what these lines say, and an empty queue has none of them. Of a queue that
 * could not be read nobody knows. */
static void add_total(struct list *l)
{
	if (l->request->json)
		return;
	if (l->begun != NULL)
		buf_add_char(&l->out, '\n');
	if (l->count == 0) {
		if (l->code == EX_OK)
			buf_add_str(&l->out, "Mail queue is empty\n");
		return;
	}
	buf_addf(&l->out, "\t\tTotal Requests: %zu\n", l->count);
	buf_addf(&l->out, "-- %" PRIu64 " Kbytes in %zu Request%s.\n", l->octets / 1024,
		 l->count, l->count == 1 ? "" : "s");
}

int queue_list(const struct queue_set *s, const struct request *r)
{
	struct list l = { .request = r, .set = s, .now = clock_wall(), .code = s->code };
	for (size_t i = 0; i < sizeof sections / sizeof sections[0]; i++) {
		l.section = &sections[i];
		for (size_t k = 0; k < s->count; k++)
			walk(&l, &s->at[k]);
	}
	add_total(&l);
	flush(&l);
	buf_release(&l.out);
	return l.code;
}

int cmd_list(const struct request *r)
{
	return queue_set_use(r, queue_list);
}
