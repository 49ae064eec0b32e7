/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * say - words for the user, on standard error and standard output
 */
#ifndef CMD_SAY_H
#define CMD_SAY_H

#include "base/buf.h"
#include "base/status.h"

/* "postrider: PEER: TEXT" on standard error, without PEER if it is NULL or empty. */
void say_line(const char *peer, const char *text);
/* The same for what ST says, and a second line with its hint if it has one. Returns the exit
 * code for it. */
int say_status(const struct status *st);
/* Write OUT to standard output, and release it. Returns the exit code: EX_OK, or EX_IOERR. */
int say_output(struct buf *out);

#endif
