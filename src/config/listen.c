/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/listen.h"

#include "net/endpoint.h"

#include <stdlib.h>

static bool is_loopback_name(const struct endpoint *e)
{
	return e->kind == ENDPOINT_HOST && ascii_same_nocase(e->name, "localhost");
}

/* What stands before the port may be missing, which no endpoint knows. */
static int take_apart(const char *text, struct endpoint *e)
{
	struct buf whole = { 0 };
	struct status ignored;
	buf_addf(&whole, "%s%s", text[0] == ':' ? "localhost" : "", text);
	int result = endpoint_parse(buf_str(&whole), e, &ignored);
	buf_release(&whole);
	return result;
}

int listen_parse(const char *text, struct listen *l, struct status *st)
{
	struct endpoint e = { 0 };
	struct listen found = { 0 };
	bool ok = take_apart(text, &e) == 0 && e.port != 0;
	if (ok && is_loopback_name(&e)) {
		sockaddr_parse("127.0.0.1", e.port, &found.at[found.count++]);
		sockaddr_parse("::1", e.port, &found.at[found.count++]);
	} else {
		ok = ok && e.literal &&
		     sockaddr_parse(e.name, e.port, &found.at[found.count++]);
	}
	if (!ok)
		return status_set(st, STATUS_BAD_USAGE,
				  "'--listen' takes ADDRESS:PORT or [ADDRESS]:PORT, not '%s'",
				  text);
	*l = found;
	return 0;
}
