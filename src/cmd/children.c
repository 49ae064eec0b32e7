/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/children.h"

#include "base/mem.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/wait.h>

void children_add(struct children *c, struct child child)
{
	c->at = mem_grow(c->at, c->count, &c->room, sizeof *c->at);
	c->at[c->count++] = child;
}

size_t children_count(const struct children *c, enum child_kind kind)
{
	size_t count = 0;
	for (size_t i = 0; i < c->count; i++)
		count += c->at[i].kind == kind;
	return count;
}

size_t children_of(const struct children *c, uid_t uid)
{
	size_t count = 0;
	for (size_t i = 0; i < c->count; i++)
		count += c->at[i].kind == CHILD_SESSION && c->at[i].uid == uid;
	return count;
}

bool children_bury(struct children *c, struct child *who, int *code)
{
	int how;
	pid_t pid = waitpid(-1, &how, WNOHANG);
	if (pid <= 0)
		return false;
	*who = (struct child){ .pid = pid, .kind = CHILD_SESSION };
	*code = WIFEXITED(how) ? WEXITSTATUS(how) : -WTERMSIG(how);
	for (size_t i = 0; i < c->count; i++) {
		if (c->at[i].pid != pid)
			continue;
		*who = c->at[i];
		c->at[i] = c->at[--c->count];
		break;
	}
	return true;
}

void children_stop(const struct children *c)
{
	for (size_t i = 0; i < c->count; i++)
		kill(c->at[i].pid, SIGTERM);
}

void children_release(struct children *c)
{
	free(c->at);
	*c = (struct children){ 0 };
}
