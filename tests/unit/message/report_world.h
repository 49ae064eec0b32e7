/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * report_world - a message, what became of it, and the report about it
 *
 * For tests, which fail where it fails.
 */
#ifndef REPORT_WORLD_H
#define REPORT_WORLD_H

#include "report_check.h"

#include "message/report.h"

#define HEAD    "From: a@x.test\r\nSubject: Hello\r\nMessage-ID: <1@x.test>\r\n"
#define TEN     "xxxxxxxxxx"
#define HUNDRED TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define LONG    HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED HUNDRED

/* When all reports are written: Sun, 22 Nov 2026 05:05:03 +0000. */
#define NOW 1795323903

struct world {
	struct report report; /* may be changed before it is written */
	struct envelope envelope;
	struct store original;
	struct message out;
	struct buf text; /* of the report */
	struct report_parts parts;
	struct buf value; /* the one that world_field gave last */
};

/* An original with the fields HEAD and the text BODY, an hour old; no recipient yet. */
void world_open(struct world *w, const char *head, const char *body);
/* Add a recipient; ST: what became of it, or NULL. */
struct recipient *world_add(struct world *w, const char *address, const struct status *st);
/* Add one that a server does not know. */
void world_add_unknown(struct world *w, const char *address);
/* Write the report and take it apart. Its bytes also go to a file in $REPORT_SAMPLES. */
void world_write(struct world *w);
void world_release(struct world *w);

/* The field NAME of H, unfolded; "" if there is none. Valid until the next call. */
const char *world_field(struct world *w, const struct header *h, const char *name);
/* Do WORDS stand anywhere in the report? */
bool world_text_has(const struct world *w, const char *words);

#endif
