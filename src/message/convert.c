/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/convert.h"

#include "message/charset.h"
#include "message/convert_head.h"
#include "message/mime.h"

#include <string.h>

struct plan {
	struct convert *c;
	struct mime mime;
	struct reader reader;
	bool seven_bit;
	bool encodes; /* the body of some part */
};

/* What keeps TEXT from being sent as it is, in words; NULL if nothing does. */
static const char *trouble_with(const struct plan *plan, const struct mime_text *text)
{
	if (text->nul)
		return "a NUL";
	if (text->eight_bit && plan->seven_bit)
		return "8-bit text";
	return text->longest_line > MIME_LINE ? "a line of more than 998 octets" : NULL;
}

static bool is_text(const struct mime_part *p)
{
	return strncmp(p->type, "text/", 5) == 0 || strncmp(p->type, "message/", 8) == 0;
}

static enum edit_kind best_encoding(const struct mime_part *p)
{
	bool legible = p->text.escapes <= (p->body_to - p->body_from) / 6;
	return is_text(p) && legible ? EDIT_QUOTED_PRINTABLE : EDIT_BASE64;
}

static int refuse(const char *what, const char *trouble, const char *why, struct status *st)
{
	status_set(st, STATUS_BAD_MESSAGE, "cannot convert '%s' that has %s: %s", what, trouble,
		   why);
	return status_hint(st, "encode it as quoted-printable or base64 from the start");
}

static int choose_for_leaf(const struct mime_part *p, const char *trouble, enum edit_kind *how,
			   struct status *st)
{
	bool only_long = !p->text.eight_bit && !p->text.nul;
	if (p->encoding == MIME_OTHER)
		return refuse(p->type, trouble, "its transfer encoding is not known", st);
	if (p->encoding == MIME_BASE64 && !only_long)
		return refuse(p->type, trouble, "it should be base64 already", st);
	if (p->encoding == MIME_QUOTED_PRINTABLE)
		*how = EDIT_QUOTED_PRINTABLE_MEND;
	else
		*how = p->encoding == MIME_BASE64 ? EDIT_BASE64_WRAP : best_encoding(p);
	return 0;
}

/* How is the body of P, which has TROUBLE, to be encoded? */
static int choose(const struct plan *plan, const struct mime_part *p, const char *trouble,
		  enum edit_kind *how, struct status *st)
{
	if (p->kind == MIME_OPAQUE)
		return refuse(p->type, trouble, "that would break it", st);
	if (p->kind == MIME_LEAF)
		return choose_for_leaf(p, trouble, how, st);
	const struct mime_part *parent = &plan->mime.at[p->parent];
	if (!parent->has_parts)
		return refuse(parent->type, trouble, "none of its parts can be found", st);
	*how = EDIT_QUOTED_PRINTABLE;
	return 0;
}

/* Name the character set of a part that has no Content-Type. */
static int find_charset(struct plan *plan, const struct mime_part *p, const char **name,
			struct status *st)
{
	struct charset c = { 0 };
	struct slice piece;
	reader_seek(&plan->reader, p->body_from);
	do {
		if (reader_next(&plan->reader, p->body_to, &piece, st) != 0)
			return -1;
		charset_feed(&c, piece);
	} while (piece.len != 0);
	*name = charset_name(&c);
	return 0;
}

/* What the header section of P says once the message is converted, its body not encoded. */
static struct head_change true_labels(const struct plan *plan, const struct mime_part *p)
{
	struct head_change change = {
		.ascii = plan->seven_bit && p->head.eight_bit && p->parent != MIME_NONE,
	};
	if (!plan->encodes || p->kind == MIME_FILLER || p->kind == MIME_OPAQUE)
		return change;
	if (p->encoding == MIME_BINARY || (p->encoding == MIME_8BIT && plan->seven_bit))
		change.encoding = plan->seven_bit ? "7bit" : "8bit";
	change.add_version =
		p->root && !p->has_version && (p->parent == MIME_NONE || p->kind != MIME_LEAF);
	change.separate = !p->separated && p->body_from < p->body_to;
	return change;
}

static bool keeps_encoding(enum edit_kind how)
{
	return how == EDIT_BASE64_WRAP || how == EDIT_QUOTED_PRINTABLE_MEND;
}

/* The labels of a part whose body is encoded; one that was so before has them all. */
static int encode_head(struct plan *plan, const struct mime_part *p, enum edit_kind how,
		       struct head_change *change, struct status *st)
{
	if (keeps_encoding(how))
		return 0;
	change->encoding = how == EDIT_BASE64 ? "base64" : "quoted-printable";
	change->add_version = p->root && !p->has_version;
	return p->has_type ? 0 : find_charset(plan, p, &change->charset, st);
}

/* Quoted-printable keeps the line end that the message ends with; base64 has none of its own.
 */
static void encode_body(struct plan *plan, const struct mime_part *p, enum edit_kind how)
{
	struct edits *e = &plan->c->edits;
	edits_encode(e, p->body_from, p->body_to, how);
	bool base64 = how == EDIT_BASE64 || how == EDIT_BASE64_WRAP;
	if (base64 && p->body_to == plan->c->message->size)
		edits_insert(e, p->body_to, "\r\n");
}

static int plan_part(struct plan *plan, const struct mime_part *p, struct status *st)
{
	struct head_change change = true_labels(plan, p);
	const char *trouble = trouble_with(plan, &p->text);
	enum edit_kind how = EDIT_TEXT;
	if (trouble != NULL && choose(plan, p, trouble, &how, st) != 0)
		return -1;
	if (trouble != NULL && p->kind == MIME_LEAF &&
	    encode_head(plan, p, how, &change, st) != 0)
		return -1;
	bool head = change.encoding != NULL || change.add_version || change.separate ||
		    change.ascii || p->head.longest_line > MIME_LINE;
	if (head && convert_head(&plan->c->edits, &plan->reader, p, &change, st) != 0)
		return -1;
	if (trouble != NULL)
		encode_body(plan, p, how);
	return 0;
}

static int scan(struct plan *plan, struct status *st)
{
	const struct store *message = plan->c->message;
	struct slice piece;
	do {
		if (reader_next(&plan->reader, message->size, &piece, st) != 0 ||
		    mime_feed(&plan->mime, piece, st) != 0)
			return -1;
	} while (piece.len != 0);
	return mime_finish(&plan->mime, st);
}

static int plan_parts(struct plan *plan, struct status *st)
{
	struct convert *c = plan->c;
	for (size_t i = 0; i < plan->mime.count; i++) {
		const struct mime_part *p = &plan->mime.at[i];
		plan->encodes = plan->encodes || trouble_with(plan, &p->text) != NULL;
		if (p->parent == MIME_NONE)
			c->header_eight_bit = p->head.eight_bit;
	}
	for (size_t i = 0; i < plan->mime.count; i++) {
		if (plan_part(plan, &plan->mime.at[i], st) != 0)
			return -1;
	}
	c->changed = c->edits.count != 0;
	c->breaks_dkim = c->changed && plan->mime.at[0].has_dkim;
	return 0;
}

/*
 * The facts are those of what is read, because they come from reading it. A line of blanks in
 * quoted-printable text is all that can still be too long: whether they count is not known
 * before its end.
 */
static int find_facts(struct convert *c, struct status *st)
{
	struct edits_cursor at;
	struct lines lines = { 0 };
	struct buf unused = { 0 };
	struct slice piece;
	int result;
	convert_rewind(c, &at);
	while ((result = convert_read(c, &at, &piece, st)) == 0 && piece.len != 0) {
		lines_feed(&lines, piece, &unused);
		buf_reset(&unused);
	}
	c->facts = lines.facts;
	buf_release(&unused);
	edits_cursor_release(&at);
	if (result == 0 && c->facts.longest_line > MIME_LINE)
		return status_set(st, STATUS_BAD_MESSAGE,
				  "cannot convert quoted-printable text that has a line of "
				  "more than %d octets: too many blanks in a row",
				  MIME_LINE);
	return result;
}

int convert_plan(struct convert *c, const struct store *message, bool seven_bit,
		 struct status *st)
{
	struct plan plan = { .c = c, .reader.store = message, .seven_bit = seven_bit };
	c->message = message;
	int result = scan(&plan, st);
	if (result == 0)
		result = plan_parts(&plan, st);
	if (result == 0)
		result = find_facts(c, st);
	mime_release(&plan.mime);
	reader_release(&plan.reader);
	return result;
}

void convert_rewind(const struct convert *c, struct edits_cursor *at)
{
	*at = (struct edits_cursor){ .reader.store = c->message };
}

int convert_read(const struct convert *c, struct edits_cursor *at, struct slice *piece,
		 struct status *st)
{
	return edits_read(&c->edits, at, piece, st);
}

void convert_release(struct convert *c)
{
	edits_release(&c->edits);
	*c = (struct convert){ 0 };
}
