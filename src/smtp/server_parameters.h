/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * server_parameters - what stands behind MAIL and RCPT: a path, and parameters (RFC 5321,
 * 4.1.1.2, 4.1.1.3, 4.1.2; RFC 1870; RFC 6152; RFC 6531; RFC 3461, 4)
 *
 * Taken as well: blanks around the path and inside its < >, a path without them, an address
 * without a domain ("root", "postmaster"). A source route is dropped. Local parts lose quotes
 * that they do not need, and none begins with a dash.
 *
 * Errors are replies (server_refuse): 501 for the form of the command, 553 for an address, 555
 * for a parameter that was not offered.
 */
#ifndef SMTP_SERVER_PARAMETERS_H
#define SMTP_SERVER_PARAMETERS_H

#include "base/buf.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>

/* Zero both before use; release them after, also when reading failed. */
struct server_mail {
	char *sender;    /* owned: local@domain, or a bare local part; "" for the null sender */
	uint64_t size;   /* as declared; UINT64_MAX for what fits nothing; 0: not given */
	bool eight_bit;  /* BODY=8BITMIME */
	bool smtputf8;   /* some address or header field may not be ASCII */
	const char *ret; /* static: "FULL" or "HDRS"; NULL: not given */
	char *envid;     /* owned: printable ASCII, xtext decoded; NULL: not given */
};

struct server_rcpt {
	char *address;   /* owned: local@domain, or a bare local part */
	unsigned notify; /* enum notify (message/envelope.h), or'ed */
	char *orcpt;     /* owned: "rfc822;bob@x", printable, xtext decoded; NULL: not given */
};

/* Read what stands behind the verb; DSN: its parameters were offered. */
int server_mail_read(struct server_mail *m, struct slice argument, bool dsn, struct status *st);
/* SMTPUTF8: the MAIL command of the transaction had that parameter. */
int server_rcpt_read(struct server_rcpt *r, struct slice argument, bool dsn, bool smtputf8,
		     struct status *st);

void server_mail_release(struct server_mail *m);
void server_rcpt_release(struct server_rcpt *r);

#endif
