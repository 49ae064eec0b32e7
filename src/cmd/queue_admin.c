/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "cmd/cmd.h"
#include "cmd/queue_set.h"
#include "cmd/say.h"
#include "config/queue_request.h"
#include "queue/queue_scan.h"
#include "queue/queue_take.h"

#include <string.h>
#include <sysexits.h>

/* What is done to messages. Returns 0, or -1 with ST. */
struct change {
	int (*make)(const struct queue_place *place, const char *id, struct status *st);
	const char *done; /* said with -v */
};

/* Why the message ID could not be taken in hand. ST says it already if the disk failed. */
static int explain(enum queue_taken taken, const char *id, struct status *st)
{
	struct status damage = *st;
	if (taken == QUEUE_BUSY) {
		status_set(st, STATUS_TEMPORARY, "the message '%s' is being sent now", id);
		return status_hint(st, "try again when that has ended");
	}
	if (taken == QUEUE_GONE)
		return status_set(st, STATUS_REJECTED, "the message '%s' has left the queue",
				  id);
	if (taken == QUEUE_DAMAGED)
		return status_set(st, STATUS_BAD_MESSAGE, "the message '%s' is damaged: %s", id,
				  damage.text);
	return -1;
}

/* Held messages keep their time; who is released is due at once. */
static int write_state(const struct queue *q, struct queue_entry *e, enum queue_state state,
		       struct status *st)
{
	if (e->state == state)
		return 0;
	if (state == QUEUE_WAITING)
		e->next = clock_wall();
	e->state = state;
	return queue_put_back_synced(q, e, st);
}

static int set_state(const struct queue_place *place, const char *id, enum queue_state state,
		     struct status *st)
{
	struct queue_entry e;
	if (strcmp(place->folder, QUEUE_MESSAGES) != 0)
		return queue_set_only_kept(place, id, st);
	enum queue_taken taken = queue_take(place->queue, id, &e, st);
	int result = taken == QUEUE_TAKEN ? write_state(place->queue, &e, state, st)
					  : explain(taken, id, st);
	queue_entry_release(&e);
	return result;
}

static int hold(const struct queue_place *place, const char *id, struct status *st)
{
	return set_state(place, id, QUEUE_HELD, st);
}

static int release(const struct queue_place *place, const char *id, struct status *st)
{
	if (set_state(place, id, QUEUE_WAITING, st) != 0)
		return -1;
	queue_wake(place->queue);
	return 0;
}

static int discard(const struct queue_place *place, const char *id, struct status *st)
{
	enum queue_taken taken = queue_discard(place->queue, place->folder, id, st);
	return taken == QUEUE_TAKEN ? 0 : explain(taken, id, st);
}

static int change_one(const struct change *c, const struct queue_place *place, const char *id,
		      bool verbose)
{
	struct status st = { 0 };
	if (c->make(place, id, &st) != 0)
		return say_status(&st);
	if (verbose)
		say_line(id, c->done);
	return EX_OK;
}

static int change_all(const struct change *c, const struct queue_set *s, bool verbose)
{
	int code = s->code;
	for (size_t i = 0; i < s->count; i++) {
		struct queue_place place = { &s->at[i], QUEUE_MESSAGES };
		struct queue_items items = { .names_only = true };
		struct status st;
		int one = queue_scan(place.queue, place.folder, &items, &st) == 0
				  ? EX_OK
				  : say_status(&st);
		for (size_t k = 0; k < items.count; k++) {
			const char *id = items.at[k].id.text;
			if (!queue_set_shows(s, &place, id))
				continue;
			int result = change_one(c, &place, id, verbose);
			one = one != EX_OK ? one : result;
		}
		queue_items_release(&items);
		code = code != EX_OK ? code : one;
	}
	return code;
}

/* Would a run send it? */
static int look(const struct queue_place *place, const char *id, struct status *st)
{
	struct queue_entry e;
	if (strcmp(place->folder, QUEUE_MESSAGES) != 0)
		return queue_set_only_kept(place, id, st);
	bool held = queue_peek_in(place->queue, place->folder, id, &e, st) == QUEUE_TAKEN &&
		    e.state == QUEUE_HELD;
	queue_entry_release(&e);
	if (!held)
		return 0;
	status_set(st, STATUS_REJECTED, "the message '%s' is held", id);
	return status_hint(st, "'postrider --release=%s' ends that", id);
}

static int change(const struct change *c, const struct queue_set *s, const struct request *r)
{
	struct queue_place place;
	struct status st;
	if (request_is_all(r))
		return change_all(c, s, r->verbose);
	if (queue_set_find(s, r->queue_id, &place, &st) != 0)
		return s->code != EX_OK ? s->code : say_status(&st);
	return change_one(c, &place, r->queue_id, r->verbose);
}

int queue_hold(const struct queue_set *s, const struct request *r)
{
	return change(&(struct change){ hold, "held" }, s, r);
}

int queue_release_held(const struct queue_set *s, const struct request *r)
{
	return change(&(struct change){ release, "released" }, s, r);
}

int queue_discard_held(const struct queue_set *s, const struct request *r)
{
	return change(&(struct change){ discard, "removed" }, s, r);
}

int queue_can_try(const struct queue_set *s, const struct request *r)
{
	struct queue_place place;
	struct status st = { 0 };
	if (r->queue_id == NULL || request_is_all(r))
		return EX_OK;
	if (queue_set_find(s, r->queue_id, &place, &st) != 0)
		return s->code != EX_OK ? s->code : say_status(&st);
	return look(&place, r->queue_id, &st) == 0 ? EX_OK : say_status(&st);
}

int cmd_hold(const struct request *r)
{
	return queue_set_use(r, queue_hold);
}

int cmd_release(const struct request *r)
{
	return queue_set_use(r, queue_release_held);
}

int cmd_remove(const struct request *r)
{
	return queue_set_use(r, queue_discard_held);
}
