/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stream_tls - a stream that encrypts what goes through the stream below it
 *
 * Whatever breaks once the handshake is done - a cut connection without TLS's own goodbye, an
 * alert, a forged record, a wish to renegotiate - is a lost connection (ECONNRESET) with a
 * sentence of its own.
 */
#ifndef NET_STREAM_TLS_H
#define NET_STREAM_TLS_H

#include "base/gnutls_lib.h"
#include "net/stream.h"
#include "net/ticket.h"

/*
 * A TLS stream over BELOW, with its deadline; stream_tls_handshake comes next. Takes all three:
 * SESSION, a client's, with everything set but its transport, and the CREDENTIALS that it uses.
 */
struct stream *stream_tls_new(gnutls_session_t session,
			      gnutls_certificate_credentials_t credentials,
			      struct stream *below);

/*
 * Shake hands, all of it before the stream's deadline. On failure *CODE is GnuTLS's error, or
 * GNUTLS_E_SUCCESS where waiting failed: then ST is filled.
 */
int stream_tls_handshake(struct stream *s, int *code, struct status *st);

/* The first bytes that the peer sent, three at most: they tell TLS from what is none. */
struct slice stream_tls_first(const struct stream *s);

/* The errno of the stream below when it last failed. */
int stream_tls_errno(const struct stream *s);

/* When S is closed, keep what T is for. */
void stream_tls_set_ticket(struct stream *s, const struct ticket *t);

/* The session of S; it stays the stream's. */
gnutls_session_t stream_tls_session(const struct stream *s);

/* Free S without a goodbye, and give back the stream below it. */
struct stream *stream_tls_abandon(struct stream *s);

#endif
