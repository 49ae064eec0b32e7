/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What comes out of lines.h is canonical and the same for every cut, and the facts are true. */
#include "message/lines.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct facts convert(struct slice in, size_t step, struct buf *out)
{
	struct lines l = { 0 };
	for (size_t at = 0; at < in.len; at += step)
		lines_feed(&l, slice_cut(in, at, at + step), out);
	lines_finish(&l, out);
	return l.facts;
}

/* Count byte by byte, in the plainest way; no LF without CR, no CR without LF. */
static struct facts count(struct slice out)
{
	struct facts f = { .size = out.len };
	size_t line = 0;
	for (size_t i = 0; i < out.len; i++) {
		char c = out.data[i], before = i != 0 ? out.data[i - 1] : '\n';
		if ((c == '\n') != (before == '\r' && i != 0))
			abort();
		f.eight_bit = f.eight_bit || (c & 0x80) != 0;
		f.nul = f.nul || c == '\0';
		f.dot_line = f.dot_line || (c == '.' && before == '\n');
		line = c == '\n' ? 0 : line + (c != '\r');
		f.longest_line = line > f.longest_line ? line : f.longest_line;
	}
	if (out.len != 0 && out.data[out.len - 1] != '\n')
		abort();
	return f;
}

static void check_same(struct slice a, const struct facts *fa, struct slice b,
		       const struct facts *fb)
{
	if (a.len != b.len || memcmp(a.data, b.data, a.len) != 0 || fa->size != fb->size ||
	    fa->longest_line != fb->longest_line || fa->eight_bit != fb->eight_bit ||
	    fa->nul != fb->nul || fa->dot_line != fb->dot_line)
		abort();
}

/* The first byte says how long the pieces are. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct slice in = slice_n((const char *)data + 1, size - 1);
	struct buf whole = { 0 }, cut = { 0 }, again = { 0 };
	struct facts facts = convert(in, size, &whole), added = { 0 };
	struct facts counted = count(buf_slice(&whole));
	check_same(buf_slice(&whole), &facts, buf_slice(&whole), &counted);
	struct facts cut_facts = convert(in, data[0] % 16 + 1, &cut);
	check_same(buf_slice(&whole), &facts, buf_slice(&cut), &cut_facts);
	struct facts again_facts = convert(buf_slice(&whole), data[0] + 1, &again);
	check_same(buf_slice(&whole), &facts, buf_slice(&again), &again_facts);
	facts_add(&added, buf_slice(&whole));
	check_same(buf_slice(&whole), &facts, buf_slice(&whole), &added);
	buf_release(&whole);
	buf_release(&cut);
	buf_release(&again);
	return 0;
}
