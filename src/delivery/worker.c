/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/worker.h"

#include "base/clock.h"
#include "base/process.h"
#include "delivery/carrier.h"
#include "delivery/rate.h"
#include "queue/queue_take.h"

#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct worker_share {
	size_t count;
	atomic_size_t next;
	atomic_size_t tried;
	atomic_bool open;
	atomic_bool stop;
	atomic_bool down;
	struct status why;     /* the place is down; written before `down` is set */
	struct status trouble; /* what our own disk did; the last one counts */
};

/* A message in hand. */
struct turn {
	bool in_hand;
	bool is_last;           /* of the group */
	const char *id;         /* borrowed from the group */
	enum queue_taken taken; /* if it cannot be tried, `why` says why */
	struct queue_entry entry;
	struct status why;
};

/* One process at work. */
struct shift {
	struct attempts with;
	const struct due_group *group;
	struct worker_share *share;
	struct carrier carrier;
	int pipe;
	bool told;
	bool troubled; /* our own disk failed, for some messages */
	struct turn turns[2];
	size_t at_work; /* the place in there of the message that is tried */
};

struct worker_share *worker_share_new(size_t count)
{
	struct worker_share *s = mmap(NULL, sizeof *s, PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (s == MAP_FAILED)
		return NULL;
	s->count = count;
	return s;
}

void worker_share_free(struct worker_share *s)
{
	munmap(s, sizeof *s);
}

bool worker_share_is_open(const struct worker_share *s)
{
	return s->open;
}

size_t worker_share_tried(const struct worker_share *s)
{
	return s->tried;
}

size_t worker_share_left(const struct worker_share *s)
{
	size_t next = s->next;
	return next < s->count ? s->count - next : 0;
}

void worker_share_stop(struct worker_share *s)
{
	s->stop = true;
}

static const struct recipient *first_pending(const struct queue_entry *e)
{
	for (size_t i = 0; i < e->envelope.count; i++) {
		if (e->marks[i] == MARK_PENDING)
			return &e->envelope.at[i];
	}
	return NULL;
}

/* Why nobody could be reached; who says so first is believed. */
static void note_down(struct worker_share *s, const struct queue_entry *e)
{
	const struct recipient *r = first_pending(e);
	if (r == NULL || s->down)
		return;
	status_set(&s->why, r->kind, "%s", r->reply != NULL ? r->reply : "");
	s->why.stage = r->stage;
	s->why.code = r->code;
	memcpy(s->why.enhanced, r->enhanced, sizeof s->why.enhanced);
	text_fit(s->why.peer, sizeof s->why.peer, r->peer);
	s->down = true;
}

/* With mx the place is a domain; a message for others besides has more to try. */
static bool is_for_this_place_alone(const struct due_group *g, const struct queue_entry *e)
{
	for (size_t i = 0; g->domain != NULL && i < e->envelope.count; i++) {
		const char *at = strrchr(e->envelope.at[i].address, '@');
		if (e->marks[i] == MARK_PENDING && at != NULL &&
		    !ascii_same_nocase(at + 1, g->domain))
			return false;
	}
	return true;
}

/* The account has had its messages for this minute; E's turn is when there is room again. */
static bool has_to_wait_for_others(const struct shift *s, struct queue_entry *e)
{
	if (s->group->account == NULL || queue_entry_count(e, MARK_PENDING) == 0)
		return false;
	int64_t wait = rate_take(s->with.queue, s->group->account);
	if (wait != 0)
		e->next = clock_wall() + wait;
	return wait != 0;
}

/* It does not count as a try. */
static enum attempt_result put_off(const struct shift *s, struct queue_entry *e,
				   struct status *st)
{
	return queue_put_back(s->with.queue, e, st) == 0 ? ATTEMPT_WAITS : ATTEMPT_FAILED;
}

/* To somebody else the place is down; but here a session stands, and E may have begun in it. */
static bool has_session(const struct shift *s)
{
	return s->carrier.is_ready && s->carrier.hop.is_open;
}

static enum attempt_result try_entry(struct shift *s, struct queue_entry *e, struct status *st)
{
	bool hopeless =
		s->share->down && !has_session(s) && is_for_this_place_alone(s->group, e);
	if (hopeless && queue_entry_count(e, MARK_PENDING) != 0)
		return attempt_without_trying(&s->with, e, &s->share->why, st);
	bool alone = is_for_this_place_alone(s->group, e);
	if (has_to_wait_for_others(s, e))
		return put_off(s, e, st);
	enum attempt_result result = attempt(&s->with, e, st);
	if (result == ATTEMPT_DOWN && alone)
		note_down(s->share, e);
	return result;
}

static void tell_open(struct shift *s)
{
	ssize_t unread;
	if (s->told || s->share->down)
		return;
	s->told = true;
	s->share->open = true;
	unread = write(s->pipe, "", 1);
	(void)unread;
}

/* What is wrong with its content shows only when all of it is read. */
static bool set_aside(const struct attempts *with, const char *id, struct status *st)
{
	struct buf line = { 0 };
	buf_addf(&line, "%s: %s", id, st->text);
	bool done = queue_set_aside(with->queue, id, st) == 0;
	if (done && with->damaged != NULL)
		with->damaged(with->context, buf_str(&line));
	buf_release(&line);
	return done;
}

/* The message that is taken in hand next has this place; the one at work has the other. */
static struct turn *turn_ahead(struct shift *s)
{
	return &s->turns[s->at_work == 0];
}

/* Take the next message of the group in hand, if there is one and we need not stop. */
static void look_ahead(struct shift *s)
{
	struct turn *t = turn_ahead(s);
	if (t->in_hand || s->share->stop)
		return;
	size_t place = s->share->next++;
	if (place >= s->group->count)
		return;
	t->in_hand = true;
	t->is_last = place + 1 >= s->group->count;
	t->id = s->group->at[place].text;
	t->taken = queue_take(s->with.queue, t->id, &t->entry, &t->why);
}

/* May the envelope of the message ahead leave before that message has its turn? Not a report
 * whose parent has to be looked at first, and nothing that a rate could put off. */
static struct queue_entry *entry_ahead(void *context)
{
	struct shift *s = context;
	struct turn *t = turn_ahead(s);
	look_ahead(s);
	bool fits = t->in_hand && t->taken == QUEUE_TAKEN && t->entry.parent == NULL &&
		    !s->share->down && s->group->account != NULL &&
		    s->group->account->rate == 0 &&
		    queue_entry_count(&t->entry, MARK_PENDING) != 0;
	return fits ? &t->entry : NULL;
}

/* Our own disk failed, for a message of which nothing was sent, or all is marked: those behind
 * it need not wait until that is mended. */
static bool go_on(struct shift *s, const struct status *st)
{
	s->troubled = true;
	s->share->trouble = *st;
	return true;
}

/* False if our own disk failed, and it is better to stop. */
static bool take_turn(struct shift *s, struct turn *t, struct status *st)
{
	*st = t->why;
	if (t->taken == QUEUE_DAMAGED)
		return set_aside(&s->with, t->id, st) || go_on(s, st);
	if (t->taken == QUEUE_UNREADABLE)
		return go_on(s, st);
	if (t->taken != QUEUE_TAKEN)
		return true;
	s->share->tried++;
	s->carrier.stays = !t->is_last;
	enum attempt_result result = try_entry(s, &t->entry, st);
	if (result == ATTEMPT_DONE)
		tell_open(s);
	if (result == ATTEMPT_UNTOLD)
		return go_on(s, st);
	return result != ATTEMPT_FAILED;
}

static void end_turn(struct shift *s, struct turn *t)
{
	if (t->in_hand) {
		carrier_end_turn(&s->carrier, &t->entry.envelope);
		queue_entry_release(&t->entry);
	}
	t->in_hand = false;
}

static int work(struct shift *s)
{
	bool fine = true;
	for (look_ahead(s); fine && turn_ahead(s)->in_hand; look_ahead(s)) {
		s->at_work = s->at_work == 0;
		struct turn *t = &s->turns[s->at_work];
		struct status st;
		fine = take_turn(s, t, &st);
		if (!fine)
			s->share->trouble = st;
		end_turn(s, t);
	}
	end_turn(s, turn_ahead(s));
	carrier_drop(&s->carrier);
	return fine && !s->troubled ? 0 : 1;
}

/* The run ends its workers, in an orderly way; signals are for the run. */
static void leave_signals(void)
{
	signal(SIGINT, SIG_IGN);
	signal(SIGTERM, SIG_IGN);
	signal(SIGHUP, SIG_IGN);
}

bool worker_start(struct worker *w, const struct attempts *with, const struct due_group *g,
		  struct worker_share *s)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	pid_t pid = process_fork();
	if (pid == 0) {
		struct shift shift = { .with = *with, .group = g, .share = s, .pipe = ends[1] };
		close(ends[0]);
		leave_signals();
		shift.with.carrier = &shift.carrier;
		shift.with.next = entry_ahead;
		shift.with.next_context = &shift;
		_exit(work(&shift));
	}
	close(ends[1]);
	if (pid < 0) {
		close(ends[0]);
		return false;
	}
	*w = (struct worker){ .pid = pid, .fd = ends[0], .share = s };
	return true;
}

bool worker_end(struct worker *w, struct status *st)
{
	close(w->fd);
	int code = process_wait(w->pid);
	if (code > 0)
		*st = w->share->trouble;
	if (code < 0)
		status_set(st, STATUS_SYSTEM, "a process that sends mail died of signal %d",
			   -code);
	return code == 0;
}
