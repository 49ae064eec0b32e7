/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * children - the processes that a service has at work
 */
#ifndef CMD_CHILDREN_H
#define CMD_CHILDREN_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum child_kind { CHILD_RUN, CHILD_SESSION, CHILD_SPOOLER };

struct child {
	pid_t pid;
	enum child_kind kind;
	uid_t uid; /* of the client, where that is known */
};

/* Zero it before use. */
struct children {
	struct child *at; /* owned */
	size_t count;
	size_t room;
};

void children_add(struct children *c, struct child child);
size_t children_count(const struct children *c, enum child_kind kind);
/* How many sessions has UID? */
size_t children_of(const struct children *c, uid_t uid);

/*
 * Bury one that has ended: false if there is none. CODE as process_wait has it.
 */
bool children_bury(struct children *c, struct child *who, int *code);

/* Ask all of them to end what they are at. */
void children_stop(const struct children *c);
void children_release(struct children *c);

#endif
