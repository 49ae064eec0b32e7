/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/endpoint.h"

#include "base/utf8.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/un.h>

enum {
	LABEL_MAX = 63,        /* RFC 1035, 2.3.4 */
	NAME_MAX_OCTETS = 253, /* its 255 on the wire, as text */
	PORT_DIGITS = 5,
	SOCKET_PATH_ROOM = sizeof((struct sockaddr_un *)NULL)->sun_path,
};

/* "'WHAT' WHY"; returns -1. */
static int bad(struct status *st, struct slice what, const char *why)
{
	return status_set(st, STATUS_BAD_CONFIG, "'%.*s' %s", (int)what.len, what.data, why);
}

static int keep(struct slice s, char *into, size_t room, struct status *st)
{
	if (s.len >= room)
		return bad(st, s, "is too long");
	memcpy(into, s.data, s.len);
	into[s.len] = '\0';
	return 0;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* What a label may hold: LDH, the underscore that many networks use, and the bytes of UTF-8. */
static bool is_name_char(char c)
{
	char low = ascii_lower(c);
	return is_digit(c) || (low >= 'a' && low <= 'z') || c == '-' || c == '_' ||
	       (unsigned char)c >= 0x80;
}

static bool all(struct slice s, bool (*is)(char c))
{
	for (size_t i = 0; i < s.len; i++) {
		if (!is(s.data[i]))
			return false;
	}
	return true;
}

static bool is_ascii(char c)
{
	return (unsigned char)c < 0x80;
}

/* How long a label in UTF-8 is as an A-label, IDNA has to judge. */
static bool label_ok(struct slice label)
{
	if (label.len == 0 || label.data[0] == '-' || label.data[label.len - 1] == '-')
		return false;
	return all(label, is_name_char) && (label.len <= LABEL_MAX || !all(label, is_ascii));
}

/*
 * No name ends in a number (RFC 3696, 2): what does is a mistyped address, or a port where
 * "mx:25" has none, and resolvers differ in what they make of it.
 */
static int check_name(struct slice name, struct status *st)
{
	struct slice rest = name, label = { 0 };
	if (name.len == 0)
		return status_set(st, STATUS_BAD_CONFIG, "the name of the host is missing");
	if (name.len > NAME_MAX_OCTETS)
		return bad(st, name, "is too long for a host name");
	while (slice_next(&rest, '.', &label)) {
		if (!label_ok(label))
			return bad(st, name, "is no host name");
	}
	if (!utf8_valid(name))
		return bad(st, name, "is no host name: invalid UTF-8");
	if (all(label, is_digit))
		return bad(st, name, "is neither a host name nor an IP address");
	return 0;
}

static int parse_domain(struct slice s, struct endpoint *e, struct status *st)
{
	if (s.len > 1 && s.data[s.len - 1] == '.')
		s.len--;
	if (check_name(s, st) != 0)
		return -1;
	return keep(s, e->name, sizeof e->name, st);
}

/* Is S, a piece of some longer text, an address of FAMILY? */
static bool is_address(struct slice s, int family)
{
	char text[INET6_ADDRSTRLEN];
	struct in6_addr address;
	struct status ignored;
	return keep(s, text, sizeof text, &ignored) == 0 &&
	       inet_pton(family, text, &address) == 1;
}

static bool is_zone_char(char c)
{
	return is_ascii(c) && (is_name_char(c) || c == '.');
}

/* RFC 4007, 11: an address and, behind a percent sign, the name or number of a zone. */
static bool is_ipv6(struct slice s)
{
	size_t percent = slice_find(s, '%');
	struct slice zone = slice_cut(s, percent + 1, s.len);
	bool zone_ok = zone.len > 0 && zone.len < IF_NAMESIZE && all(zone, is_zone_char);
	return (percent == s.len || zone_ok) && is_address(slice_cut(s, 0, percent), AF_INET6);
}

static int parse_literal(struct slice s, struct endpoint *e, struct status *st)
{
	e->literal = true;
	return keep(s, e->name, sizeof e->name, st);
}

static int parse_port(struct slice s, struct endpoint *e, struct status *st)
{
	unsigned long port = 0;
	bool number = s.len > 0 && s.len <= PORT_DIGITS && s.data[0] != '0' && all(s, is_digit);
	for (size_t i = 0; number && i < s.len; i++)
		port = port * 10 + (unsigned long)(s.data[i] - '0');
	if (!number || port > UINT16_MAX)
		return bad(st, s, "is no port: a number from 1 to 65535");
	e->port = (uint16_t)port;
	return 0;
}

/* [address] or [address]:port */
static int parse_bracketed(struct slice s, struct endpoint *e, struct status *st)
{
	size_t close = slice_find(s, ']');
	struct slice address = slice_cut(s, 1, close);
	struct slice behind = slice_cut(s, close + 1, s.len);
	if (close == s.len || !is_ipv6(address))
		return bad(st, s, "is no IPv6 address in brackets");
	if (behind.len != 0 && behind.data[0] != ':')
		return bad(st, s, "has something other than ':port' behind the bracket");
	if (behind.len != 0 && parse_port(slice_cut(behind, 1, behind.len), e, st) != 0)
		return -1;
	return parse_literal(address, e, st);
}

static int parse_host(struct slice s, struct endpoint *e, struct status *st)
{
	if (s.len != 0 && s.data[0] == '[')
		return parse_bracketed(s, e, st);
	if (is_ipv6(s))
		return parse_literal(s, e, st);
	size_t colon = slice_find(s, ':');
	struct slice name = slice_cut(s, 0, colon);
	struct slice port = slice_cut(s, colon + 1, s.len);
	if (slice_starts_nocase(port, "//"))
		return bad(st, s, "is a URL: write name or name:port, and see the key tls");
	if (slice_find(port, ':') != port.len)
		return bad(st, s, "is no IPv6 address; with a port, write [address]:port");
	if (colon < s.len && parse_port(port, e, st) != 0)
		return -1;
	if (is_address(name, AF_INET))
		return parse_literal(name, e, st);
	return parse_domain(name, e, st);
}

static bool is_printable(char c)
{
	return (unsigned char)c >= 0x20 && c != 0x7f;
}

static int parse_folder(struct slice s, struct endpoint *e, struct status *st)
{
	if (!slice_starts_nocase(s, "/") && !slice_starts_nocase(s, "~/"))
		return bad(st, s, "is no absolute path");
	if (!all(s, is_printable))
		return bad(st, s, "holds a control character");
	return keep(s, e->path, sizeof e->path, st);
}

static int parse_socket(struct slice s, struct endpoint *e, struct status *st)
{
	if (!slice_starts_nocase(s, "/"))
		return bad(st, s, "is no absolute path");
	if (s.len >= SOCKET_PATH_ROOM)
		return bad(st, s, "is too long for the path of a socket");
	return parse_folder(s, e, st);
}

static const struct form {
	const char *prefix;
	enum endpoint_kind kind;
	int (*parse)(struct slice rest, struct endpoint *e, struct status *st);
} forms[] = {
	{ "unix:", ENDPOINT_UNIX, parse_socket },
	{ "maildir:", ENDPOINT_MAILDIR, parse_folder },
	{ "srv:", ENDPOINT_SRV, parse_domain },
	{ "mx:", ENDPOINT_MX, parse_domain },
	{ "", ENDPOINT_HOST, parse_host }, /* the prefix of everything else */
};

int endpoint_parse(const char *text, struct endpoint *e, struct status *st)
{
	struct slice s = slice_of(text);
	struct endpoint parsed = { .kind = ENDPOINT_MX };
	if (!slice_is_nocase(s, "mx")) {
		const struct form *form = forms;
		while (!slice_starts_nocase(s, form->prefix))
			form++;
		parsed.kind = form->kind;
		if (form->parse(slice_cut(s, strlen(form->prefix), s.len), &parsed, st) != 0)
			return -1;
	}
	*e = parsed;
	return 0;
}
