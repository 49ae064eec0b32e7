/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/connect.h"

#include "base/clock.h"
#include "net/dial.h"
#include "net/happy.h"
#include "net/resolve.h"
#include "net/sockaddr.h"
#include "net/socks5.h"

#include <arpa/inet.h>
#include <string.h>
#include <sys/un.h>

/* A socket has one family, so the source address decides which addresses are of use. */
static int choose_source(const struct connect_settings *settings, struct sockaddr_ip *source,
			 int *family, struct status *st)
{
	*family = settings->family;
	if (settings->source_address == NULL)
		return 0;
	if (!sockaddr_parse(settings->source_address, 0, source))
		return status_set(st, STATUS_BAD_CONFIG, "source-address '%s' is no IP address",
				  settings->source_address);
	*family = source->at.any.sa_family;
	if (settings->family == AF_UNSPEC || settings->family == *family)
		return 0;
	return status_set(st, STATUS_BAD_CONFIG, "source-address %s is no IPv%c address",
			  settings->source_address, settings->family == AF_INET ? '4' : '6');
}

static int connect_direct(const char *name, uint16_t port,
			  const struct connect_settings *settings, const struct tap *tap,
			  struct stream **stream, struct status *st)
{
	struct sockaddr_ip source;
	struct addresses list;
	int family;
	if (choose_source(settings, &source, &family, st) != 0 ||
	    resolve_host(name, port, family, settings->dns, &list, st) != 0)
		return -1;
	struct happy h = {
		.name = name,
		.port = port,
		.source = settings->source_address != NULL ? &source : NULL,
		.timeout = settings->timeout,
		.deadline = settings->deadline,
		.tap = tap,
	};
	return happy_connect(&h, &list, stream, st);
}

/* Whatever happened, it was between us and the proxy, not the server. */
static int blame_proxy(const struct endpoint *proxy, struct status *st)
{
	struct status cause = *st;
	status_set(st, cause.kind, "the proxy %s:%u: %s", proxy->name, proxy->port, cause.text);
	memcpy(st->hint, cause.hint, sizeof st->hint);
	st->sys = cause.sys;
	st->stage = STAGE_CONNECT;
	return -1;
}

static int connect_by_proxy(const char *name, uint16_t port,
			    const struct connect_settings *settings, const struct tap *tap,
			    struct stream **stream, struct status *st)
{
	const struct endpoint *proxy = settings->proxy;
	struct stream *s;
	if (connect_direct(proxy->name, proxy->port, settings, tap, &s, st) != 0)
		return blame_proxy(proxy, st);
	tap_note(tap, "asking the proxy for %s port %u", name, port);
	stream_set_deadline(s, clock_earlier(clock_in(settings->timeout), settings->deadline));
	if (socks5_connect(s, name, port, st) == 0) {
		*stream = s;
		return 0;
	}
	stream_free(s);
	return blame_proxy(proxy, st);
}

int connect_host(const char *name, uint16_t port, const struct connect_settings *settings,
		 const struct tap *tap, struct stream **stream, struct status *st)
{
	if (settings->proxy != NULL)
		return connect_by_proxy(name, port, settings, tap, stream, st);
	return connect_direct(name, port, settings, tap, stream, st);
}

int connect_unix(const char *path, const struct connect_settings *settings,
		 const struct tap *tap, struct stream **stream, struct status *st)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int64_t deadline = clock_earlier(clock_in(settings->timeout), settings->deadline);
	if (strlen(path) >= sizeof a.sun_path)
		return status_set(st, STATUS_BAD_CONFIG,
				  "the path of the socket '%s' is too long", path);
	memcpy(a.sun_path, path, strlen(path) + 1);
	tap_note(tap, "connecting to %s", path);
	if (dial(SOCK_STREAM, (const struct sockaddr *)&a, sizeof a, deadline, stream, st) == 0)
		return 0;
	st->stage = STAGE_CONNECT;
	return -1;
}

void connect_literal(const char *name, struct buf *out)
{
	unsigned char address[sizeof(struct in6_addr)];
	if (inet_pton(AF_INET, name, address) == 1)
		buf_addf(out, "[%s]", name);
	else if (inet_pton(AF_INET6, name, address) == 1)
		buf_addf(out, "[IPv6:%s]", name);
	else
		buf_add_str(out, name);
}

void connect_local_literal(int fd, struct buf *out)
{
	union {
		struct sockaddr any;
		struct sockaddr_storage room;
	} a = { 0 };
	socklen_t len = sizeof a;
	char text[SOCKADDR_TEXT_ROOM];
	bool known = getsockname(fd, &a.any, &len) == 0 &&
		     (a.any.sa_family == AF_INET || a.any.sa_family == AF_INET6);
	connect_literal(known ? sockaddr_text(&a.any, text) : "127.0.0.1", out);
}
