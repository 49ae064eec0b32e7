/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_case - a queue in a scratch folder, and messages for it
 */
#ifndef UNIT_QUEUE_CASE_H
#define UNIT_QUEUE_CASE_H

#include "queue/queue_draft.h"
#include "queue/queue_take.h"
#include "scratch.h"

struct queue_case {
	struct scratch scratch;
	struct queue queue;
	struct queue_id id; /* of the message that was put in last */
};

/* For cmocka: *STATE is a struct queue_case with an empty queue, made anew for each test. */
int queue_case_open(void **state);
int queue_case_close(void **state);

/* Fill E, which it initialises: an entry with all fields set, and COUNT recipients r0@x.test...
 */
void queue_case_entry(struct queue_entry *e, size_t count, const char *content);
/* The same with four recipients, and with all fields set that can be: each differs from what it
 * is when nothing is said. */
void queue_case_full(struct queue_entry *e);
/* CONTENT becomes E's message: a header section to the first empty line, and a body. */
void queue_case_content(struct queue_entry *e, const char *content);

/* Commit such an entry; E may be NULL. It is released, so the message is free to be taken. */
void queue_case_put(struct queue_case *c, size_t count, const char *content);
/* Take the message; the test fails if that is not RESULT. Returns what ST says. */
const char *queue_case_take(struct queue_case *c, struct queue_entry *e,
			    enum queue_taken result);

/* The path of NAME in FOLDER of the queue; NAME may be NULL: of the message. */
const char *queue_case_path(struct queue_case *c, const char *folder, const char *name);
/* The bytes of that file, and putting others in their place. */
void queue_case_read(const char *path, struct buf *out);
void queue_case_write(const char *path, struct slice bytes);
/* How many names are in FOLDER of the queue? */
size_t queue_case_count(struct queue_case *c, const char *folder);

/* Make OUT the header of E. */
void queue_case_header(const struct queue_entry *e, struct buf *out);
/* As queue_file_parse, into an E and ST that hold nothing yet. */
int queue_case_parse(struct slice text, struct queue_entry *e, struct status *st);

#endif
