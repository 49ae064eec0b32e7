/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/mime_text.h"

#include "message/quoted_printable.h"

#include <string.h>

/* So few that no counter below overflows, and so many that vectors pay. */
enum { BLOCK = 64 };

static void note_block(struct mime_text *t, const unsigned char *bytes, size_t len)
{
	unsigned char escapes = 0, all = 0, nul = 0;
	for (size_t i = 0; i < len; i++) {
		escapes = (unsigned char)(escapes + quoted_printable_escapes(bytes[i]));
		all |= bytes[i];
		nul |= bytes[i] == 0;
	}
	t->escapes += escapes;
	t->eight_bit |= all > 0x7f;
	t->nul |= nul != 0;
}

/* The length is a constant here, which is what compilers want for vectors. */
static void note_bytes(struct mime_text *t, struct slice s)
{
	const unsigned char *bytes = (const unsigned char *)s.data;
	size_t at = 0;
	for (; at + BLOCK <= s.len; at += BLOCK)
		note_block(t, bytes + at, BLOCK);
	note_block(t, bytes + at, s.len - at);
}

static void end_line(struct mime_text *t, size_t octets)
{
	size_t length = octets != 0 ? octets - 1 : 0; /* without the CR */
	if (t->longest_line < length)
		t->longest_line = length;
}

/* From LF to LF. */
static size_t note_lines(struct mime_text *t, struct slice piece, size_t *line, bool stop)
{
	size_t at = 0;
	while (at < piece.len && !(stop && *line == 0 && piece.data[at] == '-')) {
		size_t len = slice_find(slice_cut(piece, at, piece.len), '\n');
		at += len;
		*line += len;
		if (at == piece.len)
			break;
		end_line(t, *line);
		*line = 0;
		at++;
	}
	return at;
}

size_t mime_text_add(struct mime_text *t, struct slice piece, size_t *line, bool stop)
{
	size_t taken = note_lines(t, piece, line, stop);
	note_bytes(t, slice_cut(piece, 0, taken));
	return taken;
}
