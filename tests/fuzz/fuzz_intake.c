/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Nothing of a message gets lost on the way in, and the cut does not matter. */
#include "message/header.h"
#include "message/intake.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int take_in(struct intake *i, struct slice in, size_t step)
{
	struct status st;
	for (size_t at = 0; at < in.len; at += step) {
		if (intake_feed(i, slice_cut(in, at, at + step), &st) != 0)
			return -1;
	}
	return intake_finish(i, &st);
}

static void check_same(struct slice a, struct slice b)
{
	if (a.len != b.len || memcmp(a.data, b.data, a.len) != 0)
		abort();
}

/* Take TEXT off the front of *ALL if it is there. */
static bool take(struct slice *all, struct slice text)
{
	struct slice front = slice_cut(*all, 0, text.len);
	if (front.len != text.len || memcmp(front.data, text.data, text.len) != 0)
		return false;
	*all = slice_cut(*all, text.len, all->len);
	return true;
}

static struct slice without_mbox_line(struct slice all)
{
	struct slice line = slice_cut(all, 0, slice_find(all, '\n') + 1), text = line;
	bool mbox = take(&text, slice_of("From ")) || take(&text, slice_of(">From "));
	if (!mbox || line.len > 1000 || header_is_field(line))
		return all;
	return slice_cut(all, line.len, all.len);
}

/* The canonical input is: mbox line or none, header, empty line or none, body, dot or none. */
static void check_complete(const struct intake *i, struct slice all)
{
	struct slice rest = without_mbox_line(all);
	if (!take(&rest, buf_slice(&i->head)))
		abort();
	take(&rest, slice_of("\r\n"));
	if (!take(&rest, buf_slice(&i->body)))
		abort();
	if (rest.len != 0 && (i->dot_is_data || !slice_is(rest, ".\r\n")))
		abort();
}

static void check_result(const struct intake *i, struct slice in)
{
	struct header h = { 0 };
	struct status st;
	struct facts facts = { 0 };
	struct lines l = { 0 };
	struct buf all = { 0 };
	lines_feed(&l, in, &all);
	lines_finish(&l, &all);
	check_complete(i, buf_slice(&all));
	facts_add(&facts, buf_slice(&i->body));
	if (facts.size != i->lines.facts.size || facts.dot_line != i->lines.facts.dot_line ||
	    facts.longest_line != i->lines.facts.longest_line ||
	    facts.eight_bit != i->lines.facts.eight_bit || facts.nul != i->lines.facts.nul)
		abort();
	if (header_parse(&h, buf_slice(&i->head), &st) != 0)
		abort();
	header_release(&h);
	buf_release(&all);
}

/* The first byte says how long the pieces are, and whether a dot is data. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct slice in = slice_n((const char *)data + 1, size - 1);
	struct intake whole = { .dot_is_data = data[0] & 1 }, cut = whole;
	int result = take_in(&whole, in, size);
	if (take_in(&cut, in, data[0] / 2 % 16 + 1) != result)
		abort();
	if (result == 0) {
		check_same(buf_slice(&whole.head), buf_slice(&cut.head));
		check_same(buf_slice(&whole.body), buf_slice(&cut.body));
		check_result(&whole, in);
		check_result(&cut, in);
	}
	intake_release(&whole);
	intake_release(&cut);
	return 0;
}
