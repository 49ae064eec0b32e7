/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * reach - a stream to somebody, by the route keys of an account
 */
#ifndef DELIVERY_REACH_H
#define DELIVERY_REACH_H

#include "base/status.h"
#include "config/account.h"
#include "net/stream.h"
#include "net/tap.h"

#include <stdint.h>

struct reach {
	const struct account *account; /* borrowed */
	const struct tap *tap;         /* borrowed */
	int64_t deadline;              /* clock_now() terms */
};

/* Connect to NAME at PORT, or to the socket at PATH. Errors: those of connect.h, route_dns and
 * socks5_parse. */
int reach_host(const struct reach *r, const char *name, uint16_t port, struct stream **stream,
	       struct status *st);
int reach_socket(const struct reach *r, const char *path, struct stream **stream,
		 struct status *st);

#endif
