/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/saslprep.h"

#include "base/gnutls_lib.h"
#include "base/mem.h"

#include <stdlib.h>

/* Most are; these never pass through the memory of GnuTLS, which does not wipe what it works
 * on. */
static bool is_printable_ascii(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] < 0x20 || text.data[i] > 0x7e)
			return false;
	}
	return true;
}

int saslprep(const char *name, struct slice text, struct buf *out, struct status *st)
{
	if (is_printable_ascii(text)) {
		buf_add_slice(out, text);
		return 0;
	}
	gnutls_datum_t prepared = { 0 };
	if (gnutls_load(st) != 0)
		return -1;
	int rc = gnutls.utf8_password_normalize((const unsigned char *)text.data,
						(unsigned)text.len, &prepared, 0);
	if (rc < 0) {
		status_set(st, STATUS_NOT_ALLOWED,
			   "cannot log in: the %s is no UTF-8, or has a character that SCRAM "
			   "forbids",
			   name);
		return status_hint(st, "under TLS, auth = plain sends it as it is");
	}
	buf_add(out, prepared.data, prepared.size);
	mem_wipe(prepared.data, prepared.size);
	free(prepared.data); /* gnutls_free is a variable of GnuTLS; it holds this same function
			      */
	return 0;
}
