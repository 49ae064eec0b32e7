/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/mime.h"

#include "base/mem.h"
#include "base/utf8.h"
#include "message/header.h"
#include "message/mime_head.h"

#include <stdlib.h>
#include <string.h>

/* A line that is a delimiter, or begins a field, shows it in so many octets. */
enum { TELLING = MIME_LINE + 2 };

static int add_part(struct mime *m, enum mime_kind kind, struct status *st)
{
	if (m->count == MIME_PARTS)
		return status_set(st, STATUS_BAD_MESSAGE,
				  "cannot convert a message of more than %d parts", MIME_PARTS);
	m->at = mem_grow(m->at, m->count, &m->room, sizeof *m->at);
	m->at[m->count] = (struct mime_part){
		.kind = kind,
		.parent = m->depth != 0 ? m->levels[m->depth - 1].part : MIME_NONE,
		.head_from = m->offset,
		.head_to = m->offset,
		.body_from = m->offset,
		.body_to = m->offset,
	};
	m->current = m->count++;
	return 0;
}

static int begin_entity(struct mime *m, struct status *st)
{
	if (add_part(m, MIME_LEAF, st) != 0)
		return -1;
	struct mime_part *p = &m->at[m->current];
	p->root = p->parent == MIME_NONE || m->at[p->parent].kind == MIME_MESSAGE;
	if (p->parent != MIME_NONE)
		m->at[p->parent].has_parts = true;
	m->in_head = true;
	buf_reset(&m->head);
	return 0;
}

/* The header section of the current part is complete. */
static int read_head(struct mime *m, struct buf *boundary, struct status *st)
{
	struct mime_part *p = &m->at[m->current];
	bool digest = p->parent != MIME_NONE &&
		      strcmp(m->at[p->parent].type, "multipart/digest") == 0;
	p->head_to = m->offset;
	p->body_from = m->offset;
	m->in_head = false;
	return mime_head_read(buf_slice(&m->head), digest, p, boundary, st);
}

/* The current part becomes the innermost level; BOUNDARY is taken over. */
static void open_level(struct mime *m, struct buf *boundary)
{
	m->levels[m->depth++] = (struct mime_level){ m->current, *boundary };
	*boundary = (struct buf){ 0 };
	m->current = MIME_NONE;
}

/* The header section ends here, before an empty line of SEPARATOR octets, or none. */
static int end_head(struct mime *m, size_t separator, struct status *st)
{
	struct mime_part *p = &m->at[m->current];
	struct buf boundary = { 0 };
	int result = read_head(m, &boundary, st);
	m->offset += separator;
	p->body_from = m->offset;
	p->separated = separator != 0;
	bool container = p->kind == MIME_MULTIPART || p->kind == MIME_MESSAGE;
	if (result == 0 && container && m->depth == MIME_DEPTH)
		p->kind = MIME_OPAQUE;
	else if (result == 0 && container)
		open_level(m, &boundary);
	buf_release(&boundary);
	return result == 0 && p->kind == MIME_MESSAGE ? begin_entity(m, st) : result;
}

static void close_part(struct mime_part *p, uint64_t end)
{
	p->body_to = end > p->body_from ? end : p->body_from;
}

/* All that is deeper than DEPTH levels ends at the offset END. */
static int close_down_to(struct mime *m, size_t depth, uint64_t end, struct status *st)
{
	struct buf unused = { 0 };
	int result = m->in_head ? read_head(m, &unused, st) : 0;
	buf_release(&unused);
	if (m->current != MIME_NONE)
		close_part(&m->at[m->current], end);
	m->current = MIME_NONE;
	while (m->depth > depth) {
		struct mime_level *level = &m->levels[--m->depth];
		close_part(&m->at[level->part], end);
		buf_release(&level->boundary);
	}
	return result;
}

struct delimiter {
	size_t level; /* whose delimiter it is; the depth if it is none */
	bool closes;
};

static struct delimiter find_delimiter(const struct mime *m, struct slice line)
{
	struct delimiter none = { .level = m->depth };
	if (line.len > TELLING || !slice_is(slice_cut(line, 0, 2), "--"))
		return none;
	struct slice text = slice_cut(slice_trim(line), 2, line.len);
	for (size_t i = 0; i < m->depth; i++) {
		const struct buf *b = &m->levels[i].boundary;
		if (b->len == 0 || b->len > text.len || memcmp(text.data, b->data, b->len) != 0)
			continue;
		struct slice rest = slice_cut(text, b->len, text.len);
		if (rest.len == 0 || slice_is(rest, "--"))
			return (struct delimiter){ i, rest.len != 0 };
	}
	return none;
}

/* The CRLF before a delimiter belongs to it (RFC 2046, 5.1.1). */
static int take_delimiter(struct mime *m, struct delimiter d, size_t len, struct status *st)
{
	uint64_t end = m->offset >= 2 ? m->offset - 2 : 0;
	if (close_down_to(m, d.level + 1, end, st) != 0)
		return -1;
	m->offset += len;
	if (!d.closes)
		return begin_entity(m, st);
	buf_reset(&m->levels[d.level].boundary);
	return 0;
}

/* It is left as it is, so it has to be fit for every server. */
static bool is_mbox_line(struct slice line)
{
	bool from = slice_is(slice_cut(line, 0, 5), "From ") ||
		    slice_is(slice_cut(line, 0, 6), ">From ");
	return from && line.len <= TELLING && slice_find(line, '\0') == line.len &&
	       ascii_only(line);
}

/* A field or a continuation; or the line that mbox files have before the fields. */
static bool belongs_to_head(const struct mime *m, struct slice line)
{
	bool first = m->head.len == 0;
	if (line.data[0] == ' ' || line.data[0] == '\t')
		return !first;
	return header_is_field(slice_cut(line, 0, TELLING)) || (first && is_mbox_line(line));
}

/* LINE belongs to the header section; 1 if it has to be complete first. */
static int take_field_line(struct mime *m, struct slice line, bool complete, struct status *st)
{
	struct mime_part *p = &m->at[m->current];
	if (m->head.len + line.len > MIME_HEAD_BYTES)
		return status_set(st, STATUS_BAD_MESSAGE,
				  "cannot convert a header section of more than %d bytes",
				  MIME_HEAD_BYTES);
	if (!complete)
		return 1;
	m->offset += line.len;
	facts_add(&p->head, line);
	if (m->head.len == 0 && is_mbox_line(line))
		p->head_from = m->offset;
	else
		buf_add_slice(&m->head, line);
	return 0;
}

/* Take text off the front of PIECE; with STOP only up to a line that may be a delimiter. */
static int take_text(struct mime *m, struct slice *piece, bool stop, struct status *st)
{
	if (m->current == MIME_NONE && add_part(m, MIME_FILLER, st) != 0)
		return -1;
	size_t taken = mime_text_add(&m->at[m->current].text, *piece, &m->line, stop);
	m->offset += taken;
	*piece = slice_cut(*piece, taken, piece->len);
	return 0;
}

/*
 * LINE is complete, or long enough to tell what it is; 1 if it has to be complete. A line that
 * ends a header section is looked at anew: it may be a delimiter of the multipart that just
 * began, or belong to the header of a message that did.
 */
static int take_line(struct mime *m, struct slice line, bool complete, struct status *st)
{
	struct delimiter d = find_delimiter(m, line);
	if (d.level < m->depth)
		return take_delimiter(m, d, line.len, st);
	if (!m->in_head)
		return take_text(m, &line, false, st);
	if (slice_is(line, "\r\n"))
		return end_head(m, line.len, st);
	if (belongs_to_head(m, line))
		return take_field_line(m, line, complete, st);
	return end_head(m, 0, st) == 0 ? take_line(m, line, complete, st) : -1;
}

/* Take the rest of the present line, or what there is of it, off the front of PIECE. */
static int gather(struct mime *m, struct slice *piece, struct status *st)
{
	size_t len = slice_find(*piece, '\n') + 1;
	bool complete = len <= piece->len;
	struct slice line = slice_cut(*piece, 0, len);
	*piece = slice_cut(*piece, len, piece->len);
	if (!complete || m->held.len != 0) {
		buf_add_slice(&m->held, line);
		line = buf_slice(&m->held);
	}
	if (!complete && line.len <= TELLING)
		return 0;
	int result = take_line(m, line, complete, st);
	if (result == 0)
		buf_reset(&m->held);
	return result < 0 ? -1 : 0;
}

static bool begins_with_hyphen(const struct mime *m, struct slice piece)
{
	return m->depth != 0 && m->line == 0 && piece.data[0] == '-';
}

int mime_feed(struct mime *m, struct slice piece, struct status *st)
{
	int result = m->count == 0 ? begin_entity(m, st) : 0;
	while (result == 0 && piece.len != 0) {
		if (m->in_head || m->held.len != 0 || begins_with_hyphen(m, piece))
			result = gather(m, &piece, st);
		else
			result = take_text(m, &piece, m->depth != 0, st);
	}
	return result;
}

/* Is there a multipart whose next delimiter may still come? */
static bool lacks_delimiter(const struct mime *m)
{
	for (size_t i = 0; i < m->depth; i++) {
		if (m->levels[i].boundary.len != 0)
			return true;
	}
	return false;
}

/*
 * Canonical text leaves nothing held. Where a delimiter is missing, the line end that should
 * belong to it does: it may be one that only closes the last line.
 */
int mime_finish(struct mime *m, struct status *st)
{
	if (m->count == 0 && begin_entity(m, st) != 0)
		return -1;
	bool cut = lacks_delimiter(m) && m->offset >= 2;
	return close_down_to(m, 0, cut ? m->offset - 2 : m->offset, st);
}

void mime_release(struct mime *m)
{
	for (size_t i = 0; i < m->depth; i++)
		buf_release(&m->levels[i].boundary);
	free(m->at);
	buf_release(&m->head);
	buf_release(&m->held);
	*m = (struct mime){ 0 };
}
