/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What endpoint_parse takes apart can be put together again, and means the same then. */
#include "base/buf.h"
#include "net/endpoint.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void write_endpoint(const struct endpoint *e, struct buf *out)
{
	static const char *const prefixes[] = {
		[ENDPOINT_HOST] = "", [ENDPOINT_UNIX] = "unix:",       [ENDPOINT_SRV] = "srv:",
		[ENDPOINT_MX] = "mx", [ENDPOINT_MAILDIR] = "maildir:",
	};
	bool brackets = strchr(e->name, ':') != NULL;
	bool smarthost = e->kind == ENDPOINT_MX && e->name[0] != '\0';
	buf_addf(out, "%s%s", prefixes[e->kind], smarthost ? ":" : "");
	buf_addf(out, brackets ? "[%s]%s" : "%s%s", e->name, e->path);
	if (e->kind == ENDPOINT_HOST && !e->literal)
		buf_add_char(out, '.'); /* a host may be called "mx" */
	if (e->port != 0)
		buf_addf(out, ":%u", e->port);
}

static bool same(const struct endpoint *a, const struct endpoint *b)
{
	return a->kind == b->kind && strcmp(a->name, b->name) == 0 &&
	       strcmp(a->path, b->path) == 0 && a->port == b->port && a->literal == b->literal;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = { 0 };
	struct endpoint e = { 0 }, again = { 0 };
	struct status st = { 0 };
	buf_add(&text, data, size);
	if (endpoint_parse(buf_str(&text), &e, &st) != 0) {
		must(st.kind == STATUS_BAD_CONFIG && st.text[0] != '\0');
	} else {
		must(strpbrk(e.name, " \t\r\n\x7f/@[]<>") == NULL);
		must(strpbrk(e.path, "\t\r\n\x7f") == NULL);
		must((e.name[0] != '\0') != (e.path[0] != '\0') || e.kind == ENDPOINT_MX);
		buf_reset(&text);
		write_endpoint(&e, &text);
		must(endpoint_parse(buf_str(&text), &again, &st) == 0);
		must(same(&e, &again));
	}
	buf_release(&text);
	return 0;
}
