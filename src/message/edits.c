/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/edits.h"

#include "base/mem.h"

#include <stdlib.h>

static void add(struct edits *e, struct edit edit)
{
	e->at = mem_grow(e->at, e->count, &e->room, sizeof edit);
	e->at[e->count++] = edit;
}

void edits_replace(struct edits *e, uint64_t from, uint64_t to, struct slice text)
{
	add(e, (struct edit){ .from = from,
			      .to = to,
			      .kind = EDIT_TEXT,
			      .text = e->texts.len,
			      .text_len = text.len });
	buf_add_slice(&e->texts, text);
}

void edits_insert(struct edits *e, uint64_t at, const char *text)
{
	edits_replace(e, at, at, slice_of(text));
}

void edits_encode(struct edits *e, uint64_t from, uint64_t to, enum edit_kind how)
{
	add(e, (struct edit){ .from = from, .to = to, .kind = how });
}

void edits_release(struct edits *e)
{
	free(e->at);
	buf_release(&e->texts);
	*e = (struct edits){ 0 };
}

static void feed_quoted_printable(struct edits_cursor *c, struct slice piece)
{
	quoted_printable_feed(&c->quoted_printable, piece, &c->out);
}

static void finish_quoted_printable(struct edits_cursor *c)
{
	quoted_printable_finish(&c->quoted_printable, &c->out);
	c->quoted_printable = (struct quoted_printable){ 0 };
}

static void feed_mend(struct edits_cursor *c, struct slice piece)
{
	quoted_printable_mend(&c->mend, piece, &c->out);
}

static void finish_mend(struct edits_cursor *c)
{
	quoted_printable_mend_finish(&c->mend, &c->out);
	c->mend = (struct quoted_printable_mend){ 0 };
}

static void feed_base64(struct edits_cursor *c, struct slice piece)
{
	base64_lines_feed(&c->base64, piece, &c->out);
}

static void finish_base64(struct edits_cursor *c)
{
	base64_lines_finish(&c->base64, &c->out);
	c->base64 = (struct base64_lines){ 0 };
}

static void feed_wrap(struct edits_cursor *c, struct slice piece)
{
	base64_wrap_feed(&c->wrap, piece, &c->out);
}

static void finish_wrap(struct edits_cursor *c)
{
	c->wrap = (struct base64_wrap){ 0 };
}

static const struct {
	void (*feed)(struct edits_cursor *c, struct slice piece);
	void (*finish)(struct edits_cursor *c);
} encoders[] = {
	[EDIT_QUOTED_PRINTABLE] = { feed_quoted_printable, finish_quoted_printable },
	[EDIT_QUOTED_PRINTABLE_MEND] = { feed_mend, finish_mend },
	[EDIT_BASE64] = { feed_base64, finish_base64 },
	[EDIT_BASE64_WRAP] = { feed_wrap, finish_wrap },
};

/* The reader stands at an edit that is a text. */
static void put_text(const struct edits *e, struct edits_cursor *c, struct slice *piece)
{
	const struct edit *edit = &e->at[c->next++];
	*piece = slice_n(buf_str(&e->texts) + edit->text, edit->text_len);
	reader_seek(&c->reader, edit->to);
}

/* The reader stands in a range that goes out encoded; what comes of a piece may be nothing. */
static int put_encoded(const struct edit *edit, struct edits_cursor *c, struct slice *piece,
		       struct status *st)
{
	struct slice raw;
	if (reader_next(&c->reader, edit->to, &raw, st) != 0)
		return -1;
	buf_reset(&c->out);
	encoders[edit->kind].feed(c, raw);
	if (c->reader.offset == edit->to) {
		encoders[edit->kind].finish(c);
		c->next++;
	}
	*piece = buf_slice(&c->out);
	return 0;
}

int edits_read(const struct edits *e, struct edits_cursor *c, struct slice *piece,
	       struct status *st)
{
	const uint64_t end = c->reader.store->size;
	*piece = slice_n(NULL, 0);
	while (piece->len == 0 && (c->next < e->count || c->reader.offset < end)) {
		uint64_t upto = c->next < e->count ? e->at[c->next].from : end;
		if (c->reader.offset < upto)
			return reader_next(&c->reader, upto, piece, st);
		const struct edit *edit = &e->at[c->next];
		if (edit->kind == EDIT_TEXT)
			put_text(e, c, piece);
		else if (put_encoded(edit, c, piece, st) != 0)
			return -1;
	}
	return 0;
}

void edits_cursor_release(struct edits_cursor *c)
{
	reader_release(&c->reader);
	buf_release(&c->out);
}
