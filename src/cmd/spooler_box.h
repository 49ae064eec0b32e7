/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * spooler_box - what a process may touch that reads what callers of the service write
 *
 * The queues and the log; of all else only what making a message takes: aliases, the name that
 * mail from here has, the time zone, libraries. Not the config, and no server.
 */
#ifndef CMD_SPOOLER_BOX_H
#define CMD_SPOOLER_BOX_H

#include "base/sandbox.h"
#include "cmd/context.h"

/* Make what has to be there before anybody is confined to it. */
void spooler_box_prepare(const struct context *c);

/* Confine this process. Errors: those of sandbox_enter. */
int spooler_box_enter(const struct context *c, enum sandbox_reach *reach, struct status *st);

#endif
