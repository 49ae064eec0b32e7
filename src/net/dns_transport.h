/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dns_transport - DNS packets to a server and back; nobody looks into them here
 */
#ifndef NET_DNS_TRANSPORT_H
#define NET_DNS_TRANSPORT_H

#include "base/buf.h"
#include "base/status.h"
#include "net/sockaddr.h"
#include "net/stream.h"

#include <stdint.h>

/*
 * Wait for a packet on S, a datagram stream, and put it into the ROOM bytes at INTO; what is
 * longer is cut. Errors: STATUS_TEMPORARY, `sys` is ETIMEDOUT at the stream's deadline.
 */
int dns_udp_receive(struct stream *s, char *into, size_t room, size_t *len, struct status *st);

/*
 * Send QUERY to SERVER on a TCP connection of its own, and append what comes back to PACKET,
 * which has to be empty; each has its length in front on the wire (RFC 1035, 4.2.2). Errors:
 * STATUS_TEMPORARY.
 */
int dns_tcp_exchange(const struct sockaddr_ip *server, struct slice query, int64_t deadline,
		     struct buf *packet, struct status *st);

#endif
