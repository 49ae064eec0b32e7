/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * route - which servers one value of `host` stands for, and how to talk to each of them
 */
#ifndef DELIVERY_ROUTE_H
#define DELIVERY_ROUTE_H

#include "base/status.h"
#include "config/account.h"
#include "net/dns.h"
#include "net/endpoint.h"
#include "net/tap.h"

#include <stdbool.h>
#include <stddef.h>

enum { SERVER_NAME_MAX = 256 }; /* as long as an endpoint's name, with its NUL */

struct server {
	struct endpoint
		endpoint; /* a host, a socket or a maildir; with its port, its name ASCII */
	enum tls_mode tls;
	char tls_name[SERVER_NAME_MAX];   /* whom the certificate has to name; */
	char other_name[SERVER_NAME_MAX]; /* or this one; "": nobody else */
	bool may_log_in;
};

/* Zero it, set the first two, and release it. */
struct route {
	const struct account *account; /* borrowed */
	const struct tap *tap;         /* borrowed: hears of lookups; or NULL */
	struct server *at;             /* owned: in the order to try them */
	size_t count;
	size_t room;
};

/* Does HOST lead elsewhere for each domain of the recipients? That is `mx` without a domain. */
bool route_is_by_domain(const struct endpoint *host);

/*
 * Find the servers of HOST; for `mx` those of DOMAIN, that of a recipient (an address literal,
 * too), which does not matter otherwise and may be NULL. At least one server on success.
 *
 * `srv:` and `mx` are looked up by DNS. The certificate of an srv: server has to name the
 * domain, or the server itself where that lies in the domain (RFC 6186, 6); if `tls` is set,
 * only the service that goes with it counts. For mx the port is 25 and `tls` opportunistic
 * unless set, and nobody logs in: who these servers are is the DNS's word alone.
 *
 * Errors: those of srv_find and mx_find; STATUS_BAD_CONFIG; STATUS_BAD_MESSAGE for a DOMAIN
 * that is none.
 */
int route_find(struct route *r, const struct endpoint *host, const char *domain,
	       struct status *st);
void route_release(struct route *r);

/* Make D look up names for A: by its `resolver`, or as the system's DNS does it. */
int route_dns(const struct account *a, const struct tap *tap, struct dns *d, struct status *st);

/* Append what people call S: "host:port", or the path. */
void server_name(const struct server *s, struct buf *out);

#endif
