/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * srv - the submission servers that a domain names for its users (RFC 6186, 8314)
 *
 * There are two services: _submissions._tcp with TLS from the first byte, and _submission._tcp
 * with STARTTLS. Both are looked up at once. Priorities and weights order the servers of one
 * service (RFC 2782), but all those with implicit TLS stand before all others: RFC 8314 wants
 * it to be preferred (3), and a record for STARTTLS, which somebody may have forged, cannot
 * come in between.
 */
#ifndef NET_SRV_H
#define NET_SRV_H

#include "base/status.h"
#include "net/dns.h"

#include <stdbool.h>
#include <stdint.h>

enum { SRV_SERVERS_MAX = 20 };

struct srv_server {
	char name[DNS_NAME_ROOM];
	uint16_t port;
	bool implicit_tls;
	bool inside; /* the name is the domain or lies in it, so a certificate for it will do
			(RFC 6186, 6) */
};

struct srv {
	struct srv_server at[SRV_SERVERS_MAX]; /* in the order to try them */
	size_t count;                          /* at least 1 */
};

/*
 * Find the submission servers of DOMAIN. A service whose target is "." is not offered; targets
 * that are no name of a host, and port 0, are passed over. One service is enough: the other
 * one's trouble does not count then.
 *
 * Errors: STATUS_NO_HOST if it has none; those of dns_lookup.
 */
int srv_find(const struct dns *d, const char *domain, struct srv *srv, struct status *st);

#endif
