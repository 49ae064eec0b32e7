/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/base64_lines.h"

#include "base/base64.h"

#include <string.h>

enum { COLUMNS = 76 };

static void put_line(struct base64_lines *b, struct slice bytes, struct buf *out)
{
	if (b->inside)
		buf_add(out, "\r\n", 2);
	base64_encode(out, bytes);
	b->inside = true;
}

/* Move bytes from *PIECE to what is held, at most up to a line. */
static void hold(struct base64_lines *b, struct slice *piece)
{
	struct slice more = slice_cut(*piece, 0, BASE64_LINE - b->held_len);
	if (more.len != 0)
		memcpy(b->held + b->held_len, more.data, more.len);
	b->held_len += more.len;
	*piece = slice_cut(*piece, more.len, piece->len);
}

static void put_held(struct base64_lines *b, struct buf *out)
{
	put_line(b, slice_n(b->held, b->held_len), out);
	b->held_len = 0;
}

void base64_lines_feed(struct base64_lines *b, struct slice piece, struct buf *out)
{
	buf_reserve(out, (piece.len / BASE64_LINE + 2) * (COLUMNS + 2));
	if (b->held_len != 0)
		hold(b, &piece);
	if (b->held_len == BASE64_LINE)
		put_held(b, out);
	for (; piece.len >= BASE64_LINE; piece = slice_cut(piece, BASE64_LINE, piece.len))
		put_line(b, slice_cut(piece, 0, BASE64_LINE), out);
	hold(b, &piece);
}

void base64_lines_finish(struct base64_lines *b, struct buf *out)
{
	if (b->held_len != 0)
		put_held(b, out);
}

static bool is_base64(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
	       c == '+' || c == '/' || c == '=';
}

/* The first letter of a line brings the line end before it, so the last line has none. */
void base64_wrap_feed(struct base64_wrap *w, struct slice piece, struct buf *out)
{
	char *to = buf_reserve(out, piece.len + 2 * (piece.len / COLUMNS + 1));
	for (size_t i = 0; i < piece.len; i++) {
		if (!is_base64(piece.data[i]))
			continue;
		if (w->column == COLUMNS) {
			*to++ = '\r';
			*to++ = '\n';
			w->column = 0;
		}
		*to++ = piece.data[i];
		w->column++;
	}
	*to = '\0';
	out->len = (size_t)(to - out->data);
}
