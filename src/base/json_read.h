/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json_read - a strict reader of JSON texts (RFC 8259) that come from strangers
 *
 * The text is one object and nothing behind it. All of it has to be well-formed: UTF-8, each
 * name once in its object, no lone surrogates, no more than 16 levels and 64 members in each
 * object. No string holds a NUL, so each is a C string. What is read may be secret: it is wiped
 * when released.
 *
 * Life: zero the struct, read once, release in any case.
 */
#ifndef BASE_JSON_READ_H
#define BASE_JSON_READ_H

#include "base/buf.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

#define JSON_MEMBERS_MAX 64

enum json_kind {
	JSON_TEXT,
	JSON_NUMBER,
	JSON_OTHER, /* true, false, null, an array or an object */
};

struct json_member {
	char *name; /* owned */
	enum json_kind kind;
	struct buf value; /* a text without its escapes; a number as it was written */
};

/* The members of the outermost object. */
struct json_members {
	struct json_member *at; /* owned */
	size_t count;
	size_t room;
};

/* Read TEXT into M. Errors: STATUS_BROKEN_PEER; the sentence quotes nothing of TEXT. */
int json_read(struct slice text, struct json_members *m, struct status *st);
void json_members_release(struct json_members *m);

/* The text called NAME; NULL if there is none, or it is no text. Borrowed from M. */
const char *json_text_of(const struct json_members *m, const char *name);

/*
 * The whole number called NAME, also if it is written as a text of digits, as some servers do.
 * False if there is none.
 */
bool json_number_of(const struct json_members *m, const char *name, int64_t *number);

#endif
