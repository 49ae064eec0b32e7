/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/quoted_printable.h"

#include <string.h>

enum {
	COLUMNS = 75, /* and the "=" of a soft break */
	ESCAPED = 3,
	/* At its worst a byte becomes three, and brings a soft break and a held blank along. */
	GROWTH = 3 + 3 + 3,
};

/* All that put something out rely on the room that feed and finish reserve. */
static void put(struct buf *out, const char *bytes, size_t len)
{
	memcpy(out->data + out->len, bytes, len);
	out->len += len;
}

static void begin_line(struct quoted_printable *q, const char *line_end, struct buf *out)
{
	put(out, line_end, strlen(line_end));
	q->column = 0;
	memset(q->start, 0, sizeof q->start);
}

static void make_room(struct quoted_printable *q, size_t columns, struct buf *out)
{
	if (q->column + columns > COLUMNS)
		begin_line(q, "=\r\n", out);
}

static void put_escaped(struct quoted_printable *q, char c, struct buf *out)
{
	static const char hex[] = "0123456789ABCDEF";
	unsigned char byte = (unsigned char)c;
	const char escaped[ESCAPED] = { '=', hex[byte >> 4], hex[byte & 15] };
	make_room(q, sizeof escaped, out);
	put(out, escaped, sizeof escaped);
	q->column += sizeof escaped;
}

/* Does C, put at the present column, make something that others trip over? */
static bool is_risky(const struct quoted_printable *q, char c)
{
	switch (q->column) {
	case 0:
		return c == '.';
	case 1:
		return c == '-' && q->start[0] == '-';
	case sizeof q->start:
		return c == ' ' && memcmp(q->start, "From", sizeof q->start) == 0;
	default:
		return false;
	}
}

static void put_char(struct quoted_printable *q, char c, struct buf *out)
{
	bool plain = !quoted_printable_escapes((unsigned char)c) && c != '\r' && c != '\n';
	if (plain)
		make_room(q, 1, out);
	if (!plain || is_risky(q, c)) {
		put_escaped(q, c, out);
		return;
	}
	if (q->column < sizeof q->start)
		q->start[q->column] = c;
	put(out, &c, 1);
	q->column++;
}

/* What is held stands before C. Returns whether the two were a line end. */
static bool release_held(struct quoted_printable *q, char c, struct buf *out)
{
	char held = q->held;
	q->held = 0;
	if (held == '\r' && c == '\n') {
		begin_line(q, "\r\n", out);
		return true;
	}
	if (held != 0 && c == '\r')
		put_escaped(q, held, out);
	else if (held != 0)
		put_char(q, held, out);
	return false;
}

static void take_char(struct quoted_printable *q, char c, struct buf *out)
{
	if (release_held(q, c, out))
		return;
	if (c == ' ' || c == '\t' || c == '\r')
		q->held = c;
	else
		put_char(q, c, out);
}

/*
 * How much of TEXT goes out as it is, on the present line? Not its start, which is looked at
 * byte by byte, and not a blank that may end it.
 */
static size_t plain_run(const struct quoted_printable *q, struct slice text)
{
	if (q->held != 0 || q->column <= sizeof q->start)
		return 0;
	size_t most = COLUMNS - q->column, len = 0;
	if (most > text.len)
		most = text.len;
	while (len < most && text.data[len] >= ' ' &&
	       !quoted_printable_escapes((unsigned char)text.data[len]))
		len++;
	while (len != 0 && text.data[len - 1] == ' ')
		len--;
	return len;
}

void quoted_printable_feed(struct quoted_printable *q, struct slice piece, struct buf *out)
{
	buf_reserve(out, GROWTH * (piece.len + 1));
	while (piece.len != 0) {
		size_t run = plain_run(q, piece);
		if (run != 0) {
			put(out, piece.data, run);
			q->column += run;
		} else {
			take_char(q, piece.data[0], out);
			run = 1;
		}
		piece = slice_cut(piece, run, piece.len);
	}
	out->data[out->len] = '\0';
}

void quoted_printable_finish(struct quoted_printable *q, struct buf *out)
{
	buf_reserve(out, GROWTH);
	if (q->held != 0)
		put_escaped(q, q->held, out);
	q->held = 0;
	out->data[out->len] = '\0';
}
