/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/url.h"

#include "net/endpoint.h"

#include <stdio.h>
#include <string.h>

#define SCHEME "https://"

enum { HTTPS_PORT = 443 };

static int refuse(struct status *st, const char *why)
{
	return status_set(st, STATUS_BAD_CONFIG, "the URL %s", why);
}

static bool is_plain(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] <= ' ' || s.data[i] >= 0x7f)
			return false;
	}
	return true;
}

/* HOST is what stands between the slashes and the path. */
static int read_host(struct slice host, struct endpoint *e, struct status *st)
{
	char text[sizeof e->name + sizeof "[]:65535"];
	bool bracketed = host.len != 0 && host.data[0] == '[';
	if (host.len >= sizeof text)
		return refuse(st, "has a host that is too long");
	memcpy(text, host.data, host.len);
	text[host.len] = '\0';
	if (endpoint_parse(text, e, st) != 0)
		return -1;
	if (e->kind != ENDPOINT_HOST || (strchr(e->name, ':') != NULL && !bracketed))
		return refuse(st, "names no host");
	return 0;
}

static void fill(struct url *u, const struct endpoint *e, struct slice target)
{
	bool six = strchr(e->name, ':') != NULL;
	*u = (struct url){ .port = e->port != 0 ? e->port : HTTPS_PORT };
	memcpy(u->host, e->name, sizeof u->host);
	snprintf(u->authority, sizeof u->authority, six ? "[%s]" : "%s", e->name);
	if (u->port != HTTPS_PORT) {
		size_t len = strlen(u->authority);
		snprintf(u->authority + len, sizeof u->authority - len, ":%u", u->port);
	}
	bool rooted = target.len != 0 && target.data[0] == '/';
	snprintf(u->target, sizeof u->target, "%s%.*s", rooted ? "" : "/", (int)target.len,
		 target.data);
}

int url_parse(const char *text, struct url *u, struct status *st)
{
	struct slice s = slice_of(text);
	struct endpoint e = { 0 };
	if (!is_plain(s))
		return refuse(st, "holds a blank or something other than ASCII");
	if (!slice_starts_nocase(s, SCHEME))
		return refuse(st, "does not begin with " SCHEME);
	if (slice_find(s, '#') != s.len)
		return refuse(st, "has a fragment");
	struct slice rest = slice_cut(s, strlen(SCHEME), s.len);
	size_t slash = slice_find(rest, '/'), question = slice_find(rest, '?');
	struct slice host = slice_cut(rest, 0, slash < question ? slash : question);
	struct slice target = slice_cut(rest, host.len, rest.len);
	if (slice_find(host, '@') != host.len)
		return refuse(st, "has a login in it");
	if (target.len + 2 > sizeof u->target)
		return refuse(st, "is too long");
	if (read_host(host, &e, st) != 0)
		return -1;
	fill(u, &e, target);
	return 0;
}
