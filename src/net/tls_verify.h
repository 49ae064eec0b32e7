/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tls_verify - is the peer of a TLS session the one that the user wants to speak to?
 *
 * To be asked in the middle of the handshake, when the peer's certificates are there: a client
 * that finds fault then has not even finished the handshake, so the peer never gets a byte of
 * SMTP.
 */
#ifndef NET_TLS_VERIFY_H
#define NET_TLS_VERIFY_H

#include "net/tls.h"

#include "base/gnutls_lib.h"

/*
 * Decide by SETTINGS; CREDENTIALS, the session's, get the authorities that matter. FACTS,
 * unless NULL, learns about the certificate whatever the outcome.
 *
 * Errors: STATUS_NOT_SECURE, the sentence says what is wrong with the certificate; those of
 * trust.h.
 */
int tls_verify(gnutls_session_t session, gnutls_certificate_credentials_t credentials,
	       const struct tls_settings *settings, struct tls_facts *facts, struct status *st);

#endif
