/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/quote.h"

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool opens_comment(char c)
{
	return c == ';' || c == '#';
}

/* Offset of the comment in TEXT, or its length. */
static size_t find_comment(struct slice text)
{
	for (size_t i = 1; i < text.len; i++) {
		if (opens_comment(text.data[i]) && is_blank(text.data[i - 1]))
			return i;
	}
	return text.len;
}

/* TEXT begins behind the opening quote. */
static int read_quoted(struct slice text, struct buf *value, struct status *st)
{
	size_t i = 0;
	for (; i < text.len && text.data[i] != '"'; i++) {
		bool pair = text.data[i] == '\\' && i + 1 < text.len &&
			    (text.data[i + 1] == '"' || text.data[i + 1] == '\\');
		if (pair)
			i++;
		buf_add_char(value, text.data[i]);
	}
	if (i == text.len)
		return status_set(st, STATUS_BAD_CONFIG, "the closing quote is missing");
	struct slice behind = slice_trim(slice_cut(text, i + 1, text.len));
	if (behind.len == 0 || opens_comment(behind.data[0]))
		return 0;
	status_set(st, STATUS_BAD_CONFIG, "there is text behind the closing quote");
	return status_hint(st, "put a backslash before each quote that belongs to the value");
}

int quote_read(struct slice text, struct buf *value, bool *cut, struct status *st)
{
	struct slice bare = slice_trim(text);
	if (bare.len != 0 && bare.data[0] == '"') {
		*cut = false;
		return read_quoted(slice_cut(bare, 1, bare.len), value, st);
	}
	size_t end = find_comment(text);
	*cut = end < text.len;
	buf_add_slice(value, slice_trim(slice_cut(text, 0, end)));
	return 0;
}

static bool fits_bare(struct slice value)
{
	if (value.len == 0 || value.data[0] == '"' || opens_comment(value.data[0]))
		return false;
	return slice_trim(value).len == value.len && find_comment(value) == value.len;
}

void quote_write(struct slice value, struct buf *out)
{
	if (fits_bare(value)) {
		buf_add_slice(out, value);
		return;
	}
	buf_add_char(out, '"');
	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] == '"' || value.data[i] == '\\')
			buf_add_char(out, '\\');
		buf_add_char(out, value.data[i]);
	}
	buf_add_char(out, '"');
}
