/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tls_own - the certificate by which we show who we are, where a server asks for one
 */
#ifndef NET_TLS_OWN_H
#define NET_TLS_OWN_H

#include "base/gnutls_lib.h"
#include "base/status.h"
#include "net/tls.h"

/*
 * Put the certificate and the key of SETTINGS, if they have any, into CREDENTIALS. Each is a
 * PEM file or a PKCS#11 URI (RFC 7512); the PIN of a token comes from the URI's pin-source,
 * nobody is asked for it. Errors: STATUS_BAD_CONFIG.
 */
int tls_own_set(gnutls_certificate_credentials_t credentials,
		const struct tls_settings *settings, struct status *st);

#endif
