/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_entry - one message of the queue, as its file says
 *
 * Life: zero the struct, queue_entry_init, fill it or have it filled, release it. The entry
 * owns the descriptor of its file, and with it the lock: whoever has a locked entry is the only
 * one who sends, marks, or removes that message.
 */
#ifndef QUEUE_QUEUE_ENTRY_H
#define QUEUE_QUEUE_ENTRY_H

#include "message/envelope.h"
#include "message/message.h"
#include "queue/queue_id.h"

#include <stdbool.h>
#include <stdint.h>

/* How the message came; a table in queue_file.c has the words. */
enum queue_origin { FROM_SENDMAIL, FROM_SMTP, FROM_SERVICE, FROM_REPORT, QUEUE_ORIGINS };

/* What the file says of the message as a whole. */
enum queue_state {
	QUEUE_WAITING = 'q', /* for its time */
	QUEUE_HELD = 'h',    /* by a person, until a person releases it */
	QUEUE_STUCK = 'a',   /* its account does not work; a changed config makes it due */
};

/* What it says of each recipient. */
enum queue_mark {
	MARK_PENDING = '?',
	MARK_DELIVERED = 'D',
	MARK_FAILED = 'F', /* for good, and the sender does not know it yet */
	MARK_TOLD = 'B',   /* for good, and he does, or need not */
};

struct queue_entry {
	struct queue_id id;
	enum queue_origin origin;
	uint32_t uid;      /* of the caller */
	int64_t created;   /* seconds since 1970 */
	unsigned attempts; /* tries so far */
	int64_t next;      /* seconds since 1970: when to try again */
	enum queue_state state;
	bool warned;   /* the sender knows that it is late */
	char *account; /* owned */
	char *parent;  /* owned: of a report, the message it is about; else NULL */
	struct envelope envelope;
	char *marks; /* owned: enum queue_mark of each recipient */
	struct message message;
	uint32_t checksum; /* CRC-32C of the message's octets */
	int fd;            /* owned; -1: no file. Open means locked, but while peeking */
	uint64_t size;     /* of the file */
	/* private: */
	char *saved;      /* owned: the marks that the file has */
	uint64_t *places; /* owned: where in the file each recipient's mark is */
	size_t head;      /* where the message begins */
};

void queue_entry_init(struct queue_entry *e);
/* Gives the lock back, too. */
void queue_entry_release(struct queue_entry *e);

/* How many recipients have MARK? */
size_t queue_entry_count(const struct queue_entry *e, enum queue_mark mark);

/*
 * Mark the recipients of PART, E's envelope or some of it, as what became of them says:
 * delivered, failed for good, or pending. Those that are not pending any more stay as they are.
 */
void queue_entry_note(struct queue_entry *e, const struct envelope *part);

/* Is anything left to do: somebody to send to, or to tell? */
bool queue_entry_is_done(const struct queue_entry *e);

#endif
