/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_set - the queues of a config, and where in them a message is
 */
#ifndef CMD_QUEUE_SET_H
#define CMD_QUEUE_SET_H

#include "cmd/context.h"
#include "queue/queue_folder.h"

struct queue_set {
	struct context context;
	struct queue *at; /* owned; those that could be opened, in the order of the config */
	size_t count;
	int code; /* the exit code for those that could not, which was said; or EX_OK */
};

/*
 * Open the queues of the accounts that R's config has. Where there is no config at all, it is
 * the queue that the caller would have. Errors: STATUS_BAD_CONFIG. Release S in any case.
 */
int queue_set_open(struct queue_set *s, const struct request *r, struct status *st);
void queue_set_release(struct queue_set *s);

struct queue_place {
	const struct queue *queue; /* borrowed from the set */
	const char *folder;        /* QUEUE_MESSAGES, QUEUE_FAILED or QUEUE_CORRUPT */
};

/* Where is the message ID? Errors: STATUS_REJECTED where there is none. */
int queue_set_find(const struct queue_set *s, const char *id, struct queue_place *place,
		   struct status *st);

#endif
