/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * server_data - what comes between DATA and the end of the content (RFC 5321, 4.1.1.4, 4.5.2)
 *
 * The end is CRLF.CRLF and nothing else. Where the session's commands end in a lone LF, as
 * those of scripts do, it is LF.LF instead, both without a CR before the LF. No mixture ends
 * anything: a client, or a server before it, that took one for content has had a second message
 * hidden in it (SMTP smuggling).
 *
 * A dot that begins a line is dropped (4.5.2), whatever follows. Lines end in CRLF, or in LF
 * and in CRLF where the commands end in LF.
 *
 * Life: start it, then pull from each piece until there is no more. It holds no memory, and
 * what comes out does not depend on how the input was cut.
 */
#ifndef SMTP_SERVER_DATA_H
#define SMTP_SERVER_DATA_H

#include "base/buf.h"

#include <stdbool.h>

struct server_data {
	bool bare_lf;   /* commands end in a lone LF */
	bool ended;     /* the end was taken; what follows are commands */
	char before[2]; /* the last two bytes taken */
	unsigned held;  /* bytes taken of what may be the end: a dot, then a CR */
};

void server_data_start(struct server_data *d, bool bare_lf);

/*
 * Take something off the front of *REST, and set *CONTENT to what of it is content: part of
 * *REST, or a static byte, or nothing. False if nothing was left, or the end was reached.
 */
bool server_data_next(struct server_data *d, struct slice *rest, struct slice *content);

#endif
