/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * due - which messages of the queue are to be tried, sorted by where they go
 *
 * Messages that go to one place form a group: those of an account, or, with `host = mx`, those
 * of an account for one domain. A group is tried in order, and the end of one place is not the
 * end of the others.
 */
#ifndef DELIVERY_DUE_H
#define DELIVERY_DUE_H

#include "config/config.h"
#include "config/selection.h"
#include "queue/queue_folder.h"
#include "queue/queue_id.h"

#include <stdbool.h>
#include <stddef.h>

/* Which messages are meant; all zero: those that are due. */
struct due_rules {
	bool all;                          /* also those whose time has not come */
	const char *id;                    /* borrowed: this one alone; or NULL */
	bool reports;                      /* reports alone that were never tried */
	const char *account;               /* borrowed: of this account alone; or NULL */
	const struct selection *selection; /* borrowed; or NULL */
};

struct due_group {
	char *key; /* owned: names the place */
	const struct account
		*account;    /* borrowed from the config; NULL: it has none any more */
	const char *domain;  /* part of the key: with mx; else NULL */
	struct queue_id *at; /* owned: from the oldest to the newest */
	size_t count;
	size_t room;
};

/* Zero it before use. */
struct due {
	struct due_group *at; /* owned */
	size_t count;
	size_t room;
	struct strings damaged; /* names in q/ that are no messages, and why: "NAME: why" */
	/* private: */
	size_t *index; /* owned: a hash table of places in `at`, counted from 1; 0 is free */
	size_t index_room;
};

/*
 * Find them. What is no message is set aside, and named in `damaged`. After a change of the
 * config also those are due whose account did not work. Errors: STATUS_DISK, if the queue
 * cannot be read; a message that cannot be read stays where it is, and is noted in *UNREADABLE.
 */
int due_find(struct due *d, const struct queue *q, const struct config *c,
	     const struct due_rules *rules, bool *unreadable, struct status *st);
void due_release(struct due *d);

/* Is C another one than that of the last run of Q? Then messages may be due before their time.
 */
bool due_config_changed(const struct queue *q, const struct config *c);

#endif
