/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dns_servers - whom to ask: the resolvers that the key `resolver` names, or those of the
 * system
 */
#ifndef NET_DNS_SERVERS_H
#define NET_DNS_SERVERS_H

#include "base/status.h"
#include "net/sockaddr.h"

#include <stdbool.h>

enum { DNS_SERVERS_MAX = 8 };

struct dns_server {
	struct sockaddr_ip address;
	char text[64]; /* for people: as written */
	/* Its AD bit counts: it is on this host, or the user named it. */
	bool trusted;
};

struct dns_servers {
	struct dns_server at[DNS_SERVERS_MAX]; /* in the order to ask them */
	size_t count;                          /* at least 1 */
};

/*
 * Take a value of `resolver` apart: IP addresses, each with or without a port
 * ("127.0.0.1:5353",
 * "[2001:db8::1]:53", "fe80::1%eth0"), separated by commas; 53 is the default. Errors:
 * STATUS_BAD_CONFIG.
 */
int dns_servers_parse(const char *resolver, struct dns_servers *servers, struct status *st);

/*
 * The nameserver lines of PATH, in the format of resolv.conf(5), of which nothing else counts:
 * names are looked up as they are. Without the file, or a line that can be used, it is
 * 127.0.0.1. Cannot fail.
 */
void dns_servers_load(const char *path, struct dns_servers *servers);

#endif
