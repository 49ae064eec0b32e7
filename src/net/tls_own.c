/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tls_own.h"

#include <string.h>

/* RFC 7512 spells a file as file:/PATH; p11-kit 0.24 opens what stands there, so the path
 * alone. */
static void add_source(struct buf *out, const char *source)
{
	static const char pin[] = "pin-source=", scheme[] = "file:";
	struct slice all = slice_of(source);
	const char *at = slice_starts_nocase(all, "pkcs11:") ? strstr(source, pin) : NULL;
	size_t from = at != NULL ? (size_t)(at - source) + strlen(pin) : all.len;
	buf_add_slice(out, slice_cut(all, 0, from));
	if (slice_starts_nocase(slice_cut(all, from, all.len), scheme))
		from += strlen(scheme);
	buf_add_slice(out, slice_cut(all, from, all.len));
}

static int refuse(const char *certificate, const char *key, int code, struct status *st)
{
	status_set(st, STATUS_BAD_CONFIG,
		   "cannot use tls-certificate '%s' with the key in '%s': %s", certificate, key,
		   gnutls.strerror(code));
	return code == GNUTLS_E_PKCS11_PIN_ERROR
		       ? status_hint(st,
				     "name a file that holds the PIN: pin-source=file:/PATH")
		       : -1;
}

int tls_own_set(gnutls_certificate_credentials_t credentials,
		const struct tls_settings *settings, struct status *st)
{
	const char *certificate = settings->certificate;
	const char *key = settings->key != NULL ? settings->key : certificate;
	struct buf own = { 0 }, its_key = { 0 };
	if (key == NULL)
		return 0;
	if (certificate == NULL)
		return status_set(st, STATUS_BAD_CONFIG, "tls-key '%s' needs tls-certificate",
				  key);
	add_source(&own, certificate);
	add_source(&its_key, key);
	int n = gnutls.certificate_set_x509_key_file(credentials, buf_str(&own),
						     buf_str(&its_key), GNUTLS_X509_FMT_PEM);
	buf_release(&own);
	buf_release(&its_key);
	return n >= 0 ? 0 : refuse(certificate, key, n, st);
}
