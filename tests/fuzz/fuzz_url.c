/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A value of a setting, or an address that a provider names. What is taken keeps a request in
 * shape. */
#include "net/url.h"

#include "base/buf.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void must_be_plain(const char *text)
{
	for (; *text != '\0'; text++)
		must(*text > ' ' && *text < 0x7f);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf text = { 0 }, again = { 0 };
	struct url u, second;
	struct status st = { 0 };
	buf_add(&text, size != 0 ? (const char *)data : "", size);
	if (url_parse(buf_str(&text), &u, &st) == 0) {
		must(u.port != 0 && u.host[0] != '\0' && u.target[0] == '/');
		must_be_plain(u.host);
		must_be_plain(u.authority);
		must_be_plain(u.target);
		must(strpbrk(u.authority, "/?#@") == NULL && strchr(u.target, '#') == NULL);
		buf_addf(&again, "https://%s%s", u.authority, u.target);
		must(url_parse(buf_str(&again), &second, &st) == 0);
		must(strcmp(u.host, second.host) == 0 && u.port == second.port &&
		     strcmp(u.target, second.target) == 0);
	} else {
		must(st.kind == STATUS_BAD_CONFIG);
	}
	buf_release(&text);
	buf_release(&again);
	return 0;
}
