/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * spooler_visit - one caller at the service's socket
 */
#ifndef CMD_SPOOLER_VISIT_H
#define CMD_SPOOLER_VISIT_H

#include "cmd/context.h"

#include <stdint.h>
#include <sys/types.h>

/* What the children of a spooler share. */
struct spooler_shared {
	int64_t hinted; /* clock_now() terms: when somebody last asked for a queue run */
};

/* Who is at the other end of FD, says the kernel? False: it does not. */
bool spooler_peer(int fd, uid_t *uid);

/*
 * In a child: serve the caller at FD, to the end. C, without secrets, is cut down to what is
 * for him. SHARED may be NULL.
 *
 * A caller sees, holds, releases and removes his own messages only; root and the user that the
 * service runs as, all.
 */
void spooler_visit(struct context *c, int fd, struct spooler_shared *shared);

/* Tell the caller at FD, without waiting for him, that he has to come back; close it. */
void spooler_turn_away(int fd, const char *why);

/* The line of the log about a message that S took, or did not, ST says why. */
struct spool;
void spooler_log(const struct context *c, const struct spool *s, const struct status *st);

#endif
