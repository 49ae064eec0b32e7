/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/report_original.h"

#include "base/utf8.h"
#include "message/header_ascii.h"
#include "message/mime.h"
#include "message/quoted_printable.h"

#include <string.h>

enum {
	DEFAULT_BYTES = 50 * 1024, /* of a returned message, or header section */
	FULL_BYTES = 1024 * 1024,  /* if all of it was asked for */
};

static bool wants_whole(const struct report *r)
{
	const char *ret = r->envelope->ret;
	if (r->original == NULL || r->kind != REPORT_FAILED ||
	    (ret != NULL && strcmp(ret, "HDRS") == 0))
		return false;
	return r->original->size <= (ret != NULL ? FULL_BYTES : DEFAULT_BYTES);
}

/* The header section without its empty line; longer ones than MIME can read are left out. */
static int read_head(const struct report *r, struct buf *head, struct status *st)
{
	struct reader reader = { .store = r->original };
	struct slice piece = { 0 };
	int result = 0;
	if (r->head_size < 2 || r->head_size > MIME_HEAD_BYTES)
		return 0;
	do {
		result = reader_next(&reader, r->head_size - 2, &piece, st);
		buf_add_slice(head, piece);
	} while (result == 0 && piece.len != 0);
	reader_release(&reader);
	return result;
}

/* Keep the fields that may be shown; false if there are none. */
static bool parse_head(struct report_original *o, struct slice head)
{
	struct status ignored;
	if (header_parse(&o->header, head, &ignored) != 0)
		return false;
	header_remove(&o->header, "Bcc");
	header_remove(&o->header, "Resent-Bcc");
	return o->header.count != 0;
}

/* The section up to the last field that is still within bounds. */
static void take_header(struct report_original *o)
{
	struct facts facts = { 0 };
	struct buf section = { 0 };
	header_write(&o->header, &section);
	size_t end = 0;
	for (size_t i = 0; i < o->header.count && end + o->header.at[i].len <= DEFAULT_BYTES;
	     i++)
		end += o->header.at[i].len;
	struct slice kept = slice_cut(buf_slice(&section), 0, end);
	facts_add(&facts, kept);
	if (facts.eight_bit || facts.longest_line > MIME_LINE) {
		struct quoted_printable q = { 0 };
		o->charset = utf8_valid(kept) ? "utf-8" : "unknown-8bit";
		quoted_printable_feed(&q, kept, &o->text);
		quoted_printable_finish(&q, &o->text);
	} else {
		buf_add_slice(&o->text, kept);
	}
	buf_release(&section);
}

/* The original without what must not be shown. */
static int copy(struct report_original *o, const struct report *r, struct status *st)
{
	struct reader reader = { .store = r->original };
	struct buf section = { 0 };
	struct slice piece;
	header_write(&o->header, &section);
	buf_add_str(&section, "\r\n");
	int result = store_add(&o->copy, buf_slice(&section), st);
	reader_seek(&reader, r->head_size);
	while (result == 0) {
		result = reader_next(&reader, r->original->size, &piece, st);
		if (result != 0 || piece.len == 0)
			break;
		result = store_add(&o->copy, piece, st);
	}
	buf_release(&section);
	reader_release(&reader);
	return result;
}

/* Can the copy be brought into ASCII? */
static int try_whole(struct report_original *o, const struct report *r, struct status *st)
{
	struct status why;
	if (copy(o, r, st) != 0)
		return -1;
	if (convert_plan(&o->convert, &o->copy, true, &why) == 0) {
		if (!o->convert.facts.eight_bit)
			o->form = REPORT_WHOLE;
	} else if (why.kind != STATUS_BAD_MESSAGE) {
		*st = why;
		return -1;
	}
	convert_rewind(&o->convert, &o->at);
	return 0;
}

int report_original_open(struct report_original *o, const struct report *r, struct status *st)
{
	struct buf head = { 0 };
	struct status ignored;
	store_init(&o->copy);
	int result = r->original != NULL ? read_head(r, &head, st) : 0;
	bool found = result == 0 && parse_head(o, buf_slice(&head));
	buf_release(&head);
	if (!found)
		return result;
	bool ascii = header_ascii(&o->header, &ignored) == 0;
	if (ascii && wants_whole(r) && try_whole(o, r, st) != 0)
		return -1;
	if (o->form == REPORT_WHOLE)
		return 0;
	o->form = REPORT_HEADER;
	take_header(o);
	return 0;
}

void report_original_fields(const struct report_original *o, struct buf *out)
{
	if (o->form == REPORT_WHOLE)
		buf_add_str(out, "Content-Type: message/rfc822\r\n");
	else if (o->charset == NULL)
		buf_add_str(out, "Content-Type: text/rfc822-headers\r\n");
	else
		buf_addf(out,
			 "Content-Type: text/rfc822-headers; charset=%s\r\n"
			 "Content-Transfer-Encoding: quoted-printable\r\n",
			 o->charset);
}

int report_original_read(struct report_original *o, struct slice *piece, struct status *st)
{
	if (o->form == REPORT_WHOLE)
		return convert_read(&o->convert, &o->at, piece, st);
	*piece = slice_cut(buf_slice(&o->text), o->read, o->text.len);
	o->read += piece->len;
	return 0;
}

void report_original_release(struct report_original *o)
{
	header_release(&o->header);
	edits_cursor_release(&o->at);
	convert_release(&o->convert);
	store_release(&o->copy);
	buf_release(&o->text);
	*o = (struct report_original){ 0 };
	store_init(&o->copy);
}
