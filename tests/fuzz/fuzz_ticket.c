/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A file that is taken is the one that ticket_file_write makes of what was read, byte for byte,
 * its time is within a week, and one bit more or less makes it none. What a server had a say in
 * - its names, its session - never changes which of the fields is which.
 */
#include "net/ticket_file.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { NOW = 1800000000 };

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void read_any(struct slice content)
{
	struct ticket_file f = { .name = "name" };
	struct buf again = { 0 };
	if (!ticket_file_read(&f, content, NOW))
		return;
	must(f.until > NOW && f.until <= NOW + TICKET_SECONDS && f.session.len != 0);
	ticket_file_write(&f, &again);
	must(again.len == content.len && memcmp(again.data, content.data, again.len) == 0);
	size_t at = content.len / 2;
	again.data[at] = (char)(again.data[at] ^ 1);
	must(!ticket_file_read(&f, buf_slice(&again), NOW));
	buf_release(&again);
}

static void write_any(struct slice text)
{
	struct ticket_file f = { .name = "name", .until = NOW + 1, .session = text };
	struct ticket_file got = { .name = "name" };
	struct buf out = { 0 };
	snprintf(f.facts.subject, sizeof f.facts.subject, "%.*s", (int)text.len, text.data);
	snprintf(f.facts.issuer, sizeof f.facts.issuer, "%.*s", (int)text.len, text.data);
	ticket_file_write(&f, &out);
	must(ticket_file_read(&got, buf_slice(&out), NOW) == (text.len != 0));
	must(text.len == 0 || (got.session.len == text.len &&
			       memcmp(got.session.data, text.data, text.len) == 0));
	must(strcmp(got.facts.subject, got.facts.issuer) == 0 && got.facts.verified[0] == '\0');
	read_any(buf_slice(&out));
	buf_release(&out);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_n(size != 0 ? (const char *)data : "", size);
	read_any(text);
	write_any(text);
	return 0;
}
