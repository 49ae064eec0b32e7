/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * edits - a stored message with some of its parts replaced, without a second copy of it
 *
 * A list of edits, in the order of the message: a range of the store, and what goes out in its
 * place: a text, or the range itself in another encoding. What no edit names goes out as it is.
 *
 * Life: zero struct edits, add, read as often as needed, release. Memory: the list and its
 * texts.
 */
#ifndef MESSAGE_EDITS_H
#define MESSAGE_EDITS_H

#include "message/base64_lines.h"
#include "message/quoted_printable.h"
#include "message/reader.h"

enum edit_kind {
	EDIT_TEXT,
	EDIT_QUOTED_PRINTABLE,
	EDIT_QUOTED_PRINTABLE_MEND, /* is quoted-printable, and gets what it lacks of it */
	EDIT_BASE64,
	EDIT_BASE64_WRAP, /* is base64 and stays it, in lines of the right length */
};

struct edit {
	uint64_t from; /* the range in the store; may be empty */
	uint64_t to;
	enum edit_kind kind;
	size_t text; /* EDIT_TEXT: where it stands in `texts` */
	size_t text_len;
};

struct edits {
	struct edit *at; /* owned; ordered, without overlaps */
	size_t count;
	size_t room;
	struct buf texts;
};

/* Put TEXT in the place of FROM to TO, which lies behind all edits so far. */
void edits_replace(struct edits *e, uint64_t from, uint64_t to, struct slice text);
void edits_insert(struct edits *e, uint64_t at, const char *text);
/* Encode what stands from FROM to TO, which lies behind all edits so far. */
void edits_encode(struct edits *e, uint64_t from, uint64_t to, enum edit_kind how);
void edits_release(struct edits *e);

/* Where a reading of the edited message is; start with a zeroed struct that names the store. */
struct edits_cursor {
	struct reader reader;
	/* private: */
	size_t next; /* the edit that the reader is before or in */
	struct quoted_printable quoted_printable;
	struct quoted_printable_mend mend;
	struct base64_lines base64;
	struct base64_wrap wrap;
	struct buf out;
};

/*
 * The next piece of the edited message, valid until the next call with the same cursor; empty
 * at its end. Errors: STATUS_DISK.
 */
int edits_read(const struct edits *e, struct edits_cursor *c, struct slice *piece,
	       struct status *st);
void edits_cursor_release(struct edits_cursor *c);

#endif
