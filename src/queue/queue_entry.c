/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_entry.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void queue_entry_init(struct queue_entry *e)
{
	*e = (struct queue_entry){ .state = QUEUE_WAITING, .fd = -1 };
	store_init(&e->message.content);
}

void queue_entry_release(struct queue_entry *e)
{
	free(e->account);
	free(e->parent);
	free(e->marks);
	free(e->saved);
	free(e->places);
	free(e->message.id);
	envelope_release(&e->envelope);
	store_release(&e->message.content);
	if (e->fd != -1)
		close(e->fd);
	queue_entry_init(e);
}

size_t queue_entry_count(const struct queue_entry *e, enum queue_mark mark)
{
	size_t count = 0;
	for (size_t i = 0; i < e->envelope.count; i++)
		count += e->marks[i] == (char)mark;
	return count;
}

static enum queue_mark mark_of(const struct recipient *r)
{
	if (r->decided && r->kind == STATUS_OK)
		return MARK_DELIVERED;
	return recipient_is_refused(r) ? MARK_FAILED : MARK_PENDING;
}

void queue_entry_note(struct queue_entry *e, const struct envelope *part)
{
	if (e->marks == NULL) {
		e->marks = mem_alloc(e->envelope.count + 1);
		memset(e->marks, MARK_PENDING, e->envelope.count);
	}
	for (size_t i = 0; i < part->count; i++) {
		char *mark = &e->marks[part->at[i].place];
		if (*mark == MARK_PENDING)
			*mark = (char)mark_of(&part->at[i]);
	}
}

bool queue_entry_is_done(const struct queue_entry *e)
{
	return queue_entry_count(e, MARK_PENDING) + queue_entry_count(e, MARK_FAILED) == 0;
}
