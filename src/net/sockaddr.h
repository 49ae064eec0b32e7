/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sockaddr - an IP address and a port, in one type for both families
 */
#ifndef NET_SOCKADDR_H
#define NET_SOCKADDR_H

#include "base/buf.h"

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

struct sockaddr_ip {
	socklen_t len;
	union {
		struct sockaddr any;
		struct sockaddr_in in;
		struct sockaddr_in6 in6;
	} at;
};

/*
 * The address that TEXT is ("192.0.2.1", "2001:db8::1", "fe80::1%eth0"), with PORT. False, and
 * A left alone, if TEXT is none; a zone has to exist.
 */
bool sockaddr_parse(const char *text, uint16_t port, struct sockaddr_ip *a);

enum { SOCKADDR_TEXT_ROOM = INET6_ADDRSTRLEN };

/* Write the IP address of A ("192.0.2.1", "2001:db8::1"; "?" for what is none) to INTO, and
 * give INTO. */
const char *sockaddr_text(const struct sockaddr *a, char into[SOCKADDR_TEXT_ROOM]);

/* The address of FAMILY that the bytes of an A or AAAA record are: 4 or 16 of them. */
void sockaddr_of(int family, const void *bytes, uint16_t port, struct sockaddr_ip *a);

void sockaddr_set_port(struct sockaddr_ip *a, uint16_t port);

/* Is it this very host: 127.0.0.0/8, ::1, also as ::ffff:127.0.0.1? */
bool sockaddr_is_loopback(const struct sockaddr_ip *a);

#endif
