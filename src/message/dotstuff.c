/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/dotstuff.h"

/* Offset of the line that begins at or behind FROM, or the length of S. */
static size_t next_line(struct slice s, size_t from)
{
	size_t lf = from + slice_find(slice_cut(s, from, s.len), '\n');
	return lf < s.len ? lf + 1 : s.len;
}

/*
 * A line end is the only place where a dot matters, so jump from LF to LF and copy up to the
 * dots; most text has none there and is copied in one piece.
 */
void dotstuff_feed(struct dotstuff *d, struct slice piece, struct buf *out)
{
	if (piece.len == 0)
		return;
	size_t copied = 0;
	size_t line = d->inside_line ? next_line(piece, 0) : 0;
	for (; line < piece.len; line = next_line(piece, line)) {
		if (piece.data[line] != '.')
			continue;
		buf_add(out, piece.data + copied, line - copied);
		buf_add_char(out, '.');
		copied = line;
	}
	buf_add(out, piece.data + copied, piece.len - copied);
	d->inside_line = piece.data[piece.len - 1] != '\n';
}
