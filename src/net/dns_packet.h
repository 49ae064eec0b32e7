/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dns_packet - questions to a resolver and its answers, as bytes (RFC 1035, 6891)
 *
 * A packet holds one question. An answer comes from anywhere: whatever is not exactly as the
 * RFCs have it is refused, no byte outside of it is looked at, and no name in it can send us in
 * circles. No I/O here.
 */
#ifndef NET_DNS_PACKET_H
#define NET_DNS_PACKET_H

#include "base/buf.h"
#include "base/status.h"
#include "net/dns_wire.h"

#include <stdbool.h>
#include <stdint.h>

enum dns_type {
	DNS_A = 1,
	DNS_CNAME = 5,
	DNS_MX = 15,
	DNS_TXT = 16,
	DNS_AAAA = 28,
	DNS_SRV = 33,
	DNS_OPT = 41,
	DNS_TLSA = 52,
};

enum dns_rcode {
	DNS_NOERROR = 0,
	DNS_FORMERR = 1,
	DNS_SERVFAIL = 2,
	DNS_NXDOMAIN = 3,
	DNS_NOTIMP = 4,
	DNS_REFUSED = 5,
};

enum {
	DNS_UDP_ROOM =
		1232, /* fits into the 1280 octets that IPv6 always carries (RFC 8200, 5) */
	DNS_CHAIN_MAX = 8, /* CNAMEs from the name asked for to the one that has the data */
};

struct dns_record {
	uint16_t priority; /* SRV; of an MX its preference: lower ones first */
	uint16_t weight;   /* SRV */
	uint16_t port;     /* SRV */
	/* MX, SRV, CNAME: the target, as dns_take_name gives it; "" for the root */
	char name[DNS_NAME_ROOM];
	struct buf data; /* owned. A, AAAA, TLSA: as on the wire; TXT: its strings in a row */
};

/* What a packet says about the name and the type that it was asked for. Zero it before use. */
struct dns_answer {
	unsigned rcode; /* enum dns_rcode and others, with the upper bits of RFC 6891 (6.1.3) */
	bool truncated; /* it did not fit: ask by TCP. Nothing but rcode counts then */
	bool authentic; /* the AD bit (RFC 4035, 3.2.3) */
	uint32_t ttl;   /* seconds: the least of the records that led here; 0 without any */
	char name[DNS_NAME_ROOM]; /* where the CNAMEs led, which have the data or do not */
	struct dns_record *at;    /* owned: of the type asked for alone, as in the packet */
	size_t count;
	size_t room;
};

struct dns_query {
	uint16_t id;
	const char *name; /* borrowed: absolute, with or without a final dot */
	enum dns_type type;
	bool plain; /* without EDNS, for servers older than 1999 */
};

/*
 * Append the packet that asks Q: recursion desired, and the AD bit wanted (RFC 6840, 5.7).
 * Errors: STATUS_NO_HOST for a name that is none: letters, digits, '-' and '_' in labels of 1
 * to 63 octets, 253 in all.
 */
int dns_build(const struct dns_query *q, struct buf *out, struct status *st);

/*
 * Is PACKET an answer to QUERY, made by dns_build: same id, same question? All else is somebody
 * else's.
 */
bool dns_is_answer(struct slice query, struct slice packet);

/*
 * Read PACKET into A, CNAMEs followed. Errors: STATUS_TEMPORARY with a sentence; A is then
 * empty. An answer without records, or with an error in rcode, is no failure here.
 */
int dns_decode(struct slice packet, struct dns_answer *a, struct status *st);

/* Empty and zero A. */
void dns_answer_release(struct dns_answer *a);

/* "MX" and the like. */
const char *dns_type_name(enum dns_type type);

#endif
