/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * spooler_keeper - the daemon's side of the service: as long as it lives, so does a spooler
 */
#ifndef CMD_SPOOLER_KEEPER_H
#define CMD_SPOOLER_KEEPER_H

#include "cmd/children.h"
#include "cmd/context.h"
#include "cmd/listeners.h"

#include <stdint.h>
#include <sys/types.h>

/* Zero it before use. */
struct spooler_keeper {
	pid_t pid;          /* 0: there is none */
	int64_t not_before; /* clock_now() terms: the earliest time for the next one */
};

/*
 * Make the service's socket, unless L has one. A config of the user's own is for nobody else,
 * and needs none. Errors: those of service_socket_make.
 */
int spooler_listen(struct listeners *l, const struct config *c, struct status *st);

/* When, in clock_now() terms, spooler_keep has something to do; INT64_MAX: not of its own. */
int64_t spooler_wanted_at(const struct spooler_keeper *k, const struct listeners *l);

/* Start one, if it is time: CHILDREN has it then. */
void spooler_keep(struct spooler_keeper *k, const struct context *c, const struct listeners *l,
		  struct children *children);

/* The config is another one. Who is connected is served to the end with the old one. */
void spooler_replace(struct spooler_keeper *k);

/* The child PID has ended. */
void spooler_buried(struct spooler_keeper *k, pid_t pid);

#endif
