/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls_binding.h"

#include "base/gnutls_lib.h"
#include "net/stream_tls.h"

#include <stdlib.h>

/*
 * Older versions can export too, but only where both ends extend the master secret, and
 * servers of their time do not look for it. What they have, tls-unique, is as weak as their
 * renegotiation.
 */
const char *tls_binding(const struct stream *stream, struct buf *out)
{
	gnutls_session_t session = stream_tls_session(stream);
	bool exports = gnutls.protocol_get_version(session) >= GNUTLS_TLS1_3;
	gnutls_datum_t bytes = { 0 };
	if (gnutls.session_channel_binding(session,
					   exports ? GNUTLS_CB_TLS_EXPORTER
						   : GNUTLS_CB_TLS_SERVER_END_POINT,
					   &bytes) != 0)
		return NULL;
	buf_add(out, bytes.data, bytes.size);
	free(bytes.data); /* GnuTLS's own gnutls_free is this, unless a program replaces it */
	return exports ? "tls-exporter" : "tls-server-end-point";
}
