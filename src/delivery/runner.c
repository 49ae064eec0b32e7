/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/runner.h"

#include "base/clock.h"
#include "base/mem.h"
#include "delivery/worker.h"
#include "queue/queue_draft.h"
#include "queue/queue_forget.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

enum {
	MOST_WORKERS = 20,   /* processes of one run */
	WORTH_A_WORKER = 10, /* messages that are left for each process of a group */
};

/* One group, and who works on it. */
struct place {
	struct worker_share *share; /* mapped; NULL: not begun */
	const struct due_group *group;
	int lock;        /* -1: not had */
	size_t workers;  /* at work */
	bool is_over;    /* all its messages had their turn, or somebody else has it */
	int64_t give_up; /* clock_now() terms: when to leave it to others */
};

struct crew {
	const struct runner *runner;
	struct runner_report *report;
	struct place *places; /* owned */
	size_t place_count;
	size_t first; /* all places before this one are over */
	struct worker at[MOST_WORKERS];
	size_t count;
	struct status *st;
};

static bool is_stopping(const struct crew *c)
{
	return c->runner->stop != NULL && *c->runner->stop;
}

static size_t most_workers(const struct due_group *g)
{
	return g->account != NULL ? (size_t)g->account->connections : 1;
}

/* The first one at once, others when it got through and there is something left to do. */
static bool wants_worker(const struct place *p)
{
	if (p->is_over)
		return false;
	if (p->workers == 0)
		return p->share == NULL;
	return p->workers < most_workers(p->group) && worker_share_is_open(p->share) &&
	       worker_share_left(p->share) > p->workers * WORTH_A_WORKER;
}

/* False: not now, or not at all any more. */
static bool have_lock(struct crew *c, struct place *p)
{
	if (p->lock < 0)
		p->lock = queue_lock_key(c->runner->with.queue, p->group->key);
	if (p->lock >= 0)
		return true;
	if (clock_now() >= p->give_up) {
		c->report->busy++;
		p->is_over = true;
	}
	return false;
}

/* What comes for it from now on may be tried by another run, however long this one takes. There
 * may be ten thousand places, and none keeps a descriptor. */
static void leave(struct crew *c, struct place *p)
{
	p->is_over = true;
	if (p->share != NULL) {
		c->report->tried += worker_share_tried(p->share);
		worker_share_free(p->share);
	}
	if (p->lock >= 0)
		queue_unlock_key(p->lock);
	p->share = NULL;
	p->lock = -1;
}

static void start_worker(struct crew *c, struct place *p)
{
	if (!have_lock(c, p))
		return;
	if (p->share == NULL)
		p->share = worker_share_new(p->group->count);
	if (p->share != NULL &&
	    worker_start(&c->at[c->count], &c->runner->with, p->group, p->share)) {
		c->at[c->count].place = (size_t)(p - c->places);
		p->workers++;
		c->count++;
	} else if (p->workers == 0) {
		status_sys(c->st, STATUS_SYSTEM, errno, "cannot start a process");
		c->report->failed = true;
		leave(c, p);
	}
}

static void start_workers(struct crew *c)
{
	for (size_t i = c->first; i < c->place_count && c->count < MOST_WORKERS; i++) {
		while (c->count < MOST_WORKERS && wants_worker(&c->places[i])) {
			size_t before = c->count;
			if (is_stopping(c))
				return;
			start_worker(c, &c->places[i]);
			if (c->count == before)
				break;
		}
	}
}

static void end_worker(struct crew *c, size_t i)
{
	struct place *p = &c->places[c->at[i].place];
	if (!worker_end(&c->at[i], c->st))
		c->report->failed = true;
	c->at[i] = c->at[--c->count];
	if (--p->workers == 0)
		leave(c, p);
}

static void stop_all(struct crew *c)
{
	for (size_t i = 0; i < c->place_count; i++) {
		if (c->places[i].share != NULL)
			worker_share_stop(c->places[i].share);
		else
			leave(c, &c->places[i]);
	}
}

/* Until a worker ends, gets through, or it is time to look again whether a place is free. */
static void await(struct crew *c, int64_t ms)
{
	struct pollfd fds[MOST_WORKERS];
	for (size_t i = 0; i < c->count; i++)
		fds[i] = (struct pollfd){ .fd = c->at[i].fd, .events = POLLIN };
	if (poll(fds, c->count, (int)ms) <= 0)
		return;
	for (size_t i = c->count; i-- > 0;) {
		char news;
		if (fds[i].revents != 0 && read(c->at[i].fd, &news, 1) <= 0)
			end_worker(c, i);
	}
}

static bool is_over(struct crew *c)
{
	while (c->first < c->place_count && c->places[c->first].is_over)
		c->first++;
	return c->first == c->place_count;
}

static void work(struct crew *c)
{
	enum { LOOK_AGAIN = 50 }; /* ms */
	while (!is_over(c)) {
		if (is_stopping(c))
			stop_all(c);
		start_workers(c);
		if (!is_over(c))
			await(c, LOOK_AGAIN);
	}
}

static void tell_damaged(const struct runner *r, const struct due *d)
{
	for (size_t i = 0; i < d->damaged.count && r->with.damaged != NULL; i++)
		r->with.damaged(r->with.context, d->damaged.at[i]);
}

static void run_groups(const struct runner *r, const struct due *d,
		       struct runner_report *report, struct status *st)
{
	struct crew c = { .runner = r, .report = report, .st = st };
	c.places = mem_zero(d->count + 1, sizeof *c.places);
	c.place_count = d->count;
	for (size_t i = 0; i < d->count; i++)
		c.places[i] = (struct place){ .group = &d->at[i],
					      .lock = -1,
					      .give_up = clock_now() + r->patience };
	work(&c);
	free(c.places);
}

static int run_once(const struct runner *r, const struct due_rules *rules,
		    struct runner_report *report, struct status *st)
{
	struct due d = { 0 };
	bool unreadable;
	int result = due_find(&d, r->with.queue, r->with.config, rules, &unreadable, st);
	tell_damaged(r, &d);
	if (result == 0)
		run_groups(r, &d, report, st);
	if (result == 0 && unreadable && !report->failed) {
		report->failed = true;
		status_set(st, STATUS_DISK, "some messages of the queue '%s' cannot be read",
			   r->with.queue->path);
	}
	due_release(&d);
	return result != 0 || report->failed ? -1 : 0;
}

/* The reports that a run has led to go at once, too. */
int runner_run(const struct runner *r, struct runner_report *report, struct status *st)
{
	const struct due_rules reports = { .account = r->rules.account, .reports = true };
	*report = (struct runner_report){ 0 };
	if (r->with.queue->fd < 0)
		return 0;
	queue_sweep(r->with.queue, clock_wall());
	queue_forget_failed(r->with.queue, clock_wall());
	if (run_once(r, &r->rules, report, st) != 0)
		return -1;
	bool stopped = r->stop != NULL && *r->stop;
	return report->tried != 0 && !stopped ? run_once(r, &reports, report, st) : 0;
}
