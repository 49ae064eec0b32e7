/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/pin.h"

#include <string.h>

enum { HASH_SIZE = 32 };

struct pin {
	bool of_key;
	unsigned char hash[HASH_SIZE];
};

static int hex(char c)
{
	c = ascii_lower(c);
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool parse_hash(struct slice text, unsigned char hash[HASH_SIZE])
{
	size_t count = 0;
	for (size_t i = 0; i < text.len; i++) {
		if (text.data[i] == ':')
			continue;
		int value = hex(text.data[i]);
		if (value < 0 || count == 2 * HASH_SIZE)
			return false;
		hash[count / 2] = (unsigned char)(hash[count / 2] << 4 | value);
		count++;
	}
	return count == 2 * HASH_SIZE;
}

static bool parse(const char *text, struct pin *pin)
{
	struct slice rest = slice_trim(slice_of(text)), kind;
	*pin = (struct pin){ 0 };
	slice_next(&rest, ':', &kind);
	pin->of_key = slice_is_nocase(kind, "spki");
	return (pin->of_key || slice_is_nocase(kind, "sha256")) && parse_hash(rest, pin->hash);
}

int pins_check(const struct strings *pins, struct status *st)
{
	struct pin pin;
	for (size_t i = 0; i < pins->count; i++) {
		if (!parse(pins->at[i], &pin)) {
			status_set(st, STATUS_BAD_CONFIG, "'%s' is no fingerprint",
				   pins->at[i]);
			return status_hint(st,
					   "write sha256: or spki: and 64 hexadecimal digits");
		}
	}
	return 0;
}

static bool hash_of(gnutls_x509_crt_t cert, bool of_key, unsigned char hash[HASH_SIZE])
{
	size_t len = HASH_SIZE;
	if (of_key)
		return gnutls.x509_crt_get_key_id(cert, GNUTLS_KEYID_USE_SHA256, hash, &len) ==
		       0;
	return gnutls.x509_crt_get_fingerprint(cert, GNUTLS_DIG_SHA256, hash, &len) == 0;
}

bool pins_match(const struct strings *pins, gnutls_x509_crt_t cert)
{
	struct pin pin;
	unsigned char hash[HASH_SIZE];
	for (size_t i = 0; i < pins->count; i++) {
		if (parse(pins->at[i], &pin) && hash_of(cert, pin.of_key, hash) &&
		    memcmp(pin.hash, hash, HASH_SIZE) == 0)
			return true;
	}
	return false;
}

void pin_of(gnutls_x509_crt_t cert, struct buf *out)
{
	unsigned char hash[HASH_SIZE] = { 0 };
	hash_of(cert, false, hash);
	buf_add_str(out, "sha256:");
	for (size_t i = 0; i < HASH_SIZE; i++)
		buf_addf(out, "%02x", hash[i]);
}
