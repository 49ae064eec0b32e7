/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Lines of an EHLO answer: the list of mechanisms is always clean and without doubles, and
 * reading what was understood once more changes nothing.
 */
#include "smtp/capability.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static void check_name(struct slice name, struct slice behind)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_";
	struct slice other;
	demand(name.len >= 1 && name.len <= 20);
	for (size_t i = 0; i < name.len; i++)
		demand(memchr(allowed, name.data[i], sizeof allowed - 1) != NULL);
	while (slice_next(&behind, ' ', &other))
		demand(!slice_same_nocase(name, other));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct capabilities c = { 0 }, again = { 0 };
	struct slice rest = slice_n((const char *)data, size), line, name;
	while (slice_next(&rest, '\n', &line))
		capabilities_line(&c, line);

	rest = c.auth.len != 0 ? buf_slice(&c.auth) : slice_n(NULL, 0);
	while (slice_next(&rest, ' ', &name))
		check_name(name, rest);
	demand(c.size || c.size_limit == 0);

	struct buf auth = { 0 };
	buf_addf(&auth, "AUTH=%s", buf_str(&c.auth));
	capabilities_line(&again, buf_slice(&auth));
	demand(strcmp(buf_str(&again.auth), buf_str(&c.auth)) == 0);

	capabilities_reset(&c);
	demand(!c.size && !c.starttls && c.auth.len == 0 && c.limit_rcpt == 0);
	buf_release(&auth);
	capabilities_release(&c);
	capabilities_release(&again);
	return 0;
}
