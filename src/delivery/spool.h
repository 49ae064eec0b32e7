/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * spool - a stranger's stream, read strictly, becomes a message in the queue
 *
 * The stream is that of frames.h, from the service's socket or a file in the drop folder. Who
 * the stranger is says the kernel, not the stream: his login and uid are the message's.
 * Whatever an account's `queue` and `delivery` say, the message goes into the queue; it is sent
 * by a process that has credentials.
 *
 * Life: init; feed to the end of the stream; if a message was to be submitted, commit it;
 * release. What was not committed leaves nothing behind.
 */
#ifndef DELIVERY_SPOOL_H
#define DELIVERY_SPOOL_H

#include "config/config.h"
#include "delivery/frames.h"
#include "delivery/queueing.h"
#include "delivery/submission.h"

#include <stdbool.h>
#include <sys/types.h>

/* Octets in a message, where no max-size says less. */
#define SPOOL_MAX_SIZE ((uint64_t)1 << 30)

struct spool {
	const struct config *config; /* borrowed: of accounts that are for him */
	const char *home;            /* borrowed, or NULL: for the place of the queue */
	/* Borrowed; set by an importer, else NULL: what is made a message, as in queueing.h,
	 * and of which queue. */
	const struct queue_id *id;
	const char *queue;
	uid_t uid;
	struct request request; /* what is asked for; complete when all was fed */
	struct submission submission;
	struct queueing queueing;
	/* private: */
	struct frames frames;
	struct buf folder; /* of the queue */
	bool begun;        /* the submission: all fields were there */
};

/* S must not move. */
void spool_init(struct spool *s, const struct config *c, const char *home, uid_t uid,
		const char *login);
void spool_release(struct spool *s);

/*
 * The next BYTES of the stream. Errors: those of frames_feed, handoff_decode_request and
 * submission_feed; STATUS_BAD_MESSAGE for more than SPOOL_MAX_SIZE.
 */
int spool_feed(struct spool *s, struct slice bytes, struct status *st);

/* Does the stream, as far as it was fed, bring a message? */
bool spool_is_message(const struct spool *s);

/* Was all of the stream fed? Then s->request says what is asked for. */
bool spool_done(const struct spool *s);

/*
 * Put the message that was submitted into the queue, of which s->queueing is then; it is
 * locked, and s->submission.entry has its id, and says of all recipients that they wait.
 * Errors: those of submission_finish and queueing_commit.
 */
int spool_commit(struct spool *s, struct status *st);

/* Give up the lock, and wake whoever is to send it. */
void spool_let_go(struct spool *s);

#endif
