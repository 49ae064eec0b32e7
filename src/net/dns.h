/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * dns - questions to the domain name system, each answered or given up before a deadline
 *
 * A stub resolver (RFC 1034, 5.3.1): it asks servers that do the work, in their order, again
 * and again with longer waits, by UDP from a socket of its own for each try, and by TCP where
 * the answer is too long for that. Names are absolute: no search list, no aliases from the
 * environment, no hosts file (RFC 1535).
 */
#ifndef NET_DNS_H
#define NET_DNS_H

#include "base/status.h"
#include "net/dns_packet.h"
#include "net/dns_servers.h"
#include "net/tap.h"

#include <stdint.h>

/* It holds no memory. */
struct dns {
	struct dns_servers servers;
	int64_t patience; /* milliseconds to wait in the first round; twice that in the next */
	int64_t deadline; /* clock_now() terms, set by the caller; no lookup takes over 60 s */
	const struct tap *tap; /* borrowed: hears of lookups; or NULL */
};

/* One thing to ask. Zero what is not set; release the answer in any case. */
struct dns_question {
	const char *name; /* borrowed */
	enum dns_type type;
	struct dns_answer answer; /* `authentic` only from a server that is trusted */
	/*
	 * STATUS_OK: there are records, in `answer`. STATUS_NO_HOST: the DNS says that there
	 * are none; answer.rcode is DNS_NXDOMAIN if there is not even the name.
	 * STATUS_TEMPORARY: nobody could tell, with 4.4.3 (RFC 3463, 3.5).
	 */
	struct status outcome;
};

/* At once in dns_ask. */
enum { DNS_QUESTIONS_MAX = 2 };

/*
 * Make D ask the servers that RESOLVER names (dns_servers.h), or with NULL the system's,
 * without a deadline and a tap. Errors: STATUS_BAD_CONFIG.
 */
int dns_init(struct dns *d, const char *resolver, struct status *st);

/* Ask COUNT questions, all at the same time; each gets its answer and its outcome. */
void dns_ask(const struct dns *d, struct dns_question *questions, size_t count);

/* Ask one: 0 if there are records, else -1 with its outcome in ST. */
int dns_lookup(const struct dns *d, struct dns_question *question, struct status *st);

/*
 * What to say where none of COUNT questions was any use: the first outcome that is temporary,
 * since a later try might tell more, else the first that there is.
 */
const struct status *dns_trouble(const struct dns_question *questions, size_t count);

#endif
