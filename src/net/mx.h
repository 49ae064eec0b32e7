/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mx - the servers that take the mail of a domain (RFC 5321, 5.1; RFC 7505)
 */
#ifndef NET_MX_H
#define NET_MX_H

#include "base/status.h"
#include "net/dns.h"

#include <stdbool.h>
#include <stdint.h>

enum { MX_HOSTS_MAX = 20 };

struct mx_host {
	uint16_t preference;
	char name[DNS_NAME_ROOM]; /* its addresses may be found through a CNAME */
};

struct mx {
	struct mx_host at[MX_HOSTS_MAX]; /* in the order to try them */
	size_t count;                    /* at least 1 */
	bool implicit;  /* the domain has no MX record, so it is the one host itself */
	bool authentic; /* the answer was signed, and a trusted server says so (RFC 7672, 2.2.1)
			 */
};

/*
 * Find the servers of DOMAIN. An MX whose target is an IP address, this very host
 * ("localhost"), or no name of a host, is passed over; so is a host's second one.
 *
 * Errors: STATUS_NO_HOST for a domain that does not exist, with 5.1.10 for one that takes no
 * mail (null MX), with 5.4.6 where the only servers are this host, and 5.4.4 where none is
 * usable for other reasons; those of dns_lookup.
 */
int mx_find(const struct dns *d, const char *domain, struct mx *mx, struct status *st);

#endif
