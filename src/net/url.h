/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * url - an address of the form https://host[:port][/path][?query] (RFC 3986)
 *
 * Nothing else is one here: no login in it, no fragment, no other scheme, nothing but printable
 * ASCII. What does not fit is refused, never cut.
 */
#ifndef NET_URL_H
#define NET_URL_H

#include "base/status.h"

#include <stdint.h>

struct url {
	char host[256];      /* a name, or an address without brackets */
	char authority[280]; /* as the Host field has it: the port only if it is not 443 */
	char target[1024];   /* path and query; "/" if there are none */
	uint16_t port;
};

/* Take TEXT apart into U, which is left alone on failure. Errors: STATUS_BAD_CONFIG. */
int url_parse(const char *text, struct url *u, struct status *st);

#endif
