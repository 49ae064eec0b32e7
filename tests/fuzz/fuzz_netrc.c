/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A password that is found is no longer than the file. Whatever stands behind a matching entry
 * changes nothing, and no entry for another host or user gives one.
 */
#include "config/netrc.h"

#include <stdint.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static bool contains(struct slice s, const char *word)
{
	for (size_t i = 0; i < s.len; i++) {
		if (slice_starts_nocase(slice_cut(s, i, s.len), word))
			return true;
	}
	return false;
}

static void find_any(struct slice text)
{
	struct buf password = { 0 };
	bool found = netrc_find(text, "mail.test", "alice", &password);
	must(password.len <= text.len && (found || password.len == 0));
	if (slice_find(text, '\\') == text.len && !contains(text, "default"))
		must(!found || contains(text, "mail.test"));
	buf_release(&password);
}

static void find_first(struct slice behind)
{
	struct buf text = { 0 }, password = { 0 };
	buf_add_str(&text, "machine mail.test login alice password hush\nmachine other.test ");
	buf_add_slice(&text, behind);
	must(netrc_find(buf_slice(&text), "MAIL.test", "alice", &password));
	must(slice_is(buf_slice(&password), "hush"));
	buf_release(&text);
	buf_release(&password);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_n((const char *)data, size);
	find_any(text);
	find_first(text);
	return 0;
}
