/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/lines.h"

#include <string.h>

/* Sixty-four bytes at a time; one that is not ASCII leaves its top bit in the sum. */
static bool has_eight_bit(struct slice s)
{
	uint64_t all = 0, words[8];
	const char *at = s.data, *end = s.data + s.len;
	for (; (size_t)(end - at) >= sizeof words; at += sizeof words) {
		memcpy(words, at, sizeof words);
		all |= words[0] | words[1] | words[2] | words[3] | words[4] | words[5] |
		       words[6] | words[7];
	}
	for (; at < end; at++)
		all |= (unsigned char)*at;
	return (all & 0x8080808080808080) != 0;
}

/* What is known already is not looked for again. */
static void note_bytes(struct facts *facts, struct slice s)
{
	if (!facts->eight_bit)
		facts->eight_bit = has_eight_bit(s);
	if (!facts->nul)
		facts->nul = slice_find(s, '\0') < s.len;
}

static void note_length(struct facts *facts, size_t line)
{
	if (facts->longest_line < line)
		facts->longest_line = line;
}

/* All that put something out rely on the room that lines_feed and lines_finish reserve. */
static void put_blanks(struct lines *l, size_t count, struct buf *out)
{
	memset(out->data + out->len, ' ', count);
	out->len += count;
	l->line += count;
}

/* CRs may belong to a line end that is yet to come. */
static void hold(struct lines *l, size_t crs, struct buf *out)
{
	l->held_crs += crs;
	if (l->held_crs > LINES_CRS) {
		put_blanks(l, l->held_crs - LINES_CRS, out);
		l->held_crs = LINES_CRS;
	}
}

static void end_line(struct lines *l, struct buf *out)
{
	memcpy(out->data + out->len, "\r\n", 2);
	out->len += 2;
	note_length(&l->facts, l->line);
	l->line = 0;
	l->held_crs = 0;
}

/* TEXT is not empty and has no LF. */
static void put_text(struct lines *l, struct slice text, bool has_cr, struct buf *out)
{
	put_blanks(l, l->held_crs, out);
	l->held_crs = 0;
	if (l->line == 0 && text.data[0] == '.')
		l->facts.dot_line = true;
	char *to = out->data + out->len;
	memcpy(to, text.data, text.len);
	for (size_t i = has_cr ? 0 : text.len; i < text.len; i++) {
		if (to[i] == '\r')
			to[i] = ' ';
	}
	out->len += text.len;
	l->line += text.len;
}

/* RUN reaches up to an LF or the end of the piece; its first CR is at CR, or further on. */
static void put_run(struct lines *l, struct slice run, size_t cr, struct buf *out)
{
	size_t len = run.len;
	while (len > cr && run.data[len - 1] == '\r')
		len--;
	if (len != 0)
		put_text(l, slice_cut(run, 0, len), cr < len, out);
	if (len != run.len)
		hold(l, run.len - len, out);
}

/*
 * Runs, not bytes: memchr finds the LF, memcpy takes what is before it. The next CR is looked
 * for only when the last one found lies behind us, so text without CRs is searched for them
 * once.
 */
void lines_feed(struct lines *l, struct slice piece, struct buf *out)
{
	note_bytes(&l->facts, piece);
	size_t start = out->len;
	buf_reserve(out, l->held_crs + 2 * piece.len);
	size_t cr = slice_find(piece, '\r');
	while (piece.len != 0) {
		size_t lf = slice_find(piece, '\n');
		put_run(l, slice_n(piece.data, lf), cr, out);
		if (lf == piece.len)
			break;
		end_line(l, out);
		piece = slice_n(piece.data + lf + 1, piece.len - lf - 1);
		cr = cr > lf ? cr - lf - 1 : slice_find(piece, '\r');
	}
	out->data[out->len] = '\0';
	l->facts.size += out->len - start;
}

void lines_finish(struct lines *l, struct buf *out)
{
	if (l->line == 0 && l->held_crs == 0)
		return;
	buf_reserve(out, 2);
	end_line(l, out);
	out->data[out->len] = '\0';
	l->facts.size += 2;
}

void facts_add(struct facts *facts, struct slice text)
{
	note_bytes(facts, text);
	facts->size += text.len;
	while (text.len != 0) {
		size_t lf = slice_find(text, '\n');
		if (text.data[0] == '.')
			facts->dot_line = true;
		note_length(facts, lf != 0 ? lf - 1 : 0);
		text = slice_cut(text, lf + 1, text.len);
	}
}

struct facts facts_sum(const struct facts *a, const struct facts *b)
{
	return (struct facts){
		.size = a->size + b->size,
		.longest_line =
			a->longest_line > b->longest_line ? a->longest_line : b->longest_line,
		.eight_bit = a->eight_bit || b->eight_bit,
		.nul = a->nul || b->nul,
		.dot_line = a->dot_line || b->dot_line,
	};
}
