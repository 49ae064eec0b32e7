/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * listen - one value of --listen, taken apart
 */
#ifndef CONFIG_LISTEN_H
#define CONFIG_LISTEN_H

#include "base/status.h"
#include "net/sockaddr.h"

enum { LISTEN_ADDRESSES_MAX = 2 };

struct listen {
	struct sockaddr_ip at[LISTEN_ADDRESSES_MAX];
	size_t count; /* at least 1; if 2, it is enough that one of them can be had */
};

/*
 * "192.0.2.1:2525" or "[2001:db8::1]:2525". Without an address (":2525") or with the name
 * localhost it is this host alone: 127.0.0.1 and ::1. All addresses of the host have to be
 * asked for, by 0.0.0.0 or [::]. Other names are refused: what they stand for may change.
 *
 * Errors: STATUS_BAD_USAGE; L is left alone.
 */
int listen_parse(const char *text, struct listen *l, struct status *st);

#endif
