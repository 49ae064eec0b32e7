/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * spooler - the process that takes messages from callers who may not read the config
 *
 * The daemon starts it, and starts it again when it ends. It has no credentials: they are wiped
 * before it accepts anybody. Nor does it read what callers write: each connection has a child
 * of its own, and so has the drop folder; it knows who the caller is, confines itself to the
 * queue, and only then reads. Whatever becomes of a child, the spooler goes on.
 *
 * Messages go into the queue of their account, and wake whoever waits there. Nothing is
 * sent from here.
 */
#ifndef CMD_SPOOLER_H
#define CMD_SPOOLER_H

#include "cmd/context.h"

#include <sys/types.h>

enum {
	SPOOLER_PER_USER = 4,    /* connections at once */
	SPOOLER_IN_ALL = 64,     /* those beyond are told to come back */
	SPOOLER_DROP_EVERY = 60, /* seconds between looks into the drop folder */
	/* The same, for what no account is for: settings that change start a new spooler, but
	   aliases and logins change without it. */
	SPOOLER_RETRY_EVERY = 60 * 60,
};

/*
 * Start it: it serves FD, of service_socket.h, which stays the caller's, too. C is the config
 * as it was loaded; for another one, end the spooler and start a new one: callers wait
 * meanwhile. SIGTERM and SIGINT end it in order, and so does the end of the process that
 * started it; who is connected is served to the end. Works as the owner of the queue if root
 * started it.
 *
 * Returns its pid, for the caller's SIGCHLD; -1 with errno. Other signal handlers of the caller
 * are set back in it.
 */
pid_t spooler_start(const struct context *c, int fd);

#endif
