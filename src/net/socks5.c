/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/socks5.h"

#include "net/sockaddr.h"

#include <string.h>

enum {
	DEFAULT_PORT = 1080,
	SOCKS_VERSION = 5,
	NO_LOGIN = 0,
	NO_METHOD = 0xff,
	CONNECT = 1,
	KIND_IPV4 = 1,
	KIND_NAME = 3,
	KIND_IPV6 = 4,
	NAME_MAX_OCTETS = 255, /* its length is one octet */
	PORT_LEN = 2,
};

static int bad(struct status *st, const char *why)
{
	status_set(st, STATUS_BAD_CONFIG, "%s", why);
	return status_hint(st, "write socks5://host:port");
}

int socks5_parse(const char *text, struct endpoint *proxy, struct status *st)
{
	static const char scheme[] = "socks5://";
	struct endpoint e;
	struct slice s = slice_of(text);
	if (slice_find(s, '@') != s.len)
		return bad(st, "a login at the proxy is not possible");
	if (!slice_starts_nocase(s, scheme))
		return bad(st, "the proxy is not given as socks5://host:port");
	if (endpoint_parse(text + sizeof scheme - 1, &e, st) != 0)
		return -1;
	if (e.kind != ENDPOINT_HOST)
		return bad(st, "the proxy is neither a host name nor an IP address");
	if (e.port == 0)
		e.port = DEFAULT_PORT;
	*proxy = e;
	return 0;
}

static int not_socks(struct status *st)
{
	return status_set(st, STATUS_BROKEN_PEER, "what answers there is no SOCKS5 proxy");
}

static int take(struct stream *s, size_t len, const unsigned char **bytes, struct status *st)
{
	struct slice taken;
	if (stream_getn(s, len, &taken, st) != 0)
		return -1;
	*bytes = (const unsigned char *)taken.data;
	return 0;
}

/* Agree on going without a login (RFC 1928, 3). */
static int agree(struct stream *s, struct status *st)
{
	static const unsigned char offer[] = { SOCKS_VERSION, 1, NO_LOGIN };
	const unsigned char *answer;
	stream_put(s, offer, sizeof offer);
	if (stream_flush(s, st) != 0 || take(s, 2, &answer, st) != 0)
		return -1;
	if (answer[0] == SOCKS_VERSION && answer[1] == NO_METHOD)
		return status_set(st, STATUS_NOT_ALLOWED,
				  "the proxy wants a login, which is not possible");
	return answer[0] == SOCKS_VERSION && answer[1] == NO_LOGIN ? 0 : not_socks(st);
}

static void put_address(struct buf *request, const struct sockaddr_ip *a)
{
	bool six = a->at.any.sa_family == AF_INET6;
	buf_add_char(request, six ? KIND_IPV6 : KIND_IPV4);
	if (six)
		buf_add(request, &a->at.in6.sin6_addr, sizeof a->at.in6.sin6_addr);
	else
		buf_add(request, &a->at.in.sin_addr, sizeof a->at.in.sin_addr);
}

/* A zone is this machine's business, and means something else to the proxy, or nothing. */
static int put_target(struct buf *request, const char *name, struct status *st)
{
	struct sockaddr_ip a;
	size_t len = strlen(name);
	if (strchr(name, '%') != NULL || len > NAME_MAX_OCTETS)
		return status_set(st, STATUS_BAD_CONFIG, "'%s' cannot be reached by a proxy",
				  name);
	if (sockaddr_parse(name, 0, &a)) {
		put_address(request, &a);
		return 0;
	}
	buf_add_char(request, KIND_NAME);
	buf_add_char(request, (char)len);
	buf_add(request, name, len);
	return 0;
}

static int ask(struct stream *s, const char *name, uint16_t port, struct status *st)
{
	struct buf request = { 0 };
	buf_add(&request, (const char[]){ SOCKS_VERSION, CONNECT, 0 }, 3);
	int result = put_target(&request, name, st);
	if (result == 0) {
		buf_add_char(&request, (char)(port >> 8));
		buf_add_char(&request, (char)(port & 0xff));
		stream_put(s, request.data, request.len);
		result = stream_flush(s, st);
	}
	buf_release(&request);
	return result;
}

/* RFC 1928, 6 */
static const char *reason(unsigned code)
{
	static const char *const reasons[] = {
		[1] = "general failure",
		[2] = "its rules do not allow it",
		[3] = "network unreachable",
		[4] = "host unreachable",
		[5] = "connection refused",
		[6] = "no answer in time",
		[7] = "it does not know the command",
		[8] = "it does not know this kind of address",
	};
	return code < sizeof reasons / sizeof *reasons ? reasons[code] : "unknown reason";
}

/* Its own address, which nobody needs, is passed over. */
static int skip_address(struct stream *s, unsigned kind, struct status *st)
{
	static const size_t lengths[] = { [KIND_IPV4] = 4, [KIND_IPV6] = 16 };
	const unsigned char *bytes;
	size_t len = kind < sizeof lengths / sizeof *lengths ? lengths[kind] : 0;
	if (kind == KIND_NAME) {
		if (take(s, 1, &bytes, st) != 0)
			return -1;
		len = bytes[0];
	}
	return len != 0 ? take(s, len + PORT_LEN, &bytes, st) : not_socks(st);
}

static int hear(struct stream *s, const char *name, struct status *st)
{
	const unsigned char *head;
	if (take(s, 4, &head, st) != 0)
		return -1;
	unsigned version = head[0], code = head[1], kind = head[3];
	if (version != SOCKS_VERSION)
		return not_socks(st);
	if (code != 0)
		return status_set(st, STATUS_TEMPORARY, "cannot connect to %s: %s (%u)", name,
				  reason(code), code);
	return skip_address(s, kind, st);
}

int socks5_connect(struct stream *s, const char *name, uint16_t port, struct status *st)
{
	if (agree(s, st) != 0 || ask(s, name, port, st) != 0)
		return -1;
	return hear(s, name, st);
}
