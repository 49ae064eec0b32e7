/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a server says: how it was cut does not matter, the limits hold, and a secret that it
 * repeats does not come through.
 */
#include "smtp/reply.h"

#include "base/clock.h"
#include "base/utf8.h"
#include "net/stream_mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static void check(const struct reply *r)
{
	struct buf shown = { 0 };
	demand(r->complete && r->code >= 200 && r->code <= 559);
	demand(r->lines <= REPLY_MAX_LINES && r->text.len <= REPLY_MAX_BYTES);
	demand(r->enhanced[0] == 0 || r->enhanced[0] == r->code / 100);
	demand(memmem(buf_str(&r->text), r->text.len, "hunter2", 7) == NULL);
	reply_show(r, &shown, 100);
	demand(shown.len >= 3 && shown.len <= 100 && utf8_valid(buf_slice(&shown)));
	demand(strlen(buf_str(&shown)) == shown.len &&
	       strpbrk(buf_str(&shown), "\r\n\t\x1b") == NULL);
	buf_release(&shown);
}

/* All replies in INPUT, and how it ends, written down. */
static void read_all(struct slice input, size_t read_max, struct buf *out)
{
	struct script peer = { .read_max = read_max };
	struct strings secrets = { 0 };
	struct reply r = { 0 };
	struct status st;
	strings_add(&secrets, "hunter2");
	script_says_n(&peer, input.data, input.len);
	script_ends(&peer);
	struct stream *s = stream_mem_new(&peer);
	stream_set_deadline(s, clock_in(60));
	while (reply_read(&r, s, NULL, &secrets, &st) == 0) {
		check(&r);
		buf_addf(out, "%u %u.%u.%u ", r.code, r.enhanced[0], r.enhanced[1],
			 r.enhanced[2]);
		buf_add_slice(out, buf_slice(&r.text));
	}
	demand(st.kind == STATUS_TEMPORARY || st.kind == STATUS_BROKEN_PEER);
	demand(memmem(st.text, strlen(st.text), "hunter2", 7) == NULL);
	buf_addf(out, "%d %s", (int)st.kind, st.text);
	stream_free(s);
	script_release(&peer);
	strings_release(&secrets);
	reply_release(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_n(size != 0 ? (const char *)data : "", size);
	struct buf whole = { 0 }, cut = { 0 };
	read_all(input, 0, &whole);
	read_all(input, 1 + size % 7, &cut);
	demand(whole.len == cut.len && memcmp(whole.data, cut.data, whole.len) == 0);
	buf_release(&whole);
	buf_release(&cut);
	return 0;
}
