/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * resolve - a server's name becomes addresses: as the system does it (hosts file, DNS), or by
 * DNS alone
 */
#ifndef NET_RESOLVE_H
#define NET_RESOLVE_H

#include "base/status.h"
#include "net/addresses.h"
#include "net/dns.h"

#include <stdint.h>

/*
 * The addresses of NAME (a name or an IP address) of FAMILY (AF_UNSPEC, AF_INET, AF_INET6) with
 * PORT: by DNS alone (addresses.h), or with DNS NULL as the system does it, in its order of
 * preference. There a name with a dot is taken as it is: no search domain is tried on it
 * (RFC 1535).
 *
 * Errors: STATUS_NO_HOST if the name has no address, STATUS_TEMPORARY if nobody could tell.
 */
int resolve_host(const char *name, uint16_t port, int family, const struct dns *dns,
		 struct addresses *list, struct status *st);

#endif
