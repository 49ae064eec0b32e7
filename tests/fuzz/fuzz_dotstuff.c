/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A receiver that takes one dot off (RFC 5321, 4.5.2) gets what was sent, and sees no end in
 * it. */
#include "message/dotstuff.h"
#include "message/lines.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void stuff(struct slice in, size_t step, struct buf *out)
{
	struct dotstuff d = { 0 };
	for (size_t at = 0; at < in.len; at += step)
		dotstuff_feed(&d, slice_cut(in, at, at + step), out);
}

static void receive(struct slice wire, struct buf *out)
{
	while (wire.len != 0) {
		size_t end = slice_find(wire, '\n') + 1;
		struct slice line = slice_cut(wire, 0, end);
		if (slice_is(line, ".\r\n"))
			abort();
		buf_add_slice(out, slice_cut(line, line.data[0] == '.', line.len));
		wire = slice_cut(wire, end, wire.len);
	}
}

static void check_same(const struct buf *a, const struct buf *b)
{
	if (a->len != b->len || memcmp(buf_str(a), buf_str(b), a->len) != 0)
		abort();
}

/* The first byte says how long the pieces are. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct lines l = { 0 };
	struct buf in = { 0 }, whole = { 0 }, cut = { 0 }, received = { 0 };
	lines_feed(&l, slice_n((const char *)data + 1, size - 1), &in);
	lines_finish(&l, &in);
	stuff(buf_slice(&in), in.len + 1, &whole);
	stuff(buf_slice(&in), data[0] % 16 + 1, &cut);
	check_same(&whole, &cut);
	receive(buf_slice(&whole), &received);
	check_same(&in, &received);
	if (l.facts.dot_line != (whole.len != in.len))
		abort();
	buf_release(&in);
	buf_release(&whole);
	buf_release(&cut);
	buf_release(&received);
	return 0;
}
