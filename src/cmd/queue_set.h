/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_set - the queues of a config, and where in them a message is
 */
#ifndef CMD_QUEUE_SET_H
#define CMD_QUEUE_SET_H

#include "cmd/context.h"
#include "queue/queue_folder.h"

#include <stdbool.h>
#include <sys/types.h>

struct queue_set {
	struct context context;
	struct queue *at; /* owned; those that could be opened, in the order of the config */
	size_t count;
	int code;        /* the exit code for those that could not, which was said; or EX_OK */
	bool restricted; /* only messages of the user UID are there */
	uid_t uid;
};

/*
 * Open the queues of the accounts that R's config has. Where there is no config at all, it is
 * the queue that the caller would have. Errors: STATUS_BAD_CONFIG. Release S in any case.
 */
int queue_set_open(struct queue_set *s, const struct request *r, struct status *st);
/* The same for a config that was loaded. */
void queue_set_open_of(struct queue_set *s, const struct config *c, const char *home);
void queue_set_release(struct queue_set *s);

struct queue_place {
	const struct queue *queue; /* borrowed from the set */
	const char *folder;        /* QUEUE_MESSAGES, QUEUE_FAILED or QUEUE_CORRUPT */
};

/* Is the message ID at PLACE there for whoever asks? */
bool queue_set_shows(const struct queue_set *s, const struct queue_place *place,
		     const char *id);

/* Where is the message ID? Errors: STATUS_REJECTED where there is none. */
int queue_set_find(const struct queue_set *s, const char *id, struct queue_place *place,
		   struct status *st);

/* Say in ST (STATUS_REJECTED) that the message ID at PLACE is none that waits. Returns -1. */
int queue_set_only_kept(const struct queue_place *place, const char *id, struct status *st);

/* What can be done with a set, by mode. Each returns the exit code. */
int queue_list(const struct queue_set *s, const struct request *r);
int queue_show(const struct queue_set *s, const struct request *r);
int queue_hold(const struct queue_set *s, const struct request *r);
int queue_release_held(const struct queue_set *s, const struct request *r);
int queue_discard_held(const struct queue_set *s, const struct request *r);
/* Is the message that a run is asked for, if it is one, there, and not held? Changes nothing.
 */
int queue_can_try(const struct queue_set *s, const struct request *r);

/*
 * Do it with the queues of the config that R asks for; or, if that may not be read, have the
 * service do it. Returns the exit code.
 */
int queue_set_use(const struct request *r,
		  int (*use)(const struct queue_set *s, const struct request *r));

#endif
