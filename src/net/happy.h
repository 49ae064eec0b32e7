/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * happy - connect to the one of a server's addresses that answers first ("Happy Eyeballs",
 * RFC 8305)
 *
 * IPv6 and IPv4 take turns, in the order of the list apart from that. An address gets the first
 * quarter of a second for itself; then, or as soon as it has failed, the next one is tried as
 * well, while the earlier ones go on. The first connection that stands wins, and all others are
 * closed.
 */
#ifndef NET_HAPPY_H
#define NET_HAPPY_H

#include "base/status.h"
#include "net/addresses.h"
#include "net/stream.h"
#include "net/tap.h"

#include <stdint.h>

struct happy {
	const char *name; /* borrowed: whose addresses these are, for the tap */
	uint16_t port;
	const struct sockaddr_ip *source; /* borrowed: the local address to use; NULL: any */
	int64_t timeout;                  /* seconds for each address */
	int64_t deadline;                 /* for all of them, clock_now() terms */
	const struct tap *tap;            /* borrowed; or NULL */
};

/*
 * Connect to one of LIST. Errors: STATUS_TEMPORARY with what kept us from the one that failed
 * last; errno is in `sys`, ETIMEDOUT where nobody answered. The tap hears of each try, and why
 * it failed, apart from the last one.
 */
int happy_connect(const struct happy *h, const struct addresses *list, struct stream **stream,
		  struct status *st);

#endif
