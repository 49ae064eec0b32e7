/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * trust - out of a store of authorities, the few that can matter to one chain
 *
 * To parse a bundle of 150 certificates costs five times as much as all the rest of a
 * TLS handshake. A chain is only ever held against authorities that bear the name of one of its
 * issuers, or the name of one of its members (an authority that is also there cross-signed). So
 * the store is searched for these names, byte by byte as GnuTLS compares them, and only what
 * bears one is parsed. The decision is the one of the whole store.
 */
#ifndef NET_TRUST_H
#define NET_TRUST_H

#include "base/gnutls_lib.h"
#include "base/status.h"

#include <stdbool.h>

struct trust_store {
	const char *path; /* borrowed, from the setting, or static */
	bool is_system;
	bool is_directory; /* of files called HASH.N, as `openssl rehash` names them */
};

/*
 * The store that SETTING stands for: "system" (the first of the usual bundles that exists), a
 * PEM file, or a hashed directory. Errors: STATUS_BAD_CONFIG if it is not there,
 * STATUS_NOT_SECURE if the system has none.
 */
int trust_find(const char *setting, struct trust_store *store, struct status *st);

/*
 * Put into LIST those certificates of STORE that can matter to CHAIN, which is in DER; with
 * COUNT 0 it only looks whether the store is usable, and needs no LIST and no gnutls_load.
 * Errors: STATUS_BAD_CONFIG for what cannot be read or holds no certificate.
 */
int trust_load(const struct trust_store *store, const gnutls_datum_t *chain, unsigned count,
	       gnutls_x509_trust_list_t list, struct status *st);

#endif
