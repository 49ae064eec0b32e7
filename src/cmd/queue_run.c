/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/queue_run.h"

#include "base/clock.h"
#include "base/process.h"
#include "cmd/outcome.h"
#include "cmd/say.h"
#include "queue/queue_scan.h"

static void log_attempt(void *context, const struct queue_entry *e, const struct account *a,
			const struct delivery_report *report, int64_t took)
{
	const struct context *c = context;
	const struct outcome o = {
		.settings = a != NULL ? a : &c->config.defaults,
		.account = e->account,
		.entry = e,
		.report = report,
		.from_queue = true,
		.took = took,
	};
	outcome_log(&o);
}

void queue_log_trouble(const struct context *c, const struct status *st)
{
	struct queue_entry none;
	queue_entry_init(&none);
	const struct outcome o = { .settings = &c->config.defaults,
				   .entry = &none,
				   .failure = st };
	outcome_log(&o);
	tap_note(&c->transcript.tap, "%s", st->text);
}

static void say_damaged(void *context, const char *what)
{
	struct status st;
	status_set(&st, STATUS_BAD_MESSAGE, "set aside, in the queue's folder 'corrupt': %s",
		   what);
	queue_log_trouble(context, &st);
}

struct attempts queue_attempts(const struct context *c, const struct queue *q)
{
	return (struct attempts){
		.config = &c->config,
		.queue = q,
		.home = buf_str(&c->home),
		.tap = &c->transcript.tap,
		.told = log_attempt,
		.damaged = say_damaged,
		/* The log is for the context what the tap is: it looks, and changes nothing. */
		.context = (void *)(uintptr_t)c,
	};
}

int queue_run(const struct context *c, const struct run_order *order,
	      struct runner_report *report, struct status *st)
{
	struct queue q;
	*report = (struct runner_report){ 0 };
	int result = queue_open(&q, order->folder, false, st);
	const struct runner r = {
		.with = queue_attempts(c, &q),
		.rules = order->rules,
		.patience = order->patience,
		.stop = order->stop,
	};
	if (result == 0 && queue_is_remote(&q))
		tap_note(&c->transcript.tap,
			 "the queue '%s' is on another machine: a crash there may lose or "
			 "double messages",
			 order->folder);
	if (result == 0)
		result = runner_run(&r, report, st);
	queue_release(&q);
	return result;
}

/* When the first of them is due; INT64_MAX if there is none. */
static int64_t first_due(const struct queue *q)
{
	struct queue_items items = { 0 };
	struct status unsaid;
	int64_t first = INT64_MAX;
	if (queue_scan(q, QUEUE_MESSAGES, &items, &unsaid) == 0) {
		for (size_t i = 0; i < items.count; i++)
			first = items.at[i].next < first ? items.at[i].next : first;
	}
	queue_items_release(&items);
	return first;
}

int64_t queue_next_due(const struct context *c, const char *folder)
{
	struct queue q;
	struct status unsaid;
	int64_t first = INT64_MAX;
	if (queue_open(&q, folder, false, &unsaid) == 0)
		first = first_due(&q);
	if (first != INT64_MAX && first > clock_wall() && due_config_changed(&q, &c->config))
		first = clock_wall();
	queue_release(&q);
	return first;
}

bool queue_fork(void)
{
	process_bury();
	if (process_fork() != 0)
		return false;
	process_detach();
	return true;
}
