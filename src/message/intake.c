/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/intake.h"

#include "message/header.h"

#include <string.h>

enum {
	/*
	 * What a line is shows in its first octets: no name of a field, and no mbox line, is
	 * longer than a line may be (RFC 5322, 2.1.1). So a body that is one endless line is
	 * not taken for a header.
	 */
	TELLING = 998 + 2,
	LONE_DOT = 3, /* with its CRLF */
};

enum line_kind {
	LINE_FIELD, /* or its continuation */
	LINE_MBOX,
	LINE_EMPTY,
	LINE_BODY,
};

static bool starts(struct slice s, const char *prefix)
{
	return slice_is(slice_cut(s, 0, strlen(prefix)), prefix);
}

static enum line_kind kind_of(const struct intake *i, struct slice line)
{
	struct slice start = slice_cut(line, 0, TELLING);
	if (slice_is(line, "\r\n"))
		return LINE_EMPTY;
	if (line.data[0] == ' ' || line.data[0] == '\t')
		return i->head.len != 0 ? LINE_FIELD : LINE_BODY;
	if (header_is_field(start))
		return LINE_FIELD;
	bool mbox = starts(start, "From ") || starts(start, ">From ");
	return mbox && !i->past_first_line && line.len <= TELLING ? LINE_MBOX : LINE_BODY;
}

static int refuse_nul(struct status *st)
{
	return status_set(st, STATUS_BAD_MESSAGE,
			  "cannot send a header section with a NUL in it");
}

/* The facts are those of this line alone. */
static int check_field_line(const struct intake *i, struct slice line, struct status *st)
{
	if (i->lines.facts.nul)
		return refuse_nul(st);
	if (i->head.len + line.len > INTAKE_HEAD_BYTES)
		return status_set(st, STATUS_BAD_MESSAGE,
				  "cannot send a header section of more than %d bytes",
				  INTAKE_HEAD_BYTES);
	if (i->head_lines == INTAKE_HEAD_LINES)
		return status_set(st, STATUS_BAD_MESSAGE,
				  "cannot send a header section of more than %d lines",
				  INTAKE_HEAD_LINES);
	return 0;
}

/*
 * LINE, complete or not, is the first of the body; the facts are its facts already. Without an
 * empty line before it, a NUL in it may as well have spoilt a field, so that what follows is
 * not meant for all to read.
 */
static int begin_body(struct intake *i, struct slice line, struct status *st)
{
	struct slice start = slice_cut(line, 0, TELLING);
	if (slice_find(start, '\0') < start.len)
		return refuse_nul(st);
	bool lone_dot = !i->dot_is_data && slice_is(line, ".\r\n");
	buf_add_slice(lone_dot ? &i->held : &i->body, line);
	i->head_done = true;
	return 0;
}

/* Look at the line in `pending`, which is complete, or long enough to tell what it is. */
static int take_line(struct intake *i, bool complete, struct status *st)
{
	struct slice line = buf_slice(&i->pending);
	enum line_kind kind = kind_of(i, line);
	if (kind == LINE_BODY)
		return begin_body(i, line, st);
	if (kind == LINE_FIELD && check_field_line(i, line, st) != 0)
		return -1;
	if (!complete)
		return 0;
	if (kind == LINE_FIELD) {
		buf_add_slice(&i->head, line);
		i->head_lines++;
	}
	i->head_done = kind == LINE_EMPTY;
	i->past_first_line = true;
	i->lines.facts = (struct facts){ 0 };
	buf_reset(&i->pending);
	return 0;
}

/* How much of RAW comes before the line end, if any, that RAW ends in? */
static size_t before_line_end(struct slice raw)
{
	size_t len = raw.len;
	if (len != 0 && raw.data[len - 1] == '\n')
		len--;
	while (len != 0 && raw.data[len - 1] == '\r')
		len--;
	return len;
}

/* Where does the last line of RAW begin, if it is a lone dot so far? Else the length of RAW. */
static size_t find_dot_line(const struct lines *l, struct slice raw)
{
	size_t len = before_line_end(raw);
	if (len == 0 || raw.data[len - 1] != '.')
		return raw.len;
	bool at_start = len == 1 ? l->line == 0 && l->held_crs == 0 : raw.data[len - 2] == '\n';
	return at_start ? len - 1 : raw.len;
}

static void let_go(struct intake *i)
{
	buf_add_slice(&i->body, buf_slice(&i->held));
	buf_reset(&i->held);
}

/* What makes a lone dot something else comes out at once. */
static void hold(struct intake *i, struct slice raw)
{
	lines_feed(&i->lines, raw, &i->held);
	if (i->held.len > LONE_DOT)
		let_go(i);
}

static void feed_body(struct intake *i, struct slice raw)
{
	if (i->held.len != 0) {
		if (before_line_end(raw) == 0) {
			hold(i, raw);
			return;
		}
		let_go(i);
	}
	size_t dot = i->dot_is_data ? raw.len : find_dot_line(&i->lines, raw);
	lines_feed(&i->lines, slice_cut(raw, 0, dot), &i->body);
	if (dot < raw.len) {
		i->before_held = i->lines.facts;
		hold(i, slice_cut(raw, dot, raw.len));
	}
}

int intake_feed(struct intake *i, struct slice piece, struct status *st)
{
	while (!i->head_done && piece.len != 0) {
		size_t lf = slice_find(piece, '\n');
		bool complete = lf < piece.len;
		lines_feed(&i->lines, slice_cut(piece, 0, lf + 1), &i->pending);
		piece = slice_cut(piece, lf + 1, piece.len);
		if ((complete || i->pending.len > TELLING) && take_line(i, complete, st) != 0)
			return -1;
	}
	if (piece.len != 0)
		feed_body(i, piece);
	return 0;
}

int intake_finish(struct intake *i, struct status *st)
{
	if (!i->head_done) {
		lines_finish(&i->lines, &i->pending);
		if (i->pending.len != 0 && take_line(i, true, st) != 0)
			return -1;
		i->head_done = true;
	}
	lines_finish(&i->lines, i->held.len != 0 ? &i->held : &i->body);
	if (i->held.len == LONE_DOT)
		i->lines.facts = i->before_held;
	else
		let_go(i);
	buf_reset(&i->held);
	return 0;
}

bool intake_at_dot(const struct intake *i)
{
	return i->held.len == LONE_DOT;
}

void intake_release(struct intake *i)
{
	buf_release(&i->head);
	buf_release(&i->body);
	buf_release(&i->pending);
	buf_release(&i->held);
}
