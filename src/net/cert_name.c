/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/cert_name.h"

#include "base/status.h"

#include <arpa/inet.h>
#include <string.h>

enum { NAME_SIZE = 512 }; /* a DNS name has 253 bytes; what is longer is no name of a host */

struct san {
	int type; /* enum gnutls_x509_subject_alt_name_t, or negative: too long to matter */
	struct slice value;
	char bytes[NAME_SIZE];
};

/* The subjectAltName with number INDEX; false behind the last one. */
static bool get_san(gnutls_x509_crt_t cert, unsigned index, struct san *san)
{
	size_t len = sizeof san->bytes;
	san->type = gnutls.x509_crt_get_subject_alt_name(cert, index, san->bytes, &len, NULL);
	san->value = slice_n(san->bytes, san->type >= 0 ? len : 0);
	return san->type >= 0 || san->type == GNUTLS_E_SHORT_MEMORY_BUFFER;
}

size_t cert_name_address(const char *name, unsigned char address[16])
{
	char text[INET6_ADDRSTRLEN];
	size_t len = strcspn(name, "%");
	if (len >= sizeof text)
		return 0;
	memcpy(text, name, len);
	text[len] = '\0';
	if (inet_pton(AF_INET, text, address) == 1)
		return 4;
	return inet_pton(AF_INET6, text, address) == 1 ? 16 : 0;
}

/* "*.example.org" is for "a.example.org", not for "a.b.example.org", and "*.org" for nobody. */
static bool wildcard_matches(struct slice parent, struct slice name)
{
	size_t label = slice_find(name, '.');
	struct slice domain = slice_cut(parent, 1, parent.len);
	return label != 0 && slice_find(domain, '.') < domain.len &&
	       slice_same_nocase(parent, slice_cut(name, label, name.len));
}

static bool dns_matches(const struct san *san, struct slice name)
{
	struct slice pattern = san->value;
	if (san->type != GNUTLS_SAN_DNSNAME || name.len == 0)
		return false;
	if (slice_is(slice_cut(pattern, 0, 2), "*."))
		return wildcard_matches(slice_cut(pattern, 1, pattern.len), name);
	return slice_same_nocase(pattern, name);
}

static bool address_matches(const struct san *san, struct slice address)
{
	return san->type == GNUTLS_SAN_IPADDRESS && san->value.len == address.len &&
	       memcmp(san->value.data, address.data, address.len) == 0;
}

bool cert_name_matches(gnutls_x509_crt_t cert, const char *name)
{
	unsigned char bytes[16];
	struct slice address = slice_n((const char *)bytes, cert_name_address(name, bytes));
	struct slice host = slice_of(name);
	if (host.len != 0 && host.data[host.len - 1] == '.')
		host.len--;
	struct san san;
	for (unsigned i = 0; get_san(cert, i, &san); i++) {
		bool matches = address.len != 0 ? address_matches(&san, address)
						: dns_matches(&san, host);
		if (matches)
			return true;
	}
	return false;
}

/* Append what SAN says; false for kinds that name no server. */
static bool show(const struct san *san, struct buf *out)
{
	char text[INET6_ADDRSTRLEN];
	if (san->type == GNUTLS_SAN_DNSNAME) {
		text_printable(out, san->value, 64);
		return true;
	}
	int family = san->value.len == 4 ? AF_INET : AF_INET6;
	if (san->type != GNUTLS_SAN_IPADDRESS || (san->value.len != 4 && san->value.len != 16))
		return false;
	buf_add_str(out, inet_ntop(family, san->value.data, text, sizeof text));
	return true;
}

size_t cert_name_list(gnutls_x509_crt_t cert, size_t limit, struct buf *out)
{
	struct san san;
	size_t count = 0;
	for (unsigned i = 0; get_san(cert, i, &san); i++) {
		struct buf name = { 0 };
		if (show(&san, &name) && count++ < limit) {
			buf_add_str(out, count > 1 ? ", " : "");
			buf_add_slice(out, buf_slice(&name));
		}
		buf_release(&name);
	}
	if (count > limit)
		buf_addf(out, " and %zu more", count - limit);
	return count;
}
