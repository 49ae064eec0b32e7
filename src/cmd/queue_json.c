/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/queue_view.h"

#include "base/json.h"
#include "cmd/queue_words.h"
#include "queue/queue_file.h"

#include <string.h>

static void add_recipients(const struct queue_entry *e, struct json *j)
{
	json_array(j, "recipients");
	for (size_t i = 0; i < e->envelope.count; i++) {
		const struct recipient *r = &e->envelope.at[i];
		json_object(j, NULL);
		json_string(j, "address", r->address);
		json_string(j, "state", words_mark(e->marks[i]));
		json_string(j, "reply", r->reply);
		json_string(j, "server", r->peer);
		json_object_end(j);
	}
	json_array_end(j);
}

/* Only what is in line for another try has a time for it. */
static void add_next(const struct queue_view *v, struct json *j)
{
	if (strcmp(v->folder, QUEUE_MESSAGES) == 0)
		json_number(j, "next", v->entry.next);
	else
		json_null(j, "next");
}

static void add_message(const struct queue_view *v, struct json *j)
{
	const struct queue_entry *e = &v->entry;
	json_number(j, "created", e->created);
	json_number(j, "size", (int64_t)v->size);
	json_string(j, "sender", e->envelope.sender);
	add_recipients(e, j);
	json_number(j, "attempts", (int64_t)e->attempts);
	add_next(v, j);
	json_string(j, "account", e->account);
	json_string(j, "origin", queue_origins[e->origin]);
	json_number(j, "uid", (int64_t)e->uid);
	json_string(j, "message_id", e->message.id);
	json_string(j, "report_on", e->parent);
}

/* The same keys as far as the contract has them, so that nobody trips over their absence. */
static void add_damaged(const struct queue_view *v, struct json *j)
{
	json_null(j, "created");
	json_number(j, "size", (int64_t)v->size);
	json_null(j, "sender");
	json_array(j, "recipients");
	json_array_end(j);
	json_null(j, "attempts");
	json_null(j, "next");
	json_string(j, "error", v->damage.text);
}

void queue_view_json(const struct queue_view *v, struct buf *out)
{
	struct json writer = { .out = out }, *j = &writer;
	json_object(j, NULL);
	json_string(j, "id", v->name);
	json_string(j, "queue", queue_view_state(v));
	json_string(j, "folder", v->queue->path);
	if (v->readable)
		add_message(v, j);
	else
		add_damaged(v, j);
	json_object_end(j);
	buf_add_char(out, '\n');
}
