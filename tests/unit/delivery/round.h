/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * round - for tests: a queue, and accounts that deliver what is in it
 */
#ifndef TEST_ROUND_H
#define TEST_ROUND_H

#include "config/config.h"
#include "delivery/attempt.h"
#include "queue/queue_case.h"

struct round {
	struct queue_case *at; /* its scratch folder is the home */
	struct config config;
	struct attempts with;
};

/* For cmocka: *STATE is a struct round; its account "fine" delivers to ~/fine, "broken" to a
 * place that cannot be, "refused" to one that is out of reach. */
int round_open(void **state);
int round_close(void **state);

/* Other accounts: TEXT is a config file, whose %s, of which there may be one, is the home. */
void round_configure(struct round *r, const char *text);

/* Fill E, which it initialises: due now, by ACCOUNT, for TO, addresses between blanks. */
void round_entry(struct queue_entry *e, const char *account, const char *to);
/* Commit and release E; returns its id. */
struct queue_id round_commit(struct round *r, struct queue_entry *e);
/* Both. */
struct queue_id round_put(struct round *r, const char *account, const char *to);

/* Take the message ID, which has to be there and free; the caller releases it. */
void round_take(struct round *r, struct queue_id id, struct queue_entry *e);
/* The marks of ID, without a lock; "" if it is gone. Valid until the next call. */
const char *round_marks(struct round *r, struct queue_id id);
/* How many messages came to ~/NAME? */
size_t round_arrived(struct round *r, const char *name);
/* What the last of them is, as its file says. Valid until the next call. */
const char *round_last(struct round *r, const char *name);

#endif
