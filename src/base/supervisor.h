/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * supervisor - what a service and whoever started it say to each other
 *
 * The protocols are those of sd_notify(3) and sd_listen_fds(3): systemd speaks them, and so do
 * others. Without such a supervisor nothing is said and nothing was passed; that is no error.
 *
 * Both functions that read the environment remove what they read, so that no child answers in
 * our place. They come before the first thread.
 */
#ifndef BASE_SUPERVISOR_H
#define BASE_SUPERVISOR_H

#include "base/buf.h"
#include "base/status.h"

#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/un.h>

struct supervisor {
	int fd;                     /* owned; -1: nobody listens */
	struct sockaddr_un address; /* where to */
	socklen_t address_len;
	int64_t watch_ms; /* say NEWS_ALIVE this often; 0: nobody counts on it */
};

enum supervisor_news {
	NEWS_READY,     /* also at the end of a reload */
	NEWS_RELOADING, /* reads its configuration again */
	NEWS_STOPPING,
	NEWS_ALIVE,
};

/* Learn from the environment who wants to hear. Never fails; close S in any case. */
void supervisor_open(struct supervisor *s);
void supervisor_close(struct supervisor *s);

/* Say NEWS. What does not arrive within a second is lost. */
void supervisor_tell(const struct supervisor *s, enum supervisor_news news);
/* One line for people, about what the service is doing. */
void supervisor_status(const struct supervisor *s, const char *text);

/* Sockets that were open when we were started. */
struct passed_sockets {
	int first;            /* descriptor of the first, the others follow */
	size_t count;         /* 0: none */
	struct strings names; /* owned; one for each; "unknown" if the supervisor gave none */
};

/*
 * Find the sockets that were passed to this very process. They belong to the caller from then
 * on; no program that is started later gets them.
 *
 * Errors: STATUS_BAD_CONFIG where what the environment says cannot be: no number, no such
 * descriptor, too few names. Release P in any case.
 */
int supervisor_sockets(struct passed_sockets *p, struct status *st);
void passed_sockets_release(struct passed_sockets *p);

#endif
