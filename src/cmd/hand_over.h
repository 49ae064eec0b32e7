/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hand_over - the service does what the caller may not do, for want of a config
 */
#ifndef CMD_HAND_OVER_H
#define CMD_HAND_OVER_H

#include "base/status.h"
#include "config/cmdline.h"

#include <stdbool.h>

/*
 * The config C could not be loaded, and WHY says the reason: is that a case for the service,
 * and does this system have one?
 */
bool hand_over_fits(const struct request *r, const struct config *c, const struct status *why);

/* Say WHY, with what may be done about it. Returns the exit code. */
int hand_over_say(const struct status *why);

/*
 * The config C could not be loaded, and WHY says the reason. If it fits, have the service do
 * what R asks for: the message is standard input. Else say WHY. Returns the exit code.
 */
int hand_over(const struct request *r, const struct config *c, const struct status *why);

#endif
