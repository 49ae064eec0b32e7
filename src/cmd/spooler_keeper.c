/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/spooler_keeper.h"

#include "base/clock.h"
#include "cmd/spooler.h"
#include "delivery/service_socket.h"

#include <signal.h>

enum { BETWEEN = 1000 }; /* ms: one that cannot live need not be tried all the time */

int spooler_listen(struct listeners *l, const struct config *c, struct status *st)
{
	int fd;
	if (c->source != CONFIG_SYSTEM || listeners_find(l, LISTENER_SUBMIT) >= 0)
		return 0;
	if (service_socket_make(&fd, st) != 0)
		return -1;
	listeners_add(l, fd, LISTENER_SUBMIT);
	return 0;
}

int64_t spooler_wanted_at(const struct spooler_keeper *k, const struct listeners *l)
{
	bool wanted = k->pid == 0 && listeners_find(l, LISTENER_SUBMIT) >= 0;
	return wanted ? k->not_before : INT64_MAX;
}

void spooler_keep(struct spooler_keeper *k, const struct context *c, const struct listeners *l,
		  struct children *children)
{
	int64_t now = clock_now();
	if (spooler_wanted_at(k, l) > now)
		return;
	k->not_before = now + BETWEEN;
	pid_t pid = spooler_start(c, listeners_find(l, LISTENER_SUBMIT));
	if (pid <= 0)
		return;
	k->pid = pid;
	children_add(children, (struct child){ .pid = pid, .kind = CHILD_SPOOLER });
}

void spooler_replace(struct spooler_keeper *k)
{
	if (k->pid != 0)
		kill(k->pid, SIGTERM);
	*k = (struct spooler_keeper){ 0 };
}

void spooler_buried(struct spooler_keeper *k, pid_t pid)
{
	if (pid == k->pid)
		k->pid = 0;
}
