/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/digest.h"

#include "base/gnutls_lib.h"

static const struct {
	const char *name;
	gnutls_digest_algorithm_t hash;
	gnutls_mac_algorithm_t mac;
	size_t len;
} kinds[] = {
	[DIGEST_MD5] = { "MD5", GNUTLS_DIG_MD5, GNUTLS_MAC_MD5, 16 },
	[DIGEST_SHA1] = { "SHA-1", GNUTLS_DIG_SHA1, GNUTLS_MAC_SHA1, 20 },
	[DIGEST_SHA256] = { "SHA-256", GNUTLS_DIG_SHA256, GNUTLS_MAC_SHA256, 32 },
};

static int result(int rc, enum digest_kind kind, struct digest *out, struct status *st)
{
	if (rc < 0)
		return status_set(st, STATUS_SYSTEM, "cannot compute %s: %s", kinds[kind].name,
				  gnutls.strerror(rc));
	out->len = kinds[kind].len;
	return 0;
}

/* GnuTLS declares this input as writable, and leaves it alone. */
static gnutls_datum_t datum(struct slice s)
{
	return (gnutls_datum_t){ (unsigned char *)s.data, (unsigned)s.len };
}

int digest_hash(enum digest_kind kind, struct slice data, struct digest *out, struct status *st)
{
	if (gnutls_load(st) != 0)
		return -1;
	int rc = gnutls.hash_fast(kinds[kind].hash, data.data, data.len, out->bytes);
	return result(rc, kind, out, st);
}

int digest_hmac(enum digest_kind kind, struct slice key, struct slice data, struct digest *out,
		struct status *st)
{
	if (gnutls_load(st) != 0)
		return -1;
	int rc = gnutls.hmac_fast(kinds[kind].mac, key.data, key.len, data.data, data.len,
				  out->bytes);
	return result(rc, kind, out, st);
}

int digest_pbkdf2(const struct digest_stretch *how, struct slice password, struct digest *out,
		  struct status *st)
{
	if (gnutls_load(st) != 0)
		return -1;
	gnutls_datum_t key = datum(password), salt = datum(how->salt);
	int rc = gnutls.pbkdf2(kinds[how->kind].mac, &key, &salt, how->iterations, out->bytes,
			       kinds[how->kind].len);
	return result(rc, how->kind, out, st);
}

struct slice digest_slice(const struct digest *d)
{
	return slice_n((const char *)d->bytes, d->len);
}

void digest_hex(const struct digest *d, struct buf *out)
{
	static const char digits[] = "0123456789abcdef";
	for (size_t i = 0; i < d->len; i++) {
		buf_add_char(out, digits[d->bytes[i] >> 4]);
		buf_add_char(out, digits[d->bytes[i] & 15]);
	}
}

/* No byte may end the comparison sooner than another. */
bool digest_same(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return false;
	volatile unsigned char differs = 0;
	for (size_t i = 0; i < a.len; i++)
		differs |= (unsigned char)(a.data[i] ^ b.data[i]);
	return differs == 0;
}
