/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/reach.h"

#include "delivery/route.h"
#include "net/connect.h"
#include "net/socks5.h"

#include <sys/socket.h>

static struct connect_settings settings_of(const struct reach *r)
{
	static const int families[] = {
		[IP_ANY] = AF_UNSPEC, [IP_4] = AF_INET, [IP_6] = AF_INET6
	};
	return (struct connect_settings){
		.family = families[r->account->ip],
		.source_address = r->account->source_address,
		.timeout = r->account->connect_timeout,
		.deadline = r->deadline,
	};
}

int reach_host(const struct reach *r, const char *name, uint16_t port, struct stream **stream,
	       struct status *st)
{
	const struct account *a = r->account;
	struct connect_settings settings = settings_of(r);
	struct endpoint proxy;
	struct dns dns;
	if (a->resolver != NULL) {
		if (route_dns(a, r->tap, &dns, st) != 0)
			return -1;
		settings.dns = &dns;
	}
	if (a->proxy != NULL) {
		if (socks5_parse(a->proxy, &proxy, st) != 0)
			return -1;
		settings.proxy = &proxy;
	}
	return connect_host(name, port, &settings, r->tap, stream, st);
}

int reach_socket(const struct reach *r, const char *path, struct stream **stream,
		 struct status *st)
{
	struct connect_settings settings = settings_of(r);
	return connect_unix(path, &settings, r->tap, stream, st);
}
