/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/due.h"

#include "base/clock.h"
#include "base/crc32c.h"
#include "base/file.h"
#include "base/mem.h"
#include "config/config_stamp.h"
#include "delivery/retry.h"
#include "delivery/route.h"
#include "queue/queue_scan.h"
#include "queue/queue_take.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Further ahead than any delay: somebody's clock was wrong, or it is held. */
enum { FAR_AHEAD = 40 * 24 * 60 * 60 };

enum { FIRST_INDEX_ROOM = 16 }; /* a power of two */

struct search {
	struct due *due;
	const struct queue *queue;
	const struct config *config;
	const struct due_rules *rules;
	bool config_changed;
	int64_t now;
};

static void set_aside(const struct search *s, const char *name, const char *why)
{
	struct buf line = { 0 };
	struct status st;
	buf_addf(&line, "%s: ", name);
	buf_add_str(&line, queue_set_aside(s->queue, name, &st) == 0 ? why : st.text);
	strings_add(&s->due->damaged, buf_str(&line));
	buf_release(&line);
}

/* By the time of the file, which spares a look inside. */
static bool may_be_due(const struct search *s, const struct queue_item *item)
{
	return s->rules->all || s->config_changed || item->next <= s->now ||
	       item->next > s->now + FAR_AHEAD;
}

static bool is_due(const struct search *s, const struct queue_entry *e, const struct account *a)
{
	struct schedule schedule = retry_schedule(a);
	if (e->state == QUEUE_HELD)
		return false;
	return s->rules->all || (s->config_changed && e->state == QUEUE_STUCK) ||
	       schedule_is_due(&schedule, e->next, s->now);
}

static bool is_meant(const struct search *s, const struct queue_entry *e)
{
	const struct due_rules *r = s->rules;
	struct strings recipients = { 0 };
	if (r->reports && (e->origin != FROM_REPORT || e->attempts != 0))
		return false;
	if (r->account != NULL && strcmp(r->account, e->account) != 0)
		return false;
	if (r->selection == NULL || r->selection->count == 0)
		return true;
	for (size_t i = 0; i < e->envelope.count; i++)
		strings_add(&recipients, e->envelope.at[i].address);
	bool fits = selection_fits(r->selection, e->id.text, e->envelope.sender, &recipients);
	strings_release(&recipients);
	return fits;
}

static bool goes_by_domain(const struct account *a)
{
	struct endpoint host;
	struct status bad;
	return a != NULL && a->host.count != 0 &&
	       endpoint_parse(a->host.at[0], &host, &bad) == 0 && route_is_by_domain(&host);
}

static const char *first_domain(const struct queue_entry *e)
{
	for (size_t i = 0; i < e->envelope.count; i++) {
		const char *at = strrchr(e->envelope.at[i].address, '@');
		if (e->marks[i] == MARK_PENDING && at != NULL)
			return at + 1;
	}
	return "";
}

/* The slot that holds the group KEY, or the free one where it goes; there is a free one. */
static size_t *find_slot(const struct due *d, const char *key)
{
	size_t mask = d->index_room - 1;
	size_t at = crc32c(0, slice_of(key)) & mask;
	while (d->index[at] != 0 && strcmp(d->at[d->index[at] - 1].key, key) != 0)
		at = (at + 1) & mask;
	return &d->index[at];
}

/* At most half full, so that a search looks at two slots or so. */
static void make_room_in_index(struct due *d)
{
	if (2 * (d->count + 1) <= d->index_room)
		return;
	free(d->index);
	d->index_room = d->index_room != 0 ? 2 * d->index_room : FIRST_INDEX_ROOM;
	d->index = mem_zero(d->index_room, sizeof *d->index);
	for (size_t i = 0; i < d->count; i++)
		*find_slot(d, d->at[i].key) = i + 1;
}

/* There may be as many as there are messages, with mx and a domain for each. */
static struct due_group *find_group(struct due *d, const char *key)
{
	make_room_in_index(d);
	size_t *slot = find_slot(d, key);
	if (*slot == 0) {
		d->at = mem_grow(d->at, d->count, &d->room, sizeof *d->at);
		d->at[d->count] = (struct due_group){ .key = mem_copy(key) };
		*slot = ++d->count;
	}
	return &d->at[*slot - 1];
}

static void add(const struct search *s, const struct queue_entry *e, const struct account *a)
{
	struct buf key = { 0 };
	bool by_domain = goes_by_domain(a);
	buf_add_str(&key, e->account);
	if (by_domain) {
		buf_add_char(&key, ' ');
		for (const char *c = first_domain(e); *c != '\0'; c++)
			buf_add_char(&key, ascii_lower(*c));
	}
	struct due_group *g = find_group(s->due, buf_str(&key));
	g->account = a;
	g->domain = by_domain ? g->key + strlen(e->account) + 1 : NULL;
	g->at = mem_grow(g->at, g->count, &g->room, sizeof *g->at);
	g->at[g->count++] = e->id;
	buf_release(&key);
}

/* False if the disk does not give it. */
static bool look_at(const struct search *s, const char *id)
{
	struct queue_entry e;
	struct status st;
	enum queue_taken taken = queue_peek(s->queue, id, &e, &st);
	if (taken == QUEUE_TAKEN) {
		const struct account *a = config_find(s->config, e.account);
		if (is_meant(s, &e) && is_due(s, &e, a))
			add(s, &e, a);
	}
	if (taken == QUEUE_DAMAGED)
		set_aside(s, id, st.text);
	queue_entry_release(&e);
	return taken != QUEUE_UNREADABLE;
}

static const char stamp_file[] = "config-stamp";

bool due_config_changed(const struct queue *q, const struct config *c)
{
	struct buf now = { 0 }, before = { 0 };
	config_stamp(c, &now);
	int fd = file_open(q->fd, stamp_file, O_RDONLY | O_NONBLOCK, 0);
	bool same = fd >= 0 && file_read_at(fd, 0, now.len, &before) &&
		    memcmp(now.data, before.data, now.len) == 0;
	if (fd >= 0)
		close(fd);
	buf_release(&now);
	buf_release(&before);
	return !same;
}

static void keep_stamp(const struct queue *q, const struct config *c)
{
	struct buf now = { 0 };
	config_stamp(c, &now);
	int fd = queue_open_file(q, stamp_file, O_WRONLY | O_CREAT);
	if (fd >= 0) {
		file_write_at(fd, 0, buf_slice(&now));
		close(fd);
	}
	buf_release(&now);
}

static int find_all(struct search *s, bool *unreadable, struct status *st)
{
	struct queue_items items = { 0 };
	int result = queue_scan(s->queue, QUEUE_MESSAGES, &items, st);
	for (size_t i = 0; i < items.count; i++) {
		if (may_be_due(s, &items.at[i]) && !look_at(s, items.at[i].id.text))
			*unreadable = true;
	}
	for (size_t i = 0; i < items.foreign.count; i++)
		set_aside(s, items.foreign.at[i], "it is not named as a message is");
	queue_items_release(&items);
	return result;
}

/* A run for some leaves it to the next one to see that the config was changed. */
static bool is_for_all(const struct due_rules *r)
{
	return r->account == NULL && !r->reports &&
	       (r->selection == NULL || r->selection->count == 0);
}

int due_find(struct due *d, const struct queue *q, const struct config *c,
	     const struct due_rules *rules, bool *unreadable, struct status *st)
{
	struct search s = {
		.due = d, .queue = q, .config = c, .rules = rules, .now = clock_wall()
	};
	*unreadable = false;
	if (q->fd < 0)
		return 0;
	if (rules->id != NULL) {
		*unreadable = !look_at(&s, rules->id);
		return 0;
	}
	s.config_changed = due_config_changed(q, c);
	if (s.config_changed && is_for_all(rules))
		keep_stamp(q, c);
	return find_all(&s, unreadable, st);
}

void due_release(struct due *d)
{
	for (size_t i = 0; i < d->count; i++) {
		free(d->at[i].key);
		free(d->at[i].at);
	}
	free(d->at);
	free(d->index);
	strings_release(&d->damaged);
	*d = (struct due){ 0 };
}
