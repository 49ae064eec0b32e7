/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tls_peer - for tests: a TLS server at the other end of a stream, in the same thread
 *
 * Two bufs are the wire. Whenever the client finds nothing to read, the server takes its turn:
 * it goes on with its handshake, then takes in what the client sent. Once the handshake is
 * done, the test drives `session` itself.
 */
#ifndef TEST_TLS_PEER_H
#define TEST_TLS_PEER_H

#include "certs.h"

#include "base/buf.h"
#include "base/gnutls_lib.h"
#include "net/stream.h"

#include <stdbool.h>

struct tls_peer {
	/* To be set between tls_peer_init and tls_peer_stream. */
	const char *priority; /* NULL: "NORMAL" */
	bool wants_certificate;
	const struct cert *wants_issuer; /* of that certificate; NULL: any */
	size_t read_max; /* one read of the client gives at most so many bytes; 0: all */
	bool delays;     /* every other read and write of the client is EAGAIN first */
	/* NULL, or what the server does when it can speak, and whenever `got` has grown. */
	void (*speaks)(struct tls_peer *p);
	void *context; /* for `speaks` */

	/* At any time: the client's writes fail with this errno, unless 0. */
	int fails_with;

	/* What happened. */
	gnutls_session_t session;
	bool done;      /* the handshake */
	int error;      /* of the handshake or of reading, or 0 */
	bool ended;     /* the client said goodbye */
	struct buf got; /* what the client sent, decrypted */
	size_t client_writes;
	unsigned client_certificates;
	char server_name[256]; /* as the client gave it, or "" */

	/* Private. */
	gnutls_certificate_credentials_t credentials;
	gnutls_datum_t ticket_key;
	struct buf to_client, to_server;
	bool delayed;
	bool polled_to_write;
	int always, never[2]; /* descriptors: one is always ready, never[0] is never */
	bool cut;             /* no more bytes to the client, and then its end */
};

/* A server with CHAIN, COUNT certificates, the one with the key first. */
void tls_peer_init(struct tls_peer *p, const struct cert *chain, unsigned count);
/* The client's end of the wire. */
struct stream *tls_peer_stream(struct tls_peer *p);
/* The same server, for a new client, once the last one's stream is freed. */
void tls_peer_again(struct tls_peer *p);
/* Let the server do what it can; usually the client's reading does that. */
void tls_peer_turn(struct tls_peer *p);
/* Send TEXT to the client. */
void tls_peer_say(struct tls_peer *p, const char *text);
/* Break off: without TLS's goodbye. */
void tls_peer_cut(struct tls_peer *p);
/* Frees all; after the client's stream. */
void tls_peer_release(struct tls_peer *p);

#endif
