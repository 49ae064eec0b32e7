/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dns_peer - a DNS server in a thread, as good or as bad as a test wants it, by UDP and TCP on
 * one port of loopback
 */
#ifndef DNS_PEER_H
#define DNS_PEER_H

#include "net/dns.h"

#include <pthread.h>
#include <stdatomic.h>

/* Data that are as on the wire, without compression. A CNAME stands before what it leads to. */
struct zone_record {
	const char *owner;
	enum dns_type type;
	const char *data;
	size_t len;
};

#define ZONE_RECORD(owner, type, data)                                                         \
	{                                                                                      \
		owner, type, data, sizeof(data) - 1                                            \
	}

/* What it does with a query that comes by UDP. */
enum peer_act {
	PEER_ANSWER,
	PEER_SILENT,
	PEER_TRUNCATE,  /* "ask by TCP" */
	PEER_RCODE,     /* an answer with step.rcode */
	PEER_HEADER,    /* the same with nothing but a header */
	PEER_MALFORMED, /* the right question, and a record that goes past the end */
	PEER_LATER,     /* the right answer, but the next query gets its own first */
	/* These are followed by the right answer. */
	PEER_OTHER_ID,
	PEER_OTHER_QUESTION,
	PEER_ECHO,  /* the query itself */
	PEER_EMPTY, /* a packet without a byte */
	PEER_FLOOD, /* a hundred with other ids, and no answer */
};

struct peer_step {
	enum peer_act act;
	unsigned rcode;
	unsigned delay_ms;
};

/* What it does with a query that comes by TCP. */
enum peer_tcp {
	PEER_TCP_ANSWER,
	PEER_TCP_PIECES,
	PEER_TCP_CUT,
	PEER_TCP_SILENT,
	PEER_TCP_TRUNCATE,
	PEER_TCP_OTHER
};

struct dns_peer {
	/* Set these. The last step stands for all further ones; no step is PEER_ANSWER. */
	const struct zone_record *zone;
	size_t zone_count;
	const struct peer_step *steps;
	size_t step_count;
	enum peer_tcp tcp;
	bool authentic; /* sets the AD bit */

	/* Filled by dns_peer_start. */
	char address[32];           /* "127.0.0.1:PORT" */
	atomic_uint by_udp, by_tcp; /* queries so far */
	atomic_bool without_edns;   /* the last one had no OPT record */
	int udp, listener, stop[2];
	pthread_t thread;
	struct buf held; /* the query of PEER_LATER */
};

void dns_peer_start(struct dns_peer *p);
void dns_peer_stop(struct dns_peer *p);

#endif
