/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/queue_view.h"

#include "queue/queue_reply.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

static bool is_in(const struct queue_view *v, const char *folder)
{
	return strcmp(v->folder, folder) == 0;
}

static void read_entry(struct queue_view *v)
{
	v->readable = true;
	v->size = v->entry.message.facts.size;
	v->time = v->entry.created;
	bool was_tried = v->entry.attempts != 0 || is_in(v, QUEUE_FAILED);
	if (was_tried && !is_in(v, QUEUE_CORRUPT))
		queue_reply_load(v->queue, &v->entry);
	v->busy = is_in(v, QUEUE_MESSAGES) && queue_is_busy(&v->entry);
}

static enum queue_taken read_file(struct queue_view *v, const struct status *damage)
{
	struct stat facts;
	if (fstatat(v->queue->fd, queue_path(v->folder, v->name).text, &facts,
		    AT_SYMLINK_NOFOLLOW) != 0)
		return QUEUE_GONE;
	v->damage = *damage;
	v->size = (uint64_t)facts.st_size;
	v->time = facts.st_mtime;
	return QUEUE_TAKEN;
}

enum queue_taken queue_view_load(struct queue_view *v, const struct queue *q,
				 const char *folder, const char *name, struct status *st)
{
	struct status trouble;
	*v = (struct queue_view){ .queue = q, .folder = folder, .name = name };
	enum queue_taken taken = queue_peek_in(q, folder, name, &v->entry, &trouble);
	if (taken == QUEUE_TAKEN)
		read_entry(v);
	else if (taken == QUEUE_DAMAGED)
		return read_file(v, &trouble);
	else if (taken == QUEUE_UNREADABLE)
		*st = trouble;
	return taken;
}

void queue_view_release(struct queue_view *v)
{
	queue_entry_release(&v->entry);
}

const char *queue_view_state(const struct queue_view *v)
{
	if (!v->readable || is_in(v, QUEUE_CORRUPT))
		return "corrupt";
	if (is_in(v, QUEUE_FAILED))
		return "failed";
	if (v->busy)
		return "active";
	if (v->entry.state == QUEUE_HELD)
		return "held";
	return v->entry.state == QUEUE_STUCK ? "stuck" : "waiting";
}

bool queue_view_fits(const struct queue_view *v, const struct selection *s)
{
	const struct envelope *e = &v->entry.envelope;
	struct strings recipients = { 0 };
	if (s->count == 0)
		return true;
	for (size_t i = 0; i < e->count; i++)
		strings_add(&recipients, e->at[i].address);
	bool fits = selection_fits(s, v->name, v->readable ? e->sender : "", &recipients);
	strings_release(&recipients);
	return fits;
}
