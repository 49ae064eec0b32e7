/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * certs - for tests: throw-away certificates
 */
#ifndef TEST_CERTS_H
#define TEST_CERTS_H

#include "base/buf.h"
#include "base/gnutls_lib.h"

#include <stdbool.h>

/* What a certificate is to be; all may be left out but the common name. */
struct wish {
	const char *cn;
	const char *dns[8]; /* subjectAltName; a NULL ends the list, unless it is full */
	const char *ip;     /* likewise */
	int from, to;       /* validity in days from today; 0 and 0: -1 to 90 */
	bool is_ca;
	const char *purpose; /* an object identifier; NULL: a TLS server, for those that are no
				CA */
	int digest;          /* of the issuer's signature; 0: SHA-256 */
	unsigned rsa_bits;   /* 0: a P-256 key */
	bool must_staple;
};

struct cert {
	gnutls_x509_crt_t crt;
	gnutls_x509_privkey_t key;
};

/* Issued by ISSUER, or by itself if that is NULL; stops the test if it cannot be made. */
struct cert cert_make(const struct wish *wish, const struct cert *issuer);
/* The same subject and key as OF, issued by ISSUER: a cross certificate. */
struct cert cert_cross(const struct wish *wish, const struct cert *of,
		       const struct cert *issuer);
void cert_release(struct cert *c);

/* Append C as PEM, or its key. */
void cert_pem(const struct cert *c, struct buf *out);
void cert_key_pem(const struct cert *c, struct buf *out);
/* Its DER; the caller frees the data. */
gnutls_datum_t cert_der(const struct cert *c);
/* A list that says that ISSUER has revoked REVOKED, as PEM. */
void cert_crl_pem(const struct cert *issuer, const struct cert *revoked, struct buf *out);
/* "sha256:HEX", or "spki:HEX" if OF_KEY. */
void cert_pin(const struct cert *c, bool of_key, struct buf *out);

/* Write TEXT into a new file of the folder DIR; the caller frees its path. */
char *write_file(const char *dir, const char *name, const struct buf *text);

#endif
