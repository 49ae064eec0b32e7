/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * header - the header section as a list of fields (RFC 5322, 2.2)
 *
 * Fields keep their bytes: a field that nobody changes goes out as it came in, folds and blanks
 * and all. Line ends are CRLF (see lines.h).
 */
#ifndef MESSAGE_HEADER_H
#define MESSAGE_HEADER_H

#include "base/buf.h"
#include "base/status.h"

#include <stdbool.h>

struct field {
	char *text; /* owned: the whole field with its folds and the final CRLF */
	size_t len;
	size_t name_len; /* bytes of the name, blanks before the colon not counted */
	size_t body;     /* offset of the first byte behind the colon */
};

struct header {
	struct field *at; /* owned, in the order of the message */
	size_t count;
	size_t room;
};

/* Does LINE begin a field: a name of ftext (RFC 5322, 3.6.8), blanks (4.5.8), a colon? */
bool header_is_field(struct slice line);

/*
 * Split SECTION (CRLF lines, without the empty line that ends it) into fields and append them.
 * Linear time. Errors: STATUS_BAD_MESSAGE for a line that is neither a field nor a
 * continuation, for a NUL, and for a CR or LF that is not part of a CRLF; H keeps what it had.
 */
int header_parse(struct header *h, struct slice section, struct status *st);
void header_release(struct header *h);

struct slice field_name(const struct field *f);
/* What stands behind the colon, folds and all, without the final CRLF. */
struct slice field_body(const struct field *f);

/*
 * The first field called NAME, in any case, at or behind index FROM; NULL if there is none.
 * Good until a field is added or removed.
 */
struct field *header_find(const struct header *h, const char *name, size_t from);
/* Remove all fields called NAME; returns how many there were. */
size_t header_remove(struct header *h, const char *name);
/*
 * Put "NAME: BODY" CRLF in front of the field at index AT; at the end if there is none. BODY
 * has no final CRLF, and no line end in it that is no fold: that is the caller's promise.
 */
void header_insert(struct header *h, size_t at, const char *name, struct slice body);
/* Give F the body BODY, which begins with the blank behind the colon; else as header_insert. */
void field_replace_body(struct field *f, struct slice body);
/* Append the section, without the empty line. */
void header_write(const struct header *h, struct buf *out);

#endif
