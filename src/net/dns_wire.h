/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dns_wire - the pieces that DNS packets are made of: numbers and names (RFC 1035, 3.1
 * and 4.1.4)
 */
#ifndef NET_DNS_WIRE_H
#define NET_DNS_WIRE_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

enum {
	DNS_HEADER_SIZE = 12,
	DNS_NAME_ROOM = 254, /* 253 octets as text, and a NUL */
};

/* What is left to read of a packet; once something does not fit, it is broken and stays so. */
struct dns_reader {
	const unsigned char *data; /* borrowed: the packet, from its first byte */
	size_t at, end;
	bool broken;
};

struct dns_reader dns_reader_of(struct slice packet);

/* Step over LEN bytes and give where they begin; NULL, and broken, if there are fewer. */
const unsigned char *dns_take(struct dns_reader *r, size_t len);
/* Numbers; 0 if broken. */
unsigned dns_take_8(struct dns_reader *r);
unsigned dns_take_16(struct dns_reader *r);
uint32_t dns_take_32(struct dns_reader *r);

/*
 * Read a name as text in lower case, without a final dot, "" for the root. An octet other than
 * a letter, a digit,
 * '-' and '_' becomes '?', which no name of a host holds. R stops behind the name; what a
 * pointer in it leads to lies before it.
 */
void dns_take_name(struct dns_reader *r, char text[DNS_NAME_ROOM]);

void dns_put_16(struct buf *out, unsigned value);

/*
 * Append NAME (absolute, with or without a final dot) in lower case. False if it is none:
 * letters, digits, '-' and
 * '_' in labels of 1 to 63 octets, 253 in all. Part of it may have been appended then.
 */
bool dns_put_name(struct buf *out, struct slice name);

#endif
