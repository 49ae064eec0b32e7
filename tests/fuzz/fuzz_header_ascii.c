/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/utf8.h"
#include "message/address.h"
#include "message/header_ascii.h"
#include "message/lines.h"
#include "words.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static bool same(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

/* The canonical form of DATA as a header; empty if it is none. */
static void read_header(struct slice data, struct header *h)
{
	struct lines l = { 0 };
	struct buf section = { 0 };
	struct status st;
	lines_feed(&l, data, &section);
	lines_finish(&l, &section);
	if (header_parse(h, buf_slice(&section), &st) != 0)
		demand(h->count == 0);
	buf_release(&section);
}

/* Free text reads as before, but for blanks at its ends. */
static void demand_text(const struct field *before, const struct field *after)
{
	struct buf was = { 0 }, is = { 0 };
	words_decode(field_body(before), &was);
	words_decode(field_body(after), &is);
	demand(same(slice_trim(buf_slice(&was)), slice_trim(buf_slice(&is))));
	buf_release(&was);
	buf_release(&is);
}

/* The list holds the same addresses, or their A-labels. */
static void demand_addresses(const struct field *before, const struct field *after)
{
	struct mailboxes was = { 0 }, is = { 0 };
	struct status st;
	if (address_parse_list(field_body(before), &was, &st) == 0) {
		demand(address_parse_list(field_body(after), &is, &st) == 0);
		demand(was.count == is.count);
		for (size_t i = 0; i < was.count; i++) {
			demand(strcmp(was.at[i].local, is.at[i].local) == 0);
			demand(address_is_ascii(is.at[i].domain));
			demand(!address_is_ascii(was.at[i].domain) ||
			       strcmp(was.at[i].domain, is.at[i].domain) == 0);
		}
	}
	mailboxes_release(&was);
	mailboxes_release(&is);
}

static void demand_field(const struct field *before, const struct field *after)
{
	struct slice was = slice_n(before->text, before->len);
	struct slice is = slice_n(after->text, after->len);
	struct facts facts = { 0 };
	demand(ascii_only(is) && same(field_name(before), field_name(after)));
	if (ascii_only(was) && !field_is_unfoldable(before)) {
		demand(same(was, is));
		return;
	}
	facts_add(&facts, is);
	demand(facts.longest_line <= 998);
	if (slice_is_nocase(field_name(before), "Subject"))
		demand_text(before, after);
	if (slice_is_nocase(field_name(before), "To"))
		demand_addresses(before, after);
}

/* H is what a server reads that gets it. */
static void demand_parsed_again(const struct header *h)
{
	struct header again = { 0 };
	struct buf section = { 0 };
	struct status st;
	header_write(h, &section);
	demand(header_parse(&again, buf_slice(&section), &st) == 0);
	demand(again.count == h->count);
	for (size_t i = 0; i < h->count; i++)
		demand(same(field_body(&h->at[i]), field_body(&again.at[i])));
	header_release(&again);
	buf_release(&section);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_n((const char *)data, size);
	struct header before = { 0 }, after = { 0 };
	struct status st = { 0 };
	read_header(text, &before);
	read_header(text, &after);
	if (header_ascii(&after, &st) == 0) {
		demand(!header_needs_utf8(&before));
		demand_parsed_again(&after);
		for (size_t i = 0; i < before.count; i++)
			demand_field(&before.at[i], &after.at[i]);
	} else {
		demand(st.kind == STATUS_BAD_MESSAGE && st.enhanced[0] == 5);
	}
	header_release(&before);
	header_release(&after);
	return 0;
}
