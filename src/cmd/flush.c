/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/cmd.h"
#include "cmd/hand_over.h"
#include "cmd/queue_run.h"
#include "cmd/queue_set.h"
#include "cmd/say.h"
#include "config/queue_folder.h"
#include "config/queue_request.h"

#include <signal.h>
#include <sysexits.h>

enum { PATIENCE = 30 * 1000 }; /* ms: another run may be about to end */

static volatile bool stop;

static void end_in_order(int number)
{
	(void)number;
	stop = true;
}

static int flush(const struct request *r, const struct context *c)
{
	const char *home = c->home.len != 0 ? buf_str(&c->home) : NULL;
	struct run_order order = {
		.rules = {
			.all = r->all || r->queue_id != NULL,
			.id = request_is_all(r) ? NULL : r->queue_id,
			.selection = &r->selection,
		},
		.stop = &stop,
	};
	struct strings folders = { 0 };
	struct status st;
	int code = EX_OK;
	order.patience = order.rules.all ? PATIENCE : 0;
	queue_folders(&c->config, home, &folders);
	for (size_t i = 0; i < folders.count; i++) {
		struct runner_report report;
		order.folder = folders.at[i];
		if (queue_run(c, &order, &report, &st) != 0)
			code = say_status(&st);
	}
	strings_release(&folders);
	return code;
}

/* A run says nothing of messages that it does not find. */
static int flush_if_there(const struct request *r, const struct context *c)
{
	struct queue_set s;
	if (r->queue_id == NULL)
		return flush(r, c);
	queue_set_open_of(&s, &c->config, c->home.len != 0 ? buf_str(&c->home) : NULL);
	int code = queue_can_try(&s, r);
	queue_set_release(&s);
	return code == EX_OK ? flush(r, c) : code;
}

int cmd_flush(const struct request *r)
{
	struct context c;
	struct status st;
	if (r->interval != 0)
		return cmd_daemon(r);
	signal(SIGTERM, end_in_order);
	signal(SIGINT, end_in_order);
	int code = context_init(&c, r, &st) == 0 ? flush_if_there(r, &c)
						 : hand_over(r, &c.config, &st);
	context_release(&c);
	return code;
}
