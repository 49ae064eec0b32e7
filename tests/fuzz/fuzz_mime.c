/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever the message: it is refused in so many words, or what comes out means the same, can
 * be sent, has the size that was promised, and needs no second conversion.
 */
#include "message/mime_check.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static void check_scan_in_pieces(struct slice text, size_t step)
{
	struct mime whole = { 0 }, cut = { 0 };
	struct status st = { 0 };
	int result = mime_feed(&whole, text, &st), result_cut = 0;
	for (size_t at = 0; at < text.len && result_cut == 0; at += step)
		result_cut = mime_feed(&cut, slice_cut(text, at, at + step), &st);
	result = result == 0 ? mime_finish(&whole, &st) : result;
	result_cut = result_cut == 0 ? mime_finish(&cut, &st) : result_cut;
	demand(result == result_cut && whole.count == cut.count);
	for (size_t i = 0; i < whole.count && result == 0; i++)
		demand(whole.at[i].kind == cut.at[i].kind &&
		       whole.at[i].head_from == cut.at[i].head_from &&
		       whole.at[i].body_from == cut.at[i].body_from &&
		       whole.at[i].body_to == cut.at[i].body_to &&
		       whole.at[i].text.escapes == cut.at[i].text.escapes &&
		       whole.at[i].text.longest_line == cut.at[i].text.longest_line);
	mime_release(&whole);
	mime_release(&cut);
}

static void check_conversion(struct slice text, bool seven_bit)
{
	struct convert c = { 0 }, again = { 0 };
	struct buf out = { 0 }, same = { 0 };
	struct status st = { 0 };
	if (mime_convert(text, seven_bit, &c, &out, &st) != 0) {
		demand(st.kind == STATUS_BAD_MESSAGE && st.text[0] != '\0');
	} else {
		demand(mime_misfit(buf_slice(&out), &c, seven_bit) == NULL);
		demand(mime_difference(text, buf_slice(&out)) == NULL);
		demand(mime_convert(buf_slice(&out), seven_bit, &again, &same, &st) == 0);
		demand(!again.changed && again.facts.size == c.facts.size);
	}
	convert_release(&c);
	convert_release(&again);
	buf_release(&out);
	buf_release(&same);
}

/* The first byte says how long the pieces are. Of the rest the canonical form is converted. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct lines l = { 0 };
	struct buf text = { 0 };
	lines_feed(&l, slice_n((const char *)data + 1, size - 1), &text);
	lines_finish(&l, &text);
	check_scan_in_pieces(buf_slice(&text), data[0] % 32 + 1);
	check_conversion(buf_slice(&text), true);
	check_conversion(buf_slice(&text), false);
	buf_release(&text);
	return 0;
}
