/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/dns_servers.h"

#include "base/file.h"
#include "net/endpoint.h"

#include <string.h>

enum {
	DNS_PORT = 53,
	FILE_LIMIT = 64 * 1024,
};

/* False if TEXT is no address, or there is no room for one more. */
static bool add_server(struct dns_servers *servers, struct slice text, bool trusted)
{
	struct dns_server one = { 0 };
	struct endpoint e = { 0 };
	struct status ignored;
	if (servers->count == DNS_SERVERS_MAX || text.len == 0 || text.len >= sizeof one.text)
		return false;
	memcpy(one.text, text.data, text.len);
	if (endpoint_parse(one.text, &e, &ignored) != 0 || !e.literal ||
	    !sockaddr_parse(e.name, e.port != 0 ? e.port : DNS_PORT, &one.address))
		return false;
	one.trusted = trusted || sockaddr_is_loopback(&one.address);
	servers->at[servers->count++] = one;
	return true;
}

int dns_servers_parse(const char *resolver, struct dns_servers *servers, struct status *st)
{
	struct slice rest = slice_of(resolver), part;
	*servers = (struct dns_servers){ 0 };
	while (slice_next(&rest, ',', &part)) {
		part = slice_trim(part);
		if (servers->count == DNS_SERVERS_MAX)
			return status_set(st, STATUS_BAD_CONFIG, "more than %d resolvers",
					  DNS_SERVERS_MAX);
		if (!add_server(servers, part, true))
			return status_set(
				st, STATUS_BAD_CONFIG,
				"'%.*s' is no resolver: an IP address, or ADDRESS:PORT",
				(int)part.len, part.data);
	}
	return 0;
}

/* The word behind "nameserver" if LINE begins with that, else an empty slice. */
static struct slice nameserver(struct slice line)
{
	static const char key[] = "nameserver";
	size_t len = sizeof key - 1;
	bool is_one = slice_is(slice_cut(line, 0, len), key) && line.len > len &&
		      (line.data[len] == ' ' || line.data[len] == '\t');
	struct slice value = slice_trim(slice_cut(line, is_one ? len : line.len, line.len));
	value = slice_cut(value, 0, slice_find(value, ' '));
	return slice_cut(value, 0, slice_find(value, '\t'));
}

void dns_servers_load(const char *path, struct dns_servers *servers)
{
	struct buf text = { 0 };
	struct stat facts;
	struct status ignored;
	struct slice line;
	*servers = (struct dns_servers){ 0 };
	file_read_all(path, FILE_LIMIT, &text, &facts, &ignored);
	struct slice rest = buf_slice(&text);
	while (slice_next(&rest, '\n', &line))
		add_server(servers, nameserver(line), false);
	if (servers->count == 0)
		add_server(servers, slice_of("127.0.0.1"), false);
	buf_release(&text);
}
