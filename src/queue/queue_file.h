/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * queue_file - the text of a file in the queue: postrider-queue(5)
 *
 * A header of lines, the message, and a last line that proves that all of it is there. What
 * changes later has a place of fixed width in the header, is overwritten there, and does not
 * count in the checksum; all else is written once. Pure: no file is touched here.
 *
 * What is parsed may be torn, foreign, or made to do harm.
 */
#ifndef QUEUE_QUEUE_FILE_H
#define QUEUE_QUEUE_FILE_H

#include "base/buf.h"
#include "base/status.h"
#include "queue/queue_entry.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define QUEUE_MAGIC "PR1 "

enum {
	QUEUE_HEADER_BYTES = 8 * 1024 * 1024, /* no header is larger */
	QUEUE_TRIES_AT = 31,                  /* where the text of queue_file_tries goes */
	QUEUE_MARK_AT = 2,                    /* in the line of a recipient */
};

/*
 * Append the header of E. Its length depends on the recipients, the account and what else there
 * is besides numbers, so it can be written before the message is known, and again afterwards.
 */
void queue_file_header(const struct queue_entry *e, struct buf *out);

/* The words for enum queue_origin. */
extern const char *const queue_origins[QUEUE_ORIGINS];

/* The checksum of a header up to the line that holds it: CRC-32C of all lines but the one that
 * changes, and of recipients' lines without their marks. */
uint32_t queue_file_check(struct slice text);

/* Append the last line. */
void queue_file_trailer(const struct queue_entry *e, struct buf *out);

/* Append what changes with each try, to be written at QUEUE_TRIES_AT. */
void queue_file_tries(const struct queue_entry *e, struct buf *out);

/* Is all of the header in TEXT, the beginning of a file? *LEN is its length then. */
bool queue_file_find_header(struct slice text, size_t *len);

/*
 * Fill E, initialised, from TEXT, a whole header. Recipients that are not pending are decided.
 * Errors: STATUS_BAD_MESSAGE with what is wrong; E is fit only to be released then.
 */
int queue_file_parse(struct slice text, struct queue_entry *e, struct status *st);

/*
 * The same without a look at the checksum: is TEXT, which queue_file_header wrote just now,
 * such that it can be read again?
 */
int queue_file_read_lines(struct slice text, struct queue_entry *e, struct status *st);

/* Note in E how long HEADER, its own, is, and where in it recipients' marks stand. */
void queue_file_places(struct slice header, struct queue_entry *e);

/* The length that a file with E in it has. */
uint64_t queue_file_size(const struct queue_entry *e);
/* Is TEXT E's last line? */
bool queue_file_trailer_is(const struct queue_entry *e, struct slice text);

#endif
