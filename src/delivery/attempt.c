/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/attempt.h"

#include "base/clock.h"
#include "base/mem.h"
#include "delivery/bounce.h"
#include "delivery/retry.h"
#include "queue/queue_reply.h"
#include "queue/queue_take.h"

#include <stdlib.h>
#include <string.h>

/* One message in hand. */
struct work {
	const struct attempts *with;
	struct queue_entry *entry;
	const struct account *account; /* NULL: there is none of that name any more */
	char *before;                  /* owned: the marks before the attempt */
	bool marked;                   /* all that was decided is in the file */
	struct status trouble;         /* if not */
	struct delivery_report report;
	bool had_pending; /* there was somebody to send to */
	bool tried;
	int64_t start;
};

static void begin(struct work *w, const struct attempts *with, struct queue_entry *e)
{
	*w = (struct work){ .with = with, .entry = e, .marked = true, .start = clock_now() };
	w->account = config_find(with->config, e->account);
	w->before = mem_copy_n(e->marks, e->envelope.count);
	w->had_pending = queue_entry_count(e, MARK_PENDING) != 0;
}

static enum attempt_result fail(struct work *w, const struct status *why, struct status *st)
{
	*st = *why;
	free(w->before);
	return ATTEMPT_FAILED;
}

/* What the server has taken must be in the file before anything else can go wrong. */
static void mark_decided(void *context, const struct envelope *part)
{
	struct work *w = context;
	queue_entry_note(w->entry, part);
	w->marked = queue_mark(w->with->queue, w->entry, &w->trouble) == 0;
}

/* Time that has passed in the queue counts (RFC 4865, 4; RFC 2852, 4). */
static void age_wishes(struct queue_entry *e)
{
	int64_t age = clock_wall() - e->created;
	struct wishes *w = &e->envelope.wishes;
	if (age <= 0)
		return;
	if (w->hold_for != 0)
		w->hold_for = w->hold_for > age ? w->hold_for - age : 0;
	if (w->deliver_by != 0)
		w->deliver_by = w->deliver_by > age ? w->deliver_by - age : 1;
}

static bool give_next(void *context, struct envelope **e, const struct message **m)
{
	struct work *w = context;
	struct queue_entry *next =
		w->with->next != NULL ? w->with->next(w->with->next_context) : NULL;
	if (next == NULL)
		return false;
	*e = &next->envelope;
	*m = &next->message;
	return true;
}

static void note_all(struct envelope *e, const struct status *st)
{
	for (size_t i = 0; i < e->count; i++) {
		if (!e->at[i].decided)
			recipient_decide(&e->at[i], st);
	}
}

static void deliver_pending(struct work *w)
{
	const struct attempts *with = w->with;
	struct queue_entry *e = w->entry;
	struct delivery d = {
		.config = with->config,
		.account = w->account,
		.envelope = &e->envelope,
		.message = &e->message,
		.home = with->home,
		.tap = with->tap,
		.carrier = with->carrier,
		.decided = mark_decided,
		.next = give_next,
		.context = w,
	};
	struct status gone;
	if (w->account == NULL) {
		status_set(&gone, STATUS_BAD_CONFIG, "there is no account '%s' any more",
			   e->account);
		note_all(&e->envelope, &gone);
		return;
	}
	age_wishes(e);
	w->tried = true;
	deliver(&d, &w->report);
	mark_decided(w, &e->envelope);
}

/* It has been tried for long enough. A broken account is not the message's fault. */
static bool is_over(const struct work *w, int64_t now)
{
	const struct queue_entry *e = w->entry;
	struct schedule s = retry_schedule(w->account);
	return e->state != QUEUE_STUCK && schedule_is_over(&s, e->created, e->attempts, now);
}

static void give_up_pending(struct queue_entry *e)
{
	for (size_t i = 0; i < e->envelope.count; i++) {
		if (e->marks[i] == MARK_PENDING)
			e->marks[i] = MARK_FAILED;
	}
}

static int tell_relayed(struct work *w, int64_t now, struct status *st)
{
	struct queue_entry *e = w->entry;
	if (!w->tried || w->report.sends_reports ||
	    !report_wanted(&e->envelope, REPORT_RELAYED, false))
		return 0;
	bool *delivered = mem_zero(e->envelope.count + 1, sizeof *delivered);
	bool any = false;
	for (size_t i = 0; i < e->envelope.count; i++) {
		delivered[i] = e->marks[i] == MARK_DELIVERED && w->before[i] == MARK_PENDING;
		any = any || delivered[i];
	}
	int result =
		any ? bounce_relayed(w->with->queue, e, w->account, now, delivered, st) : 0;
	free(delivered);
	return result;
}

/* Some failed in former runs: this one knows nothing of why. */
static bool had_failed(const struct work *w)
{
	for (size_t i = 0; i < w->entry->envelope.count; i++) {
		if (w->before[i] == MARK_FAILED || w->before[i] == MARK_TOLD)
			return true;
	}
	return false;
}

/* What is left to be done about those who are decided; what cannot be done now waits. */
static int tell_sender(struct work *w, int64_t now, bool *orphan, struct status *st)
{
	const struct queue *q = w->with->queue;
	struct queue_entry *e = w->entry;
	if (had_failed(w))
		queue_reply_load(q, e);
	queue_reply_save(q, e);
	if (bounce_failed(q, e, w->account, now, orphan, st) != 0 ||
	    tell_relayed(w, now, st) != 0)
		return -1;
	if (queue_entry_count(e, MARK_PENDING) != 0 && w->account != NULL)
		return bounce_late(q, e, w->account, now, st);
	return 0;
}

static enum attempt_result put_away(struct work *w, bool orphan, struct status *st)
{
	const struct queue *q = w->with->queue;
	struct queue_entry *e = w->entry;
	if (queue_entry_is_done(e))
		return queue_remove(q, e, st) == 0 ? ATTEMPT_DONE : ATTEMPT_FAILED;
	if (orphan && queue_entry_count(e, MARK_PENDING) == 0)
		return queue_give_up(q, e, st) == 0 ? ATTEMPT_DONE : ATTEMPT_FAILED;
	if (queue_put_back(q, e, st) != 0)
		return ATTEMPT_FAILED;
	return retry_is_down(e) ? ATTEMPT_DOWN : ATTEMPT_WAITS;
}

/* Not at once: whoever waits behind it may need no disk, and leave room on it. */
static enum attempt_result tell_later(struct work *w, int64_t now)
{
	struct queue_entry *e = w->entry;
	struct schedule s = retry_schedule(w->account);
	struct status second;
	if (e->next <= now)
		e->next = schedule_next(&s, e->attempts, now);
	bool done = queue_put_back(w->with->queue, e, &second) == 0;
	return done && w->marked ? ATTEMPT_UNTOLD : ATTEMPT_FAILED;
}

/* Everything that follows once the envelope says what became of everybody. */
static enum attempt_result conclude(struct work *w, struct status *st)
{
	struct queue_entry *e = w->entry;
	int64_t now = clock_wall();
	bool orphan = false;
	if (queue_entry_count(e, MARK_PENDING) != 0) {
		retry_later(e, w->account, now);
		if (is_over(w, now))
			give_up_pending(e);
	} else if (w->had_pending) {
		retry_count(e);
	}
	if (!queue_entry_is_done(e) && queue_mark(w->with->queue, e, st) != 0)
		return ATTEMPT_FAILED;
	if (w->with->told != NULL && w->had_pending)
		w->with->told(w->with->context, e, w->account, w->tried ? &w->report : NULL,
			      clock_now() - w->start);
	if (tell_sender(w, now, &orphan, st) != 0)
		return tell_later(w, now);
	return put_away(w, orphan, st);
}

/* If a mark could not be written, but nobody is left to send to, nothing can be sent twice. */
static bool is_safe(const struct work *w)
{
	return w->marked || queue_entry_is_done(w->entry);
}

enum attempt_result attempt(const struct attempts *with, struct queue_entry *e,
			    struct status *st)
{
	struct work w;
	if (!bounce_settle_parent(with->queue, e))
		return ATTEMPT_WAITS;
	if (bounce_settle(with->queue, e, st) != 0 || queue_can_mark(with->queue, e, st) != 0)
		return ATTEMPT_FAILED;
	begin(&w, with, e);
	if (w.had_pending)
		deliver_pending(&w);
	if (!is_safe(&w))
		return fail(&w, &w.trouble, st);
	enum attempt_result result = conclude(&w, st);
	free(w.before);
	return result;
}

enum attempt_result attempt_without_trying(const struct attempts *with, struct queue_entry *e,
					   const struct status *why, struct status *st)
{
	struct work w;
	if (bounce_settle(with->queue, e, st) != 0)
		return ATTEMPT_FAILED;
	begin(&w, with, e);
	note_all(&e->envelope, why);
	enum attempt_result result = conclude(&w, st);
	free(w.before);
	return result;
}

enum attempt_result attempt_to_tell(const struct attempts *with, struct queue_entry *e,
				    struct status *st)
{
	struct work w;
	int64_t now = clock_wall();
	bool orphan = false;
	begin(&w, with, e);
	bool told = bounce_failed(with->queue, e, w.account, now, &orphan, st) == 0;
	enum attempt_result result = told ? put_away(&w, orphan, st) : tell_later(&w, now);
	free(w.before);
	return result;
}
