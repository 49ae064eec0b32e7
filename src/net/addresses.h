/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * addresses - a server's name becomes addresses by DNS alone: no hosts file, no search list
 */
#ifndef NET_ADDRESSES_H
#define NET_ADDRESSES_H

#include "base/status.h"
#include "net/dns.h"
#include "net/sockaddr.h"

#include <stdint.h>

enum { ADDRESSES_MAX = 32 };

/* It holds no memory. */
struct addresses {
	struct sockaddr_ip
		at[ADDRESSES_MAX]; /* in the order to try them: IPv6 first (RFC 6724) */
	size_t count;              /* at least 1 */
	bool authentic;            /* all answers were signed, and a trusted server says so */
};

/*
 * The addresses of NAME of FAMILY (AF_UNSPEC, AF_INET, AF_INET6), with PORT; A and AAAA are
 * asked for at once. `localhost` and names below it are 127.0.0.1 and ::1, without a question
 * to anybody (RFC 6761, 6.3). NAME is no IP address. One kind of address is enough: trouble
 * with the other one does not count then.
 *
 * Errors: STATUS_NO_HOST if it has none; those of dns_lookup.
 */
int addresses_find(const struct dns *d, const char *name, uint16_t port, int family,
		   struct addresses *list, struct status *st);

#endif
