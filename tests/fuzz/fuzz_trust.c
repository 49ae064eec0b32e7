/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Certificates in PEM: decoding in parts gives the same as at once, base64 means what it means
 * elsewhere, and where GnuTLS accepts a certificate both see the same names in it.
 */
#include "base/base64.h"
#include "base/gnutls_lib.h"
#include "net/der.h"
#include "net/pem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void require(int truth)
{
	if (!truth)
		abort();
}

static int same(const void *a, size_t a_len, const void *b, size_t b_len)
{
	return a_len == b_len && (a_len == 0 || memcmp(a, b, a_len) == 0);
}

/* In memory of exactly its size, so that a sanitizer sees who reads or writes on. */
static unsigned char *decode(struct slice body, size_t room, size_t *len)
{
	unsigned char *bytes = malloc(room != 0 ? room : 1);
	require(bytes != NULL);
	*len = pem_decode(&body, bytes, room);
	require(*len <= room);
	return bytes;
}

typedef int get_dn(gnutls_x509_crt_t crt, gnutls_datum_t *dn);

static void require_dn(gnutls_x509_crt_t crt, get_dn *get, struct slice ours)
{
	gnutls_datum_t theirs = { 0 };
	require(get(crt, &theirs) == 0);
	require(same(ours.data, ours.len, theirs.data, theirs.size));
	free(theirs.data);
}

static void compare_names(unsigned char *der, size_t len)
{
	struct der_names names = { 0 };
	bool found = der_names(slice_n((char *)der, len), &names);
	gnutls_datum_t data = { der, (unsigned)len };
	gnutls_x509_crt_t crt;
	require(gnutls_x509_crt_init(&crt) == 0);
	if (gnutls_x509_crt_import(crt, &data, GNUTLS_X509_FMT_DER) == 0) {
		require(found);
		require_dn(crt, gnutls_x509_crt_get_raw_dn, names.subject);
		require_dn(crt, gnutls_x509_crt_get_raw_issuer_dn, names.issuer);
	}
	gnutls_x509_crt_deinit(crt);
}

/* In pieces of three and more it is the same as at once. */
static void decode_in_pieces(struct slice body, size_t piece, const unsigned char *whole,
			     size_t len)
{
	unsigned char bytes[300];
	size_t at = 0;
	for (size_t got = pem_decode(&body, bytes, piece); got != 0;
	     got = pem_decode(&body, bytes, piece)) {
		require(got <= piece && at + got <= len && memcmp(whole + at, bytes, got) == 0);
		at += got;
	}
	require(at == len);
}

static void check(struct slice body)
{
	size_t len, part_len;
	unsigned char *whole = decode(body, body.len, &len);
	unsigned char *part = decode(body, len / 2, &part_len);
	struct der_names names;
	require(same(part, part_len, whole, len / 2));
	der_names(slice_n((char *)part, part_len), &names);
	decode_in_pieces(body, 3, whole, len);
	decode_in_pieces(body, 300, whole, len);
	struct buf strict = { 0 };
	if (base64_decode(&strict, body) == 0)
		require(same(strict.data, strict.len, whole, len));
	buf_release(&strict);
	compare_names(whole, len);
	free(part);
	free(whole);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_n((const char *)data, size), rest = input, body;
	while (pem_next(&rest, &body)) {
		require(body.data >= input.data && body.data + body.len <= rest.data);
		check(body);
	}
	check(input);
	compare_names((unsigned char *)data, size);
	return 0;
}
