/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * der - whose certificate is it, and who signed it, from its first few hundred bytes (RFC
 * 5280, 4.1)
 *
 * Only as much of DER as it takes to walk over the fields in front of the subject. It decides
 * what is worth parsing, never what is trusted: that is GnuTLS's part, which parses the
 * certificate in full.
 */
#ifndef NET_DER_H
#define NET_DER_H

#include "base/buf.h"

#include <stdbool.h>

struct der_names {
	struct slice issuer;  /* borrowed: the whole Name, tag and length with it */
	struct slice subject; /* borrowed: likewise */
};

/*
 * The names in the certificate that begins with DER; what stands behind the subject may be
 * missing. False if this is no certificate or ends before the subject does.
 */
bool der_names(struct slice der, struct der_names *names);

#endif
