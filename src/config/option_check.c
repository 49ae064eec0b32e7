/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/option_check.h"

#include "base/suggest.h"
#include "base/utf8.h"
#include "message/path.h"
#include "net/dns_servers.h"
#include "net/endpoint.h"
#include "net/socks5.h"
#include "net/url.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <string.h>

enum {
	LABEL_MAX = 63,        /* RFC 1035, 2.3.4 */
	NAME_OCTETS_MAX = 253, /* its 255 on the wire, as text */
	SHA256_DIGITS = 64,
};

static int refuse(struct status *st, const char *value, const char *why)
{
	return status_set(st, STATUS_BAD_CONFIG, "'%s' is %s", value, why);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
	char lower = ascii_lower(c);
	return lower >= 'a' && lower <= 'z';
}

static bool is_ascii_label_char(char c)
{
	return is_letter(c) || is_digit(c) || c == '-';
}

static bool is_label_char(char c)
{
	return is_ascii_label_char(c) || (unsigned char)c >= 0x80;
}

static bool consists_of(struct slice s, bool (*allowed)(char c))
{
	for (size_t i = 0; i < s.len; i++) {
		if (!allowed(s.data[i]))
			return false;
	}
	return s.len != 0;
}

static bool is_host_name(struct slice name, bool (*allowed)(char c))
{
	struct slice rest = name, label;
	while (slice_next(&rest, '.', &label)) {
		if (!consists_of(label, allowed) || label.len > LABEL_MAX ||
		    label.data[0] == '-' || label.data[label.len - 1] == '-')
			return false;
	}
	return name.len <= NAME_OCTETS_MAX && utf8_valid(name);
}

static bool is_address(const char *text, int family)
{
	struct in6_addr address;
	return inet_pton(family, text, &address) == 1;
}

/* [192.0.2.1] or [IPv6:2001:db8::1] */
static bool is_address_literal(struct slice s)
{
	char text[INET6_ADDRSTRLEN];
	if (s.len < 2 || s.data[0] != '[' || s.data[s.len - 1] != ']')
		return false;
	struct slice inside = slice_cut(s, 1, s.len - 1);
	bool six = slice_starts_nocase(inside, "IPv6:");
	if (six)
		inside = slice_cut(inside, 5, inside.len);
	if (inside.len >= sizeof text)
		return false;
	memcpy(text, inside.data, inside.len);
	text[inside.len] = '\0';
	return is_address(text, six ? AF_INET6 : AF_INET);
}

int check_host(const char *value, struct status *st)
{
	struct endpoint ignored;
	return endpoint_parse(value, &ignored, st);
}

static bool is_path_char(char c)
{
	return c != ' ' && c != '<' && c != '>';
}

int check_pattern(const char *value, struct status *st)
{
	const char *at = strrchr(value, '@');
	bool ok = at != NULL ? at != value && at[1] != '\0' : strcmp(value, "*") == 0;
	bool pattern = strpbrk(value, "*?") != NULL;
	struct status why;
	if (ok && consists_of(slice_of(value), is_path_char) &&
	    (pattern || address_check(value, &why) == 0))
		return 0;
	return refuse(st, value, "no address and no pattern like *@example.com");
}

int check_recipients(const char *value, struct status *st)
{
	if (strchr(value, '@') != NULL)
		return check_pattern(value, st);
	if (consists_of(slice_of(value), is_path_char))
		return 0;
	return refuse(st, value, "no address, no domain and no pattern like *.example.com");
}

int check_mailbox(const char *value, struct status *st)
{
	struct status why;
	if (strpbrk(value, "*?") == NULL && address_check(value, &why) == 0)
		return 0;
	return refuse(st, value, "no address");
}

int check_mailbox_or_name(const char *value, struct status *st)
{
	struct buf qualified = { 0 };
	struct status why;
	if (strchr(value, '@') != NULL)
		return check_mailbox(value, st);
	buf_addf(&qualified, "%s@localhost", value);
	int result = check_mailbox(buf_str(&qualified), &why);
	buf_release(&qualified);
	return result == 0 ? 0 : refuse(st, value, "no address and no name");
}

int check_login(const char *value, struct status *st)
{
	if (strpbrk(value, " \"'*?") == NULL)
		return 0;
	return refuse(st, value, "no login name");
}

int check_path(const char *value, struct status *st)
{
	if (value[0] == '/' || strncmp(value, "~/", 2) == 0)
		return 0;
	return refuse(st, value, "no absolute path and none from ~/ on");
}

int check_domain(const char *value, struct status *st)
{
	if (is_host_name(slice_of(value), is_label_char))
		return 0;
	return refuse(st, value, "no domain");
}

int check_hello(const char *value, struct status *st)
{
	struct slice s = slice_of(value);
	if (is_host_name(s, is_ascii_label_char) || is_address_literal(s))
		return 0;
	return refuse(st, value, "neither a host name nor an address like [192.0.2.1]");
}

int check_name(const char *value, struct status *st)
{
	if (is_host_name(slice_of(value), is_label_char) || is_address(value, AF_INET6))
		return 0;
	return refuse(st, value, "neither a host name nor an IP address");
}

int check_address(const char *value, struct status *st)
{
	if (is_address(value, AF_INET) || is_address(value, AF_INET6))
		return 0;
	return refuse(st, value, "no IP address");
}

int check_proxy(const char *value, struct status *st)
{
	struct endpoint ignored;
	return socks5_parse(value, &ignored, st);
}

int check_resolver(const char *value, struct status *st)
{
	struct dns_servers ignored;
	return dns_servers_parse(value, &ignored, st);
}

/* A file, or a PKCS#11 URI; the latter can hold a PIN, which a file of its own keeps better. */
int check_own_certificate(const char *value, struct status *st)
{
	struct slice s = slice_of(value);
	if (!slice_starts_nocase(s, "pkcs11:") || strstr(value, "pin-value") == NULL)
		return 0;
	status_set(st, STATUS_BAD_CONFIG, "a PKCS#11 URI with a pin-value is not taken");
	return status_hint(st,
			   "put the PIN into a file, and pin-source=file:/PATH into the URI");
}

/* Digits in S with colons anywhere between; 0 if there is anything else. */
static size_t hex_digits(struct slice s)
{
	size_t count = 0;
	for (size_t i = 0; i < s.len; i++) {
		char c = ascii_lower(s.data[i]);
		if (is_digit(c) || (c >= 'a' && c <= 'f'))
			count++;
		else if (c != ':')
			return 0;
	}
	return count;
}

int check_fingerprint(const char *value, struct status *st)
{
	static const char *const kinds[] = { "sha256:", "spki:" };
	struct slice s = slice_of(value);
	for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
		if (slice_starts_nocase(s, kinds[i]) &&
		    hex_digits(slice_cut(s, strlen(kinds[i]), s.len)) == SHA256_DIGITS)
			return 0;
	}
	return refuse(st, value, "neither sha256: nor spki: with 64 hex digits");
}

int check_auth(const char *value, struct status *st)
{
	/* The mechanisms of smtp/sasl.h, which is above this room; a unit test compares. */
	static const char *const names[] = {
		"auto",
		"none",
		"scram-sha-256-plus",
		"scram-sha-256",
		"oauthbearer",
		"xoauth2",
		"scram-sha-1-plus",
		"scram-sha-1",
		"external",
		"plain",
		"login",
		"cram-md5",
	};
	const size_t count = sizeof names / sizeof names[0];
	for (size_t i = 0; i < count; i++) {
		if (strcmp(value, names[i]) == 0)
			return 0;
	}
	refuse(st, value, "neither auto, none nor a mechanism's name in lower case");
	const char *near = suggest_nearest(value, names, count);
	if (near != NULL)
		status_hint(st, "did you mean '%s'?", near);
	return -1;
}

int check_url(const char *value, struct status *st)
{
	struct url ignored;
	return url_parse(value, &ignored, st);
}

static bool is_scope_char(char c)
{
	return c >= ' ' && c < 0x7f && c != '"' && c != '\\';
}

int check_scope(const char *value, struct status *st)
{
	if (consists_of(slice_of(value), is_scope_char))
		return 0;
	return refuse(st, value, "no scope");
}

static bool is_field_name_char(char c)
{
	return c > ' ' && c < 0x7f && c != ':';
}

int check_field_name(const char *value, struct status *st)
{
	if (consists_of(slice_of(value), is_field_name_char))
		return 0;
	return refuse(st, value, "no name of a header field");
}

int check_log(const char *value, struct status *st)
{
	if (strcmp(value, "syslog") == 0 || strcmp(value, "none") == 0 ||
	    strchr(value, '/') != NULL)
		return 0;
	return refuse(st, value, "neither syslog, none nor a path");
}
