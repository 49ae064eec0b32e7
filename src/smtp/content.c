/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/content.h"

void content_release(struct content *c)
{
	edits_cursor_release(&c->cursor);
	buf_release(&c->scratch);
	buf_release(&c->stuffed);
}

/* Read on behind what was sent, into c->rest. */
static int read_on(struct content *c, struct status *st)
{
	const struct message *m = c->message;
	if (m->converted == NULL)
		return store_read(&m->content, c->offset, &c->scratch, &c->rest, st);
	if (c->offset == 0)
		convert_rewind(m->converted, &c->cursor);
	return convert_read(m->converted, &c->cursor, &c->rest, st);
}

int content_next(struct content *c, struct session *s, uint64_t upto, struct status *st)
{
	if (c->rest.len == 0 && read_on(c, st) != 0)
		return -1;
	uint64_t left = upto - c->offset;
	if (c->rest.len == 0 && left != 0)
		return status_set(st, STATUS_DISK, "the stored message is shorter than it was");
	struct slice piece =
		slice_cut(c->rest, 0, left < c->rest.len ? (size_t)left : c->rest.len);
	c->rest = slice_cut(c->rest, piece.len, c->rest.len);
	c->offset += piece.len;
	if (c->stuff) {
		buf_reset(&c->stuffed);
		dotstuff_feed(&c->dots, piece, &c->stuffed);
		piece = buf_slice(&c->stuffed);
	}
	if (session_content(s, piece, st) != 0)
		return -1;
	return c->offset < upto ? 1 : 0;
}
