/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/convert_head.h"

#include "base/utf8.h"
#include "message/header.h"
#include "message/header_ascii.h"

#include <stdlib.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/*
 * The last place behind START where TEXT, which ends in no blank, can be folded so that what
 * stands before it is short enough; 0 if there is none. Folding before the first of some blanks
 * leaves no line of nothing but blanks, and no blanks at the end of one, which others may strip
 * (RFC 5322, 3.2.2).
 */
static size_t find_fold(struct slice text, size_t start)
{
	size_t at = start + MIME_LINE + 1;
	if (at > text.len)
		at = text.len;
	while (at > start + 1) {
		at--;
		if (is_blank(text.data[at]) && !is_blank(text.data[at - 1]))
			return at;
	}
	return 0;
}

/* Fold LINE, at OFFSET in the message, not before FROM. Returns -1 if that cannot be done. */
static int fold_line(struct edits *e, uint64_t offset, struct slice line, size_t from)
{
	size_t start = 0, len = line.len;
	while (len != 0 && is_blank(line.data[len - 1]))
		len--;
	while (line.len - start > MIME_LINE) {
		size_t fold = find_fold(slice_cut(line, 0, len), start);
		if (fold < from || fold == 0)
			return -1;
		edits_insert(e, offset + fold, "\r\n");
		start = fold;
	}
	return 0;
}

static int fold_field(struct edits *e, uint64_t offset, const struct field *f,
		      struct status *st)
{
	size_t at = 0;
	while (at < f->len) {
		struct slice rest = slice_n(f->text + at, f->len - at);
		struct slice line = slice_cut(rest, 0, slice_find(rest, '\r'));
		if (fold_line(e, offset + at, line, at == 0 ? f->body : 0) != 0) {
			char *name = slice_copy(field_name(f));
			status_set(
				st, STATUS_BAD_MESSAGE,
				"cannot fold the header field '%.80s': it has a line of more "
				"than %d octets without a blank to fold it at",
				name, MIME_LINE);
			free(name);
			return -1;
		}
		at += line.len + 2;
	}
	return 0;
}

static void add_encoding(struct edits *e, uint64_t from, uint64_t to, const char *encoding)
{
	struct buf text = { 0 };
	buf_addf(&text, "Content-Transfer-Encoding: %s\r\n", encoding);
	edits_replace(e, from, to, buf_slice(&text));
	buf_release(&text);
}

static bool needs_form(const struct field *f, const struct head_change *change)
{
	return (change->ascii && !ascii_only(field_body(f))) || field_is_unfoldable(f);
}

/* F, at OFFSET in the message, in the form that header_ascii gives it. */
static int reform_field(struct edits *e, uint64_t offset, const struct field *f,
			struct status *st)
{
	struct header alone = { 0 };
	struct buf text = { 0 };
	int result = header_parse(&alone, slice_n(f->text, f->len), st);
	if (result == 0)
		result = header_ascii(&alone, st);
	if (result == 0) {
		header_write(&alone, &text);
		edits_replace(e, offset, offset + f->len, buf_slice(&text));
	}
	header_release(&alone);
	buf_release(&text);
	return result;
}

static int change_field(struct edits *e, uint64_t offset, const struct field *f,
			const struct head_change *change, struct status *st)
{
	return needs_form(f, change) ? reform_field(e, offset, f, st)
				     : fold_field(e, offset, f, st);
}

/* Returns whether there was a Content-Transfer-Encoding to replace. */
static int change_fields(struct edits *e, const struct header *h, uint64_t offset,
			 const struct head_change *change, struct status *st)
{
	const char *encoding = change->encoding;
	bool replaced = false;
	for (size_t i = 0; i < h->count; i++) {
		const struct field *f = &h->at[i];
		bool is_encoding = encoding != NULL &&
				   slice_is_nocase(field_name(f), "Content-Transfer-Encoding");
		if (is_encoding && replaced)
			edits_replace(e, offset, offset + f->len, slice_of(""));
		else if (is_encoding)
			add_encoding(e, offset, offset + f->len, encoding);
		else if (change_field(e, offset, f, change, st) != 0)
			return -1;
		replaced = replaced || is_encoding;
		offset += f->len;
	}
	return replaced;
}

static int read_head(struct reader *reader, const struct mime_part *p, struct header *h,
		     struct status *st)
{
	struct buf text = { 0 };
	struct slice piece;
	int result;
	reader_seek(reader, p->head_from);
	while ((result = reader_next(reader, p->head_to, &piece, st)) == 0 && piece.len != 0)
		buf_add_slice(&text, piece);
	if (result == 0)
		result = header_parse(h, buf_slice(&text), st);
	buf_release(&text);
	return result;
}

static void add_fields(struct edits *e, uint64_t at, const struct head_change *change,
		       bool has_encoding)
{
	struct buf text = { 0 };
	if (change->add_version)
		edits_insert(e, at, "MIME-Version: 1.0\r\n");
	if (change->charset != NULL) {
		buf_addf(&text, "Content-Type: text/plain; charset=%s\r\n", change->charset);
		edits_insert(e, at, buf_str(&text));
	}
	if (change->encoding != NULL && !has_encoding)
		add_encoding(e, at, at, change->encoding);
	if (change->separate)
		edits_insert(e, at, "\r\n");
	buf_release(&text);
}

int convert_head(struct edits *e, struct reader *reader, const struct mime_part *p,
		 const struct head_change *change, struct status *st)
{
	struct header h = { 0 };
	int result = read_head(reader, p, &h, st);
	if (result == 0)
		result = change_fields(e, &h, p->head_from, change, st);
	if (result >= 0)
		add_fields(e, p->head_to, change, result > 0);
	header_release(&h);
	return result < 0 ? -1 : 0;
}
