/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * tls - TLS on top of any stream, with a peer that proves who it is (RFC 8446, 5246, 9525)
 *
 * The trust bundle is not parsed: once the peer's chain is there, the bundle is searched for
 * the issuers of that chain, and only those are imported (trust.h). The decision is the one
 * that the whole bundle would give.
 */
#ifndef NET_TLS_H
#define NET_TLS_H

#include "base/buf.h"
#include "base/status.h"
#include "net/stream.h"
#include "net/tap.h"

#include <stdbool.h>
#include <time.h>

/* What has a say in whom we trust also has one in which session is resumed: see ticket.c. */
struct tls_settings {
	const char *name; /* borrowed: whom the certificate has to name: a host or an address */
	const char
		*other_name; /* borrowed: or this one; NULL: nobody else. Not asked for (SNI) */
	const char *ca;  /* borrowed: "system", a PEM file, or a hashed directory (trust.h) */
	const char *crl; /* borrowed: revocation lists (PEM file), or NULL */
	bool upgraded;   /* after STARTTLS, rather than from the first byte on */
	bool verify; /* false: take any certificate (the caller says so in the transcript) */
	/*
	 * Borrowed: "sha256:HEX" or "spki:HEX" (pin.h), or NULL. Where there are pins, one has
	 * to match, and nothing else counts: no authority, no name, no date.
	 */
	const struct strings *pins;
	int min_version;         /* 10, 11, 12, 13 */
	const char *priority;    /* borrowed: GnuTLS priority string, or NULL */
	const char *certificate; /* borrowed: own certificate (tls_own.h), or NULL */
	const char *key;         /* borrowed: its key; NULL: where the certificate is */
	/*
	 * Borrowed, beyond the stream's end: the folder where sessions wait for later runs
	 * (ticket.h), and "host:port", which they are told apart by, too. NULL: none are kept.
	 */
	const char *tickets;
	const char *peer;
};

/* What the transcript, the log and --check tell of a session. */
struct tls_facts {
	char version[16]; /* "TLS1.3" */
	char cipher[64];  /* "AES-256-GCM" and the like, as GnuTLS names the suite */
	char subject[256];
	char issuer[256];
	time_t expires;    /* the certificate */
	long days_left;    /* until then */
	char verified[64]; /* "system bundle", "file /x", "directory /x", "fingerprint", ... */
	/*
	 * The peer was checked in an earlier session, whose facts these are, the first two
	 * aside. After a failure: a ticket was offered, and not declined.
	 */
	bool resumed;
};

/*
 * Shake hands over *STREAM and put the TLS stream in its place; FACTS may be NULL. The
 * handshake ends at the stream's deadline, all of it, not each read. Plaintext that is buffered
 * in *STREAM but not taken is STATUS_BROKEN_PEER: somebody spoke before the protection stood.
 * On failure *STREAM is as it was, fit only to be freed.
 *
 * Errors: STATUS_NOT_SECURE where protection cannot be had (certificate, version, alert); the
 * sentence names what is wrong ("the certificate of 'x' expired on 2026-01-02", "is for
 * a.example, b.example", "is signed by 'CN=y', which is not trusted"), the hint what to do.
 * STATUS_BROKEN_PEER for plaintext behind STARTTLS. STATUS_TEMPORARY when the connection is
 * lost or time is up. STATUS_BAD_CONFIG for files that cannot be used.
 */
int tls_start(struct stream **stream, const struct tls_settings *settings,
	      struct tls_facts *facts, struct status *st);

/* Check what needs no connection: files readable, pins and priority well formed. */
int tls_check_settings(const struct tls_settings *settings, struct status *st);

#endif
