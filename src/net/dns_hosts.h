/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dns_hosts - the hosts that MX and SRV records name, in the order to try them
 */
#ifndef NET_DNS_HOSTS_H
#define NET_DNS_HOSTS_H

#include "net/dns_packet.h"

#include <stdbool.h>
#include <stddef.h>

/*
 * Put up to MAX records of A into INTO, where they are borrowed: lower priorities first; those
 * of the same priority by a lot that favours weight (RFC 2782), which is a fair one where none
 * has any (MX: RFC 5321, 5.1). Gives how many there are.
 */
size_t dns_hosts_order(const struct dns_answer *a, const struct dns_record **into, size_t max);

/*
 * Can NAME, as dns_take_name gives it, be a host's? Not the root, an IP address, or a name with
 * '?' in it.
 */
bool dns_is_host(const char *name);

/*
 * Is NAME this host by definition: "localhost", or below it (RFC 6761, 6.3)? A final dot does
 * not count.
 */
bool dns_is_localhost(const char *name);

#endif
