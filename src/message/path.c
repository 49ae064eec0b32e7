/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/path.h"

#include "base/utf8.h"
#include "message/address_lexer.h"

#include <arpa/inet.h>
#include <string.h>

enum {
	MAX_LOCAL = 64,
	MAX_LABEL = 63,
	MAX_DOMAIN = 255,
	MAX_PATH = 254,
};

/* The offset of the @ between local part and domain, or path.len. */
static size_t find_at(struct slice path)
{
	bool quoted = false;
	for (size_t i = 0; i < path.len; i++) {
		char c = path.data[i];
		if (c == '"')
			quoted = !quoted;
		else if (c == '\\' && quoted)
			i++;
		else if (c == '@' && !quoted)
			return i;
	}
	return path.len;
}

/* Atexts, at least one, and dots anywhere. */
static bool is_dotted_atext(struct slice s)
{
	bool any_atext = false;
	for (size_t i = 0; i < s.len; i++) {
		bool atext = is_atext(s.data[i]);
		if (!atext && s.data[i] != '.')
			return false;
		any_atext = any_atext || atext;
	}
	return any_atext;
}

/* A Quoted-string of RFC 5321 (4.1.2), from its first to its last quote. */
static bool is_quoted_string(struct slice s)
{
	if (s.len < 2 || s.data[0] != '"')
		return false;
	size_t i = 1;
	while (i < s.len && s.data[i] != '"')
		i += s.data[i] == '\\' ? 2 : 1;
	return i == s.len - 1;
}

static const char *local_problem(struct slice local)
{
	if (local.len == 0)
		return "nothing stands before the @";
	if (local.len > MAX_LOCAL)
		return "the part before the @ is longer than 64 octets";
	if (!is_dotted_atext(local) && !is_quoted_string(local))
		return "what stands before the @ needs quotes";
	return NULL;
}

static bool is_label_byte(char c)
{
	bool letter = ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z';
	bool digit = c >= '0' && c <= '9';
	return letter || digit || c == '-' || c == '_' || (unsigned char)c >= 0x80;
}

/* The limit on a U-label counts its A-label, which is not known here. */
static bool is_label(struct slice s)
{
	bool ascii = true;
	for (size_t i = 0; i < s.len; i++) {
		if (!is_label_byte(s.data[i]))
			return false;
		ascii = ascii && (unsigned char)s.data[i] < 0x80;
	}
	return s.len != 0 && (s.len <= MAX_LABEL || !ascii) && s.data[0] != '-' &&
	       s.data[s.len - 1] != '-';
}

static bool is_host_name(struct slice domain)
{
	struct slice label;
	while (slice_next(&domain, '.', &label)) {
		if (!is_label(label))
			return false;
	}
	return true;
}

/* [192.0.2.1] or [IPv6:2001:db8::1] (RFC 5321, 4.1.3) */
static bool is_literal(struct slice domain)
{
	static const char tag[] = "IPv6:";
	char address[INET6_ADDRSTRLEN];
	unsigned char binary[sizeof(struct in6_addr)];
	if (domain.len < 2 || domain.data[domain.len - 1] != ']')
		return false;
	struct slice inner = slice_cut(domain, 1, domain.len - 1);
	int family = AF_INET;
	if (slice_starts_nocase(inner, tag)) {
		family = AF_INET6;
		inner = slice_cut(inner, sizeof tag - 1, inner.len);
	}
	if (inner.len >= sizeof address)
		return false;
	memcpy(address, inner.data, inner.len);
	address[inner.len] = '\0';
	return inet_pton(family, address, binary) == 1;
}

static const char *domain_problem(struct slice domain)
{
	if (domain.len == 0)
		return "it has no domain";
	if (domain.len > MAX_DOMAIN)
		return "its domain is longer than 255 octets";
	if (domain.data[0] == '[')
		return is_literal(domain) ? NULL : "its domain is no valid IP address literal";
	return is_host_name(domain) ? NULL : "its domain is no valid host name";
}

static const char *path_problem(struct slice path)
{
	if (path.len == 0)
		return "it is empty";
	if (any_control(path))
		return "it holds a control character";
	if (slice_find(path, '<') != path.len || slice_find(path, '>') != path.len)
		return "it holds < or >";
	if (!utf8_valid(path))
		return "it is no valid UTF-8";
	size_t at = find_at(path);
	const char *problem = local_problem(slice_cut(path, 0, at));
	if (problem == NULL)
		problem = domain_problem(slice_cut(path, at + 1, path.len));
	if (problem == NULL && path.len > MAX_PATH)
		problem = "it is longer than 254 octets";
	return problem;
}

int address_check(const char *path, struct status *st)
{
	const char *problem = path_problem(slice_of(path));
	if (problem == NULL)
		return 0;
	return status_set(st, STATUS_BAD_MESSAGE, "cannot use the address '%.80s': %s", path,
			  problem);
}

bool address_is_ascii(const char *path)
{
	for (; *path != '\0'; path++) {
		if ((unsigned char)*path >= 0x80)
			return false;
	}
	return true;
}

/* No domain holds an @, so the last one is the right one, also behind a quoted local part. */
bool address_same(const char *a, const char *b)
{
	const char *at = strrchr(a, '@');
	if (at == NULL)
		return strcmp(a, b) == 0;
	size_t local = (size_t)(at - a) + 1;
	return strncmp(a, b, local) == 0 && ascii_same_nocase(a + local, b + local);
}
