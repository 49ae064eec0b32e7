/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dial - a connection to one address: all at once, or begun here and awaited elsewhere
 */
#ifndef NET_DIAL_H
#define NET_DIAL_H

#include "base/status.h"
#include "net/sockaddr.h"
#include "net/stream.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/*
 * Connect a socket of TYPE (SOCK_STREAM, SOCK_DGRAM) to ADDRESS before DEADLINE, which becomes
 * the stream's. On a datagram stream each flush sends one packet, and packets of nobody but
 * ADDRESS come in; the kernel picks a local port that nobody can guess.
 *
 * Errors: STATUS_TEMPORARY; errno is in `sys`, ETIMEDOUT at the deadline.
 */
int dial(int type, const struct sockaddr *address, socklen_t len, int64_t deadline,
	 struct stream **stream, struct status *st);

/* A connection that is being made. It holds nothing but the descriptor. */
struct dialing {
	int type;
	const struct sockaddr *address; /* borrowed */
	socklen_t len;
	const struct sockaddr_ip *source; /* borrowed: the local address to use; NULL: any */
	/* Filled by dial_begin. */
	int fd;    /* does not block, and is closed by whoever began; -1 if that failed */
	bool done; /* it stands already */
};

/*
 * Begin. Unless it is done at once, poll for POLLOUT and ask dial_result then. Errors:
 * STATUS_TEMPORARY with errno in `sys`.
 */
int dial_begin(struct dialing *d, struct status *st);

/* How did the connection on FD end? Errors: STATUS_TEMPORARY with errno in `sys`. */
int dial_result(int fd, struct status *st);

#endif
