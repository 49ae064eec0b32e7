/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/sending.h"

#include "base/clock.h"
#include "cmd/outcome.h"
#include "cmd/queue_run.h"
#include "config/queue_folder.h"
#include "delivery/attempt.h"
#include "delivery/rate.h"
#include "delivery/retry.h"
#include "queue/queue_reply.h"
#include "queue/queue_take.h"

#include <inttypes.h>
#include <unistd.h>

/* Once the account is known, before any content is stored. */
static void find_queue(void *context, struct submission *submission)
{
	struct sending *s = context;
	const struct context *c = s->context;
	const char *home = c->home.len != 0 ? buf_str(&c->home) : NULL;
	if (submission->account->queue == QUEUE_NEVER || s->request->dry_run)
		return;
	queue_folder(&c->config, submission->account, home, &s->folder);
	queueing_prepare(&s->queueing, &submission->entry, buf_str(&s->folder));
}

void sending_init(struct sending *s, const struct request *r, const struct context *c)
{
	*s = (struct sending){ .request = r, .context = c };
	s->queueing.queue.fd = -1;
	s->queueing.draft.fd = -1;
	submission_init(&s->submission, r, &c->config);
	s->submission.addressed = find_queue;
	s->submission.context = s;
}

void sending_release(struct sending *s)
{
	submission_release(&s->submission);
	queueing_release(&s->queueing);
	buf_release(&s->folder);
}

static enum delivery_mode mode_of(const struct sending *s)
{
	const struct account *a = s->submission.account;
	if (a->queue == QUEUE_NEVER)
		return DELIVERY_FOREGROUND;
	return (enum delivery_mode)(s->request->delivery >= 0 ? s->request->delivery
							      : a->delivery);
}

static bool has_to_wait(const struct recipient *r)
{
	return !r->decided || (r->kind != STATUS_OK && !recipient_is_refused(r));
}

static size_t count_who(const struct envelope *e, bool (*fits)(const struct recipient *r))
{
	size_t count = 0;
	for (size_t i = 0; i < e->count; i++)
		count += fits(&e->at[i]);
	return count;
}

/* Those who wait are in the queue; what stood in the way is still told to who asks. */
static void decide_queued(struct sending *s)
{
	struct envelope *e = &s->submission.entry.envelope;
	const struct tap *tap = &s->context->transcript.tap;
	for (size_t i = 0; i < e->count; i++) {
		struct recipient *r = &e->at[i];
		if (!has_to_wait(r))
			continue;
		if (r->reply != NULL)
			tap_note(tap, "%s%s%s", r->peer != NULL ? r->peer : "",
				 r->peer != NULL ? ": " : "", r->reply);
		r->kind = STATUS_QUEUED;
		r->decided = true;
		tap_note(tap, "queued for <%s> as %s", r->address, s->submission.entry.id.text);
	}
}

/* The answer to the caller, or the exit code, is what tells him. */
static void mark_told(struct queue_entry *e)
{
	for (size_t i = 0; i < e->envelope.count; i++) {
		if (e->marks[i] == MARK_FAILED)
			e->marks[i] = MARK_TOLD;
	}
}

static void note_disk(struct sending *s, const struct status *st)
{
	struct envelope *e = &s->submission.entry.envelope;
	for (size_t i = 0; i < e->count; i++) {
		if (!e->at[i].decided)
			recipient_decide(&e->at[i], st);
	}
}

/* Into the queue. If that cannot be, what stood in the way before is what the caller hears. */
static bool commit(struct sending *s)
{
	struct queue_entry *e = &s->submission.entry;
	queue_entry_note(e, &e->envelope);
	if (!s->is_bounced && !s->request->keep_refused)
		mark_told(e);
	if (queueing_commit(&s->queueing, &s->trouble) != 0) {
		note_disk(s, &s->trouble);
		return false;
	}
	s->committed = true;
	if (e->attempts != 0)
		queue_reply_save(&s->queueing.queue, e);
	return true;
}

/* What failed for now waits for its time. */
static void queue_rest(struct sending *s)
{
	struct queue_entry *e = &s->submission.entry;
	bool some_wait = count_who(&e->envelope, has_to_wait) != 0;
	size_t refused = count_who(&e->envelope, recipient_is_refused);
	bool some_bounce = s->is_bounced && refused != 0 && refused != e->envelope.count;
	if (s->folder.len == 0 || !(some_wait || some_bounce))
		return;
	queue_entry_note(e, &e->envelope);
	retry_later(e, s->submission.account, clock_wall());
	s->rest_due = e->next;
	/* Should we die before the sender is told, the next run tells him. */
	if (some_bounce)
		e->next = e->created;
	if (!commit(s))
		return;
	s->owes_bounce = some_bounce;
	decide_queued(s);
}

/* -oem: its caller looks at no exit code, so a person finds the message with mailq. */
static void keep_refused(struct sending *s)
{
	struct queue_entry *e = &s->submission.entry;
	if (!s->request->keep_refused || s->folder.len == 0 || s->queueing.is_over ||
	    count_who(&e->envelope, recipient_is_refused) == 0)
		return;
	retry_count(e);
	if (commit(s))
		queue_give_up(&s->queueing.queue, e, &s->trouble);
}

static void log_outcome(const struct sending *s, const struct delivery_report *report)
{
	const struct outcome o = {
		.settings = s->submission.account,
		.account = s->submission.account->name,
		.entry = &s->submission.entry,
		.report = report,
		.from_queue = s->owes_bounce,
		.took = clock_now() - s->context->transcript.start,
	};
	outcome_log(&o);
}

static void send_now(struct sending *s)
{
	const struct context *c = s->context;
	struct queue_entry *e = &s->submission.entry;
	struct delivery_report report;
	struct delivery d = {
		.config = &c->config,
		.account = s->submission.account,
		.envelope = &e->envelope,
		.message = &e->message,
		.home = buf_str(&c->home),
		.tap = &c->transcript.tap,
	};
	deliver(&d, &report);
	for (size_t i = 0; i < e->envelope.count; i++) {
		if (e->envelope.at[i].kind == STATUS_OK)
			tap_note(&c->transcript.tap, "accepted for <%s>",
				 e->envelope.at[i].address);
	}
	queue_rest(s);
	keep_refused(s);
	log_outcome(s, &report);
}

static void send_later(struct sending *s)
{
	if (commit(s))
		decide_queued(s);
	log_outcome(s, NULL);
}

/* By the account's rate; then the queue sends it as soon as there is room. */
static bool has_to_wait_for_others(struct sending *s)
{
	struct queue_entry *e = &s->submission.entry;
	struct status unsaid;
	if (s->submission.account->rate == 0 || s->folder.len == 0 ||
	    queueing_open(&s->queueing, &unsaid) != 0)
		return false;
	int64_t wait = rate_take(&s->queueing.queue, s->submission.account);
	if (wait == 0)
		return false;
	e->next = e->created + wait;
	tap_note(&s->context->transcript.tap,
		 "the account's messages for this minute are sent; this one waits %" PRId64
		 " seconds",
		 wait);
	return true;
}

void sending_finish(struct sending *s)
{
	s->mode = mode_of(s);
	if (s->mode != DELIVERY_QUEUE && has_to_wait_for_others(s))
		s->mode = DELIVERY_QUEUE;
	if (s->mode == DELIVERY_FOREGROUND)
		send_now(s);
	else
		send_later(s);
}

/* The account's other messages, when it is known to work, need not wait for their time. */
static void run_account(const struct sending *s)
{
	const struct run_order order = {
		.folder = buf_str(&s->folder),
		.rules = { .account = s->submission.account->name },
	};
	struct status unsaid;
	struct runner_report unread;
	queue_run(s->context, &order, &unread, &unsaid);
}

static enum attempt_result attempt_all(const struct attempts *with, struct queue_entry *e,
				       struct status *st)
{
	for (size_t i = 0; i < e->envelope.count; i++)
		e->envelope.at[i].decided = e->marks[i] != MARK_PENDING;
	return attempt(with, e, st);
}

/* Those who wait were tried a moment ago. */
static enum attempt_result tell_of_refusals(const struct sending *s,
					    const struct attempts *with, struct queue_entry *e,
					    struct status *st)
{
	e->next = s->rest_due;
	return attempt_to_tell(with, e, st);
}

/* The message is locked, and a child has the lock, too. A report that it leads to goes next. */
static void attempt_own(struct sending *s)
{
	struct queue_entry *e = &s->submission.entry;
	const struct attempts with = queue_attempts(s->context, &s->queueing.queue);
	struct status unsaid;
	enum attempt_result result = s->owes_bounce ? tell_of_refusals(s, &with, e, &unsaid)
						    : attempt_all(&with, e, &unsaid);
	queue_entry_release(e);
	if (result == ATTEMPT_DONE || result == ATTEMPT_WAITS)
		run_account(s);
}

static bool went_through(const struct recipient *r)
{
	return r->kind == STATUS_OK;
}

/* Who is woken finds the message free. */
static void leave_to_service(struct sending *s)
{
	queue_entry_release(&s->submission.entry);
	queue_wake(&s->queueing.queue);
}

void sending_go_on(struct sending *s)
{
	const struct envelope *e = &s->submission.entry.envelope;
	bool attempts = s->committed && (s->owes_bounce || s->mode == DELIVERY_BACKGROUND);
	bool runs = s->folder.len != 0 && !s->committed && count_who(e, went_through) != 0 &&
		    queue_next_due(s->context, buf_str(&s->folder)) <= clock_wall();
	if (s->committed && !attempts)
		leave_to_service(s);
	if (!(attempts || runs) || !queue_fork())
		return;
	if (attempts)
		attempt_own(s);
	else
		run_account(s);
	_exit(0);
}
