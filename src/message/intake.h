/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * intake - a message comes in by pieces: first its header section, then its body
 *
 * Feeds what callers write through lines.h and finds the end of the header section. A leading
 * mbox "From " (or ">From ") line is dropped. The section ends at the first empty line, or
 * before the first line that is neither a field nor a continuation: that line begins the body,
 * so nothing is lost and recipients are never looked for in a body. A message whose first line
 * is no field has an empty header section, and so has one whose first line is empty.
 *
 * Life: zero the struct; feed until head_done, take the header from `head`; go on feeding, each
 * call's body bytes are in `body`, which the caller empties with buf_reset; finish; release.
 * How the input was cut does not matter. After an error the struct is fit only to be released.
 *
 * A lone dot: unless dot_is_data, a last line that is just "." is dropped at the end. With text
 * behind it, it is data (contract, section 3). On a terminal the caller stops feeding at such a
 * line: see intake_at_dot.
 */
#ifndef MESSAGE_INTAKE_H
#define MESSAGE_INTAKE_H

#include "base/buf.h"
#include "base/status.h"
#include "message/lines.h"

#include <stdbool.h>

#define INTAKE_HEAD_BYTES (1024 * 1024)
#define INTAKE_HEAD_LINES 10000

struct intake {
	bool dot_is_data; /* set by the caller before the first piece */
	struct buf head;  /* the header section in canonical form, without the empty line */
	bool head_done;
	struct buf body;    /* canonical body bytes that nobody has taken yet */
	struct lines lines; /* its facts are, once finished, those of the body alone */
	/* private: */
	struct buf pending; /* before head_done: the present line so far, canonical */
	size_t head_lines;
	bool past_first_line;
	struct buf held;          /* the body's last line while it is a lone dot */
	struct facts before_held; /* the body's facts without that line */
};

/*
 * Take PIECE in. Errors: STATUS_BAD_MESSAGE for a header section over the limits, or with a NUL
 * in it.
 */
int intake_feed(struct intake *i, struct slice piece, struct status *st);
/* The input ended here; head_done is true afterwards. Errors as above. */
int intake_finish(struct intake *i, struct status *st);
/* Was the last line that came in a lone dot? On a terminal it ends the message. */
bool intake_at_dot(const struct intake *i);
void intake_release(struct intake *i);

#endif
