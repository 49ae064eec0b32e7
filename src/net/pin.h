/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * pin - fingerprints that stand in for a certificate authority: "sha256:HEX" of a whole
 * certificate, or "spki:HEX" of its public key alone (SHA-256 of the SubjectPublicKeyInfo, as
 * in RFC 7469 and DANE's 3 1 1), which outlives a renewal with the same key
 *
 * HEX may have colons and either case. All but pins_check needs gnutls_load first.
 */
#ifndef NET_PIN_H
#define NET_PIN_H

#include "base/gnutls_lib.h"
#include "base/status.h"

#include <stdbool.h>

/* Are all PINS well formed? Errors: STATUS_BAD_CONFIG. */
int pins_check(const struct strings *pins, struct status *st);

/* Is CERT one that PINS name? A pin that is not well formed matches nothing. */
bool pins_match(const struct strings *pins, gnutls_x509_crt_t cert);

/* Append "sha256:HEX" of CERT: what the user could pin. */
void pin_of(gnutls_x509_crt_t cert, struct buf *out);

#endif
