/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cert_name - is this certificate for that server (RFC 9525)?
 *
 * Only subjectAltName counts: the common name means nothing. A wildcard stands for exactly one
 * label, the first, and all of it. GnuTLS would also take the common name and wildcards for
 * parts of a label, so this is ours. Call these after gnutls_load.
 */
#ifndef NET_CERT_NAME_H
#define NET_CERT_NAME_H

#include "base/buf.h"
#include "base/gnutls_lib.h"

#include <stdbool.h>

/* The 4 or 16 bytes of NAME if it is an IP address (a zone index does not count), else 0. */
size_t cert_name_address(const char *name, unsigned char address[16]);

/* Is CERT for NAME, a DNS name (A-labels; a final dot does not count) or an IP address? */
bool cert_name_matches(gnutls_x509_crt_t cert, const char *name);

/*
 * Append the names of CERT, up to LIMIT of them, with ", " between; "and 7 more" tells of the
 * rest. Gives how many it has.
 */
size_t cert_name_list(gnutls_x509_crt_t cert, size_t limit, struct buf *out);

#endif
