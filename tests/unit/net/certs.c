/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "certs.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* The test cannot go on without this. */
static void must(int result)
{
	if (result < 0) {
		fprintf(stderr, "certs: %s\n", gnutls_strerror(result));
		abort();
	}
}

static void set_names(gnutls_x509_crt_t crt, const struct wish *w)
{
	size_t max = sizeof w->dns / sizeof *w->dns;
	for (size_t i = 0; i < max && w->dns[i] != NULL; i++)
		must(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, w->dns[i],
							  (unsigned)strlen(w->dns[i]),
							  GNUTLS_FSAN_APPEND));
	if (w->ip != NULL) {
		unsigned char bytes[16];
		bool is_v6 = strchr(w->ip, ':') != NULL;
		must(inet_pton(is_v6 ? AF_INET6 : AF_INET, w->ip, bytes) - 1);
		must(gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, bytes,
							  is_v6 ? 16 : 4, GNUTLS_FSAN_APPEND));
	}
}

static void set_use(gnutls_x509_crt_t crt, const struct wish *w)
{
	must(gnutls_x509_crt_set_basic_constraints(crt, w->is_ca, -1));
	if (w->is_ca) {
		must(gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_KEY_CERT_SIGN |
								GNUTLS_KEY_CRL_SIGN));
	} else {
		const char *purpose =
			w->purpose != NULL ? w->purpose : GNUTLS_KP_TLS_WWW_SERVER;
		must(gnutls_x509_crt_set_key_purpose_oid(crt, purpose, 0));
	}
	if (w->must_staple) {
		static const unsigned char status_request[] = { 0x30, 3, 2, 1,
								5 }; /* RFC 7633 */
		must(gnutls_x509_crt_set_extension_by_oid(crt, "1.3.6.1.5.5.7.1.24",
							  status_request, sizeof status_request,
							  0));
	}
}

/* So that two authorities of one name can be told apart. */
static void set_key_ids(gnutls_x509_crt_t crt, gnutls_x509_crt_t issuer)
{
	unsigned char id[32];
	size_t len = sizeof id;
	must(gnutls_x509_crt_get_key_id(crt, 0, id, &len));
	must(gnutls_x509_crt_set_subject_key_id(crt, id, len));
	len = sizeof id;
	must(gnutls_x509_crt_get_key_id(issuer, 0, id, &len));
	must(gnutls_x509_crt_set_authority_key_id(crt, id, len));
}

static void set_dates(gnutls_x509_crt_t crt, const struct wish *w)
{
	enum { DAY = 24 * 60 * 60 };
	bool given = w->from != 0 || w->to != 0;
	time_t now = time(NULL);
	must(gnutls_x509_crt_set_activation_time(crt, now + DAY * (given ? w->from : -1)));
	must(gnutls_x509_crt_set_expiration_time(crt, now + DAY * (given ? w->to : 90)));
}

static gnutls_x509_privkey_t make_key(unsigned rsa_bits)
{
	gnutls_x509_privkey_t key;
	must(gnutls_x509_privkey_init(&key));
	if (rsa_bits != 0)
		must(gnutls_x509_privkey_generate(key, GNUTLS_PK_RSA, rsa_bits, 0));
	else
		must(gnutls_x509_privkey_generate(
			key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1),
			0));
	return key;
}

/* A certificate that was made lacks some of what GnuTLS knows of one that was read. */
static void reimport(struct cert *c)
{
	gnutls_datum_t der = cert_der(c);
	gnutls_x509_crt_deinit(c->crt);
	must(gnutls_x509_crt_init(&c->crt));
	must(gnutls_x509_crt_import(c->crt, &der, GNUTLS_X509_FMT_DER));
	gnutls_free(der.data);
}

/* Takes KEY. */
static struct cert issue(const struct wish *w, gnutls_x509_privkey_t key,
			 const struct cert *issuer)
{
	struct cert c = { .key = key };
	unsigned char serial[8];
	must(gnutls_rnd(GNUTLS_RND_NONCE, serial, sizeof serial));
	serial[0] &= 0x7f;
	must(gnutls_x509_crt_init(&c.crt));
	must(gnutls_x509_crt_set_version(c.crt, 3));
	must(gnutls_x509_crt_set_serial(c.crt, serial, sizeof serial));
	must(gnutls_x509_crt_set_dn_by_oid(c.crt, GNUTLS_OID_X520_COMMON_NAME, 0, w->cn,
					   (unsigned)strlen(w->cn)));
	must(gnutls_x509_crt_set_key(c.crt, key));
	set_dates(c.crt, w);
	set_names(c.crt, w);
	set_use(c.crt, w);
	set_key_ids(c.crt, issuer != NULL ? issuer->crt : c.crt);
	must(gnutls_x509_crt_sign2(
		c.crt, issuer != NULL ? issuer->crt : c.crt, issuer != NULL ? issuer->key : key,
		w->digest != 0 ? (gnutls_digest_algorithm_t)w->digest : GNUTLS_DIG_SHA256, 0));
	reimport(&c);
	return c;
}

struct cert cert_make(const struct wish *wish, const struct cert *issuer)
{
	return issue(wish, make_key(wish->rsa_bits), issuer);
}

struct cert cert_cross(const struct wish *wish, const struct cert *of,
		       const struct cert *issuer)
{
	gnutls_x509_privkey_t key;
	must(gnutls_x509_privkey_init(&key));
	must(gnutls_x509_privkey_cpy(key, of->key));
	return issue(wish, key, issuer);
}

void cert_release(struct cert *c)
{
	if (c->crt != NULL)
		gnutls_x509_crt_deinit(c->crt);
	if (c->key != NULL)
		gnutls_x509_privkey_deinit(c->key);
	*c = (struct cert){ 0 };
}

static void take(struct buf *out, gnutls_datum_t *data)
{
	buf_add(out, data->data, data->size);
	gnutls_free(data->data);
}

void cert_pem(const struct cert *c, struct buf *out)
{
	gnutls_datum_t data;
	must(gnutls_x509_crt_export2(c->crt, GNUTLS_X509_FMT_PEM, &data));
	take(out, &data);
}

void cert_key_pem(const struct cert *c, struct buf *out)
{
	gnutls_datum_t data;
	must(gnutls_x509_privkey_export2(c->key, GNUTLS_X509_FMT_PEM, &data));
	take(out, &data);
}

gnutls_datum_t cert_der(const struct cert *c)
{
	gnutls_datum_t data;
	must(gnutls_x509_crt_export2(c->crt, GNUTLS_X509_FMT_DER, &data));
	return data;
}

void cert_crl_pem(const struct cert *issuer, const struct cert *revoked, struct buf *out)
{
	gnutls_x509_crl_t crl;
	gnutls_datum_t data;
	time_t now = time(NULL);
	must(gnutls_x509_crl_init(&crl));
	must(gnutls_x509_crl_set_version(crl, 2));
	must(gnutls_x509_crl_set_crt(crl, revoked->crt, now - 60));
	must(gnutls_x509_crl_set_this_update(crl, now - 60));
	must(gnutls_x509_crl_set_next_update(crl, now + 3600));
	must(gnutls_x509_crl_set_number(crl, "\1", 1));
	must(gnutls_x509_crl_sign2(crl, issuer->crt, issuer->key, GNUTLS_DIG_SHA256, 0));
	must(gnutls_x509_crl_export2(crl, GNUTLS_X509_FMT_PEM, &data));
	gnutls_x509_crl_deinit(crl);
	take(out, &data);
}

/* Not by the functions that pin.c uses: from the bytes. */
void cert_pin(const struct cert *c, bool of_key, struct buf *out)
{
	unsigned char hash[32];
	gnutls_datum_t data = { 0 };
	gnutls_pubkey_t key;
	must(gnutls_pubkey_init(&key));
	must(gnutls_pubkey_import_x509(key, c->crt, 0));
	if (of_key)
		must(gnutls_pubkey_export2(key, GNUTLS_X509_FMT_DER, &data));
	else
		data = cert_der(c);
	must(gnutls_hash_fast(GNUTLS_DIG_SHA256, data.data, data.size, hash));
	gnutls_free(data.data);
	gnutls_pubkey_deinit(key);
	buf_add_str(out, of_key ? "spki:" : "sha256:");
	for (size_t i = 0; i < sizeof hash; i++)
		buf_addf(out, "%02x", hash[i]);
}

char *write_file(const char *dir, const char *name, const struct buf *text)
{
	struct buf path = { 0 };
	buf_addf(&path, "%s/%s", dir, name);
	FILE *f = fopen(buf_str(&path), "w");
	if (f == NULL || fwrite(buf_str(text), 1, text->len, f) != text->len || fclose(f) != 0)
		abort();
	return buf_take(&path);
}
