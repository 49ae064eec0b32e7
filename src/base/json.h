/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * json - a writer of JSON texts (RFC 8259)
 *
 * Values are appended to a buf in the order of the calls; commas come by themselves. KEY is the
 * name of the value inside an object, and NULL inside an array or at the top. The caller closes
 * what it opens. The text has no line ends, so it can be one line of a log.
 *
 * Life: { .out = &buf }; the struct holds no memory.
 */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include "base/buf.h"

#include <stdint.h>

struct json {
	struct buf *out; /* borrowed */
	bool comma;      /* the next value follows another one */
};

void json_object(struct json *j, const char *key);
void json_object_end(struct json *j);
void json_array(struct json *j, const char *key);
void json_array_end(struct json *j);

/* Bytes that are no UTF-8, and control characters of the C1 set, become U+FFFD. */
void json_slice(struct json *j, const char *key, struct slice value);
/* The same with a C string; NULL becomes null. */
void json_string(struct json *j, const char *key, const char *value);
void json_number(struct json *j, const char *key, int64_t value);
void json_bool(struct json *j, const char *key, bool value);
void json_null(struct json *j, const char *key);

#endif
