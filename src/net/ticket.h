/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ticket - a TLS session that a later run resumes (RFC 8446, 2.2; RFC 5077)
 *
 * A session that is resumed sends no certificate: the check of the session that the ticket
 * comes from stands for it. So only sessions that passed are kept, under a name made of the
 * server, of every setting that has a say, and of what the files that these name look like:
 * whoever changes one of them begins anew. Nothing is resumed for longer than a week after the
 * check, however often the server renews the ticket, nor after the certificate has expired.
 *
 * A ticket is used once (RFC 8446, C.4), so one that a server chokes on spoils one try. Nothing
 * here fails: without a ticket there is a whole handshake.
 */
#ifndef NET_TICKET_H
#define NET_TICKET_H

#include "base/gnutls_lib.h"
#include "net/ticket_file.h"
#include "net/tls.h"

#include <stdbool.h>
#include <time.h>

struct ticket {
	const char
		*folder; /* borrowed from the settings; NULL: nothing offered, nothing kept */
	char name[80];   /* of the file */
	bool offered;
	time_t until;           /* a session resumed with it may be kept until then */
	bool dated;             /* it ends with the certificate */
	struct tls_facts facts; /* of the session that it comes from, or that it will be for */
};

/*
 * Prepare T for SETTINGS, and if there is a ticket for them, have SESSION offer it in its
 * handshake.
 */
void ticket_offer(struct ticket *t, const struct tls_settings *settings,
		  gnutls_session_t session);

/*
 * SESSION has shaken hands, and its peer is whom SETTINGS want. If it was resumed, FACTS
 * becomes what was known about the peer; else T begins a new week.
 */
void ticket_settle(struct ticket *t, gnutls_session_t session, struct tls_facts *facts);

/* Keep what the server sent to resume SESSION with, if it did. Does not wait for it. */
void ticket_keep(const struct ticket *t, gnutls_session_t session);

#endif
