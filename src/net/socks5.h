/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * socks5 - a connection through a SOCKS5 proxy (RFC 1928), without a login there
 *
 * The proxy gets the server's name as it is, and looks it up itself: nobody on the near side
 * learns which server it is.
 */
#ifndef NET_SOCKS5_H
#define NET_SOCKS5_H

#include "base/status.h"
#include "net/endpoint.h"
#include "net/stream.h"

#include <stdint.h>

/*
 * Take a value of `proxy` apart: "socks5://HOST" or "socks5://HOST:PORT", 1080 is the default.
 * Errors: STATUS_BAD_CONFIG; the sentence does not repeat a password that stands in the value.
 */
int socks5_parse(const char *text, struct endpoint *proxy, struct status *st);

/*
 * Make S, a stream to the proxy, one to NAME (a host name or an IP address) at PORT, before its
 * deadline. Errors: STATUS_TEMPORARY with the proxy's reason or the stream's;
 * STATUS_NOT_ALLOWED if it wants a login; STATUS_BROKEN_PEER for what is no SOCKS5;
 * STATUS_BAD_CONFIG for a name that cannot be asked for.
 */
int socks5_connect(struct stream *s, const char *name, uint16_t port, struct status *st);

#endif
