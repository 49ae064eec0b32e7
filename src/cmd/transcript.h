/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * transcript - what -v shows: one line an event, on standard error
 *
 * "0.012 > EHLO client.example": seconds since the start, then * for what we do, > for what we
 * send, < for what we receive. As JSON: one object a line with time, event and text.
 */
#ifndef CMD_TRANSCRIPT_H
#define CMD_TRANSCRIPT_H

#include "net/tap.h"

#include <stdbool.h>
#include <stdint.h>

struct transcript {
	struct tap tap;
	int64_t start;
	bool as_json;
};

/* Make T ready; if SHOW is false its tap has no listener. T must stay where it is while the tap
 * is used. */
void transcript_init(struct transcript *t, bool show, bool as_json);

#endif
