/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tls_binding - what ties a login to the TLS session that it goes through (RFC 5056)
 *
 * Both ends of a session know these bytes. Who sits in between with a certificate that passes
 * has two sessions, and cannot make the bytes of one fit the other.
 */
#ifndef NET_TLS_BINDING_H
#define NET_TLS_BINDING_H

#include "base/buf.h"
#include "net/stream.h"

/*
 * Append the channel binding of STREAM, which tls_start made, to OUT, and return its name:
 * "tls-exporter" (RFC 9266) with TLS 1.3, else "tls-server-end-point" (RFC 5929, 4). NULL where
 * there is none: RFC 5929 knows no hash for every certificate.
 */
const char *tls_binding(const struct stream *stream, struct buf *out);

#endif
