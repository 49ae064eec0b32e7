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

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

static bool is_hex(char c)
{
	char low = ascii_lower(c);
	return (c >= '0' && c <= '9') || (low >= 'a' && low <= 'f');
}

/* As it is, and without a break before it. */
static void put_raw(struct quoted_printable *q, char c, struct buf *out)
{
	if (q->column < sizeof q->start)
		q->start[q->column] = c;
	put(out, &c, 1);
	q->column++;
}

/* C is no part of an escape. The blank of a "From " stays, so it is the "m" that is encoded. */
static void mend_char(struct quoted_printable *q, char c, struct buf *out)
{
	static const char from[] = { 'F', 'r', 'o' };
	bool mbox = c == 'm' && q->column == sizeof from &&
		    memcmp(q->start, from, sizeof from) == 0;
	if (c == '\n')
		begin_line(q, "\r\n", out);
	else if (is_blank(c))
		put_raw(q, c, out);
	else if (mbox)
		put_escaped(q, c, out);
	else if (c != '\r')
		put_char(q, c, out);
}

/* What is held turned out to be no escape. */
static void mend_held(struct quoted_printable_mend *m, struct buf *out)
{
	put_escaped(&m->q, '=', out);
	if (m->held_len == sizeof m->held)
		mend_char(&m->q, m->held[1], out);
	m->held_len = 0;
}

/* C stands behind a lone "=". Returns whether it is dealt with. */
static bool mend_equals(struct quoted_printable_mend *m, char c, struct buf *out)
{
	if (c == '\r')
		return true;
	if (is_hex(c)) {
		m->held[m->held_len++] = c;
		return true;
	}
	if (c == '\n')
		begin_line(&m->q, "=\r\n", out);
	else if (is_blank(c))
		put_raw(&m->q, '=', out);
	else
		mend_held(m, out);
	m->held_len = 0;
	return c == '\n';
}

static bool mend_digit(struct quoted_printable_mend *m, char c, struct buf *out)
{
	if (!is_hex(c)) {
		mend_held(m, out);
		return false;
	}
	make_room(&m->q, ESCAPED, out);
	put(out, m->held, sizeof m->held);
	put(out, &c, 1);
	m->q.column += ESCAPED;
	m->held_len = 0;
	return true;
}

static void mend_next(struct quoted_printable_mend *m, char c, struct buf *out)
{
	bool done = (m->held_len == 1 && mend_equals(m, c, out)) ||
		    (m->held_len == 2 && mend_digit(m, c, out));
	if (done)
		return;
	if (c == '=')
		m->held[m->held_len++] = c;
	else
		mend_char(&m->q, c, out);
}

void quoted_printable_mend(struct quoted_printable_mend *m, struct slice piece, struct buf *out)
{
	buf_reserve(out, GROWTH * (piece.len + sizeof m->held));
	for (size_t i = 0; i < piece.len; i++)
		mend_next(m, piece.data[i], out);
	out->data[out->len] = '\0';
}

/* A "=" before the end may be a soft break to who decodes it. */
void quoted_printable_mend_finish(struct quoted_printable_mend *m, struct buf *out)
{
	buf_reserve(out, GROWTH * sizeof m->held);
	if (m->held_len == 1)
		put_raw(&m->q, '=', out);
	else if (m->held_len != 0)
		mend_held(m, out);
	m->held_len = 0;
	out->data[out->len] = '\0';
}
