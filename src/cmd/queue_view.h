/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_view - one file of the queue, as it is shown to people and to programs
 *
 * What other parties wrote is made printable on the way.
 *
 * Life: load it, which may be said of an uninitialised one, and release it in any case.
 */
#ifndef CMD_QUEUE_VIEW_H
#define CMD_QUEUE_VIEW_H

#include "base/buf.h"
#include "config/selection.h"
#include "queue/queue_take.h"

#include <stdbool.h>
#include <stdint.h>

struct queue_view {
	const struct queue *queue; /* borrowed */
	const char *folder;        /* borrowed: QUEUE_MESSAGES, QUEUE_FAILED, QUEUE_CORRUPT */
	const char *name;          /* borrowed: the id, or whatever the file is called */
	bool readable;             /* `entry` has what the file says */
	bool busy;                 /* it is being sent now */
	struct queue_entry entry;
	struct status damage; /* what is wrong where it is not readable; else kind STATUS_OK */
	uint64_t size;        /* of the message in octets; of the file, where not readable */
	int64_t time;         /* seconds since 1970: when it came; else of the file */
};

/*
 * Look at NAME in FOLDER of Q. QUEUE_TAKEN: there is something to show, though it may be
 * damaged. QUEUE_GONE, or QUEUE_UNREADABLE with ST: there is not.
 */
enum queue_taken queue_view_load(struct queue_view *v, const struct queue *q,
				 const char *folder, const char *name, struct status *st);
void queue_view_release(struct queue_view *v);

/* One word: active, waiting, held, stuck, failed, corrupt. */
const char *queue_view_state(const struct queue_view *v);

/* Is it one of those that S means? */
bool queue_view_fits(const struct queue_view *v, const struct selection *s);

/* The line above a table. */
extern const char queue_row_head[];
/* Append the lines of a table; with ALL those who have the message already, too. NOW is in
 * seconds since 1970. */
void queue_view_row(const struct queue_view *v, bool all, int64_t now, struct buf *out);
/* Append all that is known, "name: value" a line. */
void queue_view_sheet(const struct queue_view *v, int64_t now, struct buf *out);
/* Append one line that is a JSON object. */
void queue_view_json(const struct queue_view *v, struct buf *out);

#endif
