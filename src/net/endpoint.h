/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * endpoint - one value of the key `host`, taken apart
 *
 *   name[:port]  192.0.2.1[:port]  [2001:db8::1][:port]
 *   unix:/path  srv:domain  mx  mx:domain  maildir:/path
 *
 * Only syntax is looked at. A name is letters, digits, hyphens and underscores, or UTF-8 (IDNA
 * is left to who looks it up), in labels of at most 63 octets and 253 in all; a final dot is
 * dropped. An IPv6 address may have a zone (fe80::1%eth0) and, without a port, go without
 * brackets. A folder may begin with ~/, which stays. What does not fit is refused, never cut.
 */
#ifndef NET_ENDPOINT_H
#define NET_ENDPOINT_H

#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

enum endpoint_kind {
	ENDPOINT_HOST,    /* a name or an address to connect to */
	ENDPOINT_UNIX,    /* a socket's path */
	ENDPOINT_SRV,     /* a domain whose SRV records name the servers */
	ENDPOINT_MX,      /* each recipient domain's MX, or that of `name` if it is not empty */
	ENDPOINT_MAILDIR, /* no server: a folder that takes the messages */
};

struct endpoint {
	enum endpoint_kind kind;
	char name[256]; /* name, address without brackets, domain */
	char path[512]; /* of a socket or a folder */
	uint16_t port;  /* 0: not given */
	bool literal;   /* `name` is an IP address */
};

/*
 * Take TEXT apart into E, which is left alone on failure. Errors: STATUS_BAD_CONFIG with a
 * sentence that says what is wrong with it.
 */
int endpoint_parse(const char *text, struct endpoint *e, struct status *st);

#endif
