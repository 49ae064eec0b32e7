/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * connect - a stream to a server: every address of its name is tried, none for ever
 */
#ifndef NET_CONNECT_H
#define NET_CONNECT_H

#include "base/status.h"
#include "net/dns.h"
#include "net/endpoint.h"
#include "net/stream.h"
#include "net/tap.h"

#include <stdint.h>

struct connect_settings {
	int family;                 /* AF_UNSPEC, AF_INET, AF_INET6 */
	const char *source_address; /* borrowed: the local IP address to use, or NULL */
	const struct dns *dns; /* borrowed: names by DNS alone; NULL: as the system does it */
	const struct endpoint *proxy; /* borrowed: a SOCKS5 proxy to go through, or NULL */
	int64_t timeout;              /* seconds for each address */
	int64_t deadline;             /* for all of them, clock_now() terms */
};

/*
 * Connect to NAME (a host name or an IP address) at PORT, to the address that answers first
 * (happy.h). A source address decides the family, too. With a proxy all of this is about the
 * proxy, which then looks up NAME itself, and has the timeout once more for it.
 *
 * Errors: those of resolve_host; STATUS_TEMPORARY with the last address's error; those of
 * socks5_connect; STATUS_BAD_CONFIG where family and source address do not go together.
 */
int connect_host(const char *name, uint16_t port, const struct connect_settings *settings,
		 const struct tap *tap, struct stream **stream, struct status *st);

/* Connect to the Unix socket at PATH. */
int connect_unix(const char *path, const struct connect_settings *settings,
		 const struct tap *tap, struct stream **stream, struct status *st);

/* Append NAME, as a literal (see below) if it is an IP address. */
void connect_literal(const char *name, struct buf *out);

/* Append the local address of FD as a literal of RFC 5321 (4.1.3): "[192.0.2.1]",
 * "[IPv6:2001:db8::1]". */
void connect_local_literal(int fd, struct buf *out);

#endif
