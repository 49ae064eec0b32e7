/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/report.h"

#include "base/utf8.h"
#include "message/ascii_writer.h"
#include "message/date.h"
#include "message/quoted_printable.h"
#include "message/report_original.h"
#include "message/report_status.h"
#include "message/report_text.h"
#include "message/report_words.h"

#include <string.h>

enum {
	VALUE = 900,   /* of a field in one line, so that the line has at most 998 octets */
	SUBJECT = 160, /* octets of the original's that are shown */
	FAILED_LISTED = 100,
};

static const char *const subjects[REPORT_KINDS] = {
	[REPORT_FAILED] = " Undelivered: ",
	[REPORT_DELAYED] = " Delayed: ",
	[REPORT_RELAYED] = " Relayed: ",
};

/* What is written passes through lines, which counts, and cannot but leave CRLF. */
struct writer {
	struct store *to;
	struct lines lines;
	struct buf canonical;
};

static int write_piece(struct writer *w, struct slice piece, struct status *st)
{
	buf_reset(&w->canonical);
	lines_feed(&w->lines, piece, &w->canonical);
	return store_add(w->to, buf_slice(&w->canonical), st);
}

bool report_is_about(const struct report *r, size_t index)
{
	return r->about == NULL || r->about[index];
}

bool report_gave_up(const struct report *r, const struct recipient *recipient)
{
	return r->kind == REPORT_FAILED && status_again(recipient->kind);
}

bool report_wanted(const struct envelope *e, enum report_kind kind, bool warn_on)
{
	static const unsigned conditions[REPORT_KINDS] = {
		[REPORT_FAILED] = NOTIFY_FAILURE,
		[REPORT_DELAYED] = NOTIFY_DELAY,
		[REPORT_RELAYED] = NOTIFY_SUCCESS,
	};
	if (e->sender == NULL || e->sender[0] == '\0' || (e->notify & NOTIFY_NEVER) != 0)
		return false;
	if (e->notify == NOTIFY_DEFAULT)
		return kind == REPORT_FAILED || (kind == REPORT_DELAYED && warn_on);
	return (e->notify & conditions[kind]) != 0;
}

static void add_field(struct buf *out, const char *name, const char *value, const char *end)
{
	buf_add_str(out, name);
	text_printable(out, slice_of(value), VALUE);
	buf_add_str(out, end);
	buf_add_str(out, "\r\n");
}

/* The field's text in one line, without controls. */
static void unfold(const struct header *h, const char *name, size_t limit, struct buf *out)
{
	const struct field *f = header_find(h, name, 0);
	struct buf line = { 0 };
	if (f != NULL)
		buf_add_slice(&line, slice_trim(field_body(f)));
	size_t kept = 0;
	for (size_t i = 0; i < line.len; i++) {
		if (line.data[i] != '\r' && line.data[i] != '\n')
			line.data[kept++] = line.data[i];
	}
	text_printable(out, slice_n(line.data, kept), limit);
	buf_release(&line);
}

/* Encoded words stay encoded, so a cut may only be made where a blank is. */
static void add_subject(const struct report *r, const struct header *original, struct buf *out)
{
	struct ascii_writer w = { .column = sizeof "Subject:" - 1 };
	struct buf text = { 0 };
	unfold(original, "Subject", (size_t)-1 / 2, &text);
	size_t end = text.len;
	while (end > SUBJECT || (end != 0 && end < text.len && text.data[end] != ' '))
		end--;
	struct slice shown = slice_trim(slice_cut(buf_slice(&text), 0, end));
	struct buf subject = { 0 };
	buf_add_str(&subject, subjects[r->kind]);
	if (text.len == 0)
		buf_add_str(&subject, "your message");
	buf_add_slice(&subject, shown);
	if (end < text.len)
		buf_add_str(&subject, " ...");
	ascii_writer_text(&w, buf_slice(&subject));
	ascii_writer_finish(&w);
	buf_add_str(out, "Subject:");
	buf_add_slice(out, buf_slice(&w.out));
	buf_add_str(out, "\r\n");
	ascii_writer_release(&w);
	buf_release(&subject);
	buf_release(&text);
}

/* One msg-id, as far as other programs have to rely on it (RFC 5322, 3.6.4). */
static bool is_message_id(struct slice id)
{
	size_t ats = 0;
	if (id.len < 5 || id.len > 250 || id.data[0] != '<' || id.data[id.len - 1] != '>')
		return false;
	for (size_t i = 1; i < id.len - 1; i++) {
		if (id.data[i] <= ' ' || id.data[i] > '~' || strchr("<>\"()", id.data[i]))
			return false;
		ats += id.data[i] == '@';
	}
	return ats == 1;
}

static void add_references(const struct header *original, struct buf *out)
{
	struct buf id = { 0 };
	unfold(original, "Message-ID", VALUE, &id);
	if (is_message_id(buf_slice(&id)))
		buf_addf(out, "In-Reply-To: %s\r\nReferences: %s\r\n", buf_str(&id),
			 buf_str(&id));
	buf_release(&id);
}

/* Exim's field, by which scripts know whom to take off a list. */
static void add_failed(const struct report *r, struct buf *out)
{
	size_t listed = 0;
	for (size_t i = 0; i < r->envelope->count && listed < FAILED_LISTED; i++) {
		const char *address = r->envelope->at[i].address;
		if (!report_is_about(r, i) || !ascii_only(slice_of(address)))
			continue;
		buf_add_str(out, listed++ == 0 ? "X-Failed-Recipients: " : ",\r\n ");
		report_ascii(out, slice_of(address), VALUE);
	}
	if (listed != 0)
		buf_add_str(out, "\r\n");
}

/* As of any Message-ID that we add. */
static const char *id_domain(const struct report *r)
{
	const char *at = strrchr(r->from, '@');
	return at != NULL && ascii_only(slice_of(at + 1)) ? at + 1 : r->host;
}

static void add_header(const struct report *r, const struct header *original, struct buf *out,
		       char **id)
{
	struct buf name = { 0 };
	buf_add_char(&name, '<');
	report_ascii(&name, slice_of(r->id), VALUE / 4);
	buf_add_char(&name, '@');
	report_ascii(&name, slice_of(id_domain(r)), VALUE / 2);
	buf_add_char(&name, '>');
	buf_add_str(out, "Date: ");
	date_write(out, r->now);
	buf_add_str(out, "\r\n");
	add_field(out, "From: Mail Delivery System <", r->from, ">");
	add_field(out, "To: <", r->to, ">");
	add_subject(r, original, out);
	buf_addf(out, "Message-ID: %s\r\n", buf_str(&name));
	add_references(original, out);
	buf_add_str(out, "Auto-Submitted: auto-replied\r\n");
	if (r->kind == REPORT_FAILED)
		add_failed(r, out);
	buf_add_str(out, "MIME-Version: 1.0\r\n");
	*id = buf_take(&name);
}

/* Neither quoted-printable nor base64 can hold "=_". */
static void add_delimiter(const struct report *r, const char *end, struct buf *out)
{
	buf_addf(out, "\r\n--=_%s%s\r\n", r->id, end);
}

static void add_text(const struct report *r, enum report_form returned, struct buf *out)
{
	struct buf text = { 0 };
	struct quoted_printable q = { 0 };
	report_text_write(r, returned, &text);
	if (ascii_only(buf_slice(&text))) {
		buf_add_str(out, "Content-Type: text/plain; charset=us-ascii\r\n\r\n");
		buf_add_slice(out, buf_slice(&text));
	} else {
		buf_add_str(out, "Content-Type: text/plain; charset=utf-8\r\n"
				 "Content-Transfer-Encoding: quoted-printable\r\n\r\n");
		quoted_printable_feed(&q, buf_slice(&text), out);
		quoted_printable_finish(&q, out);
	}
	buf_release(&text);
}

static int write_original(struct report_original *o, struct writer *w, struct status *st)
{
	struct slice piece;
	int result = report_original_read(o, &piece, st);
	while (result == 0 && piece.len != 0) {
		result = write_piece(w, piece, st);
		if (result == 0)
			result = report_original_read(o, &piece, st);
	}
	return result;
}

static int write_body(const struct report *r, struct report_original *o, struct writer *w,
		      struct status *st)
{
	struct buf text = { 0 };
	add_delimiter(r, "", &text);
	add_text(r, o->form, &text);
	add_delimiter(r, "", &text);
	buf_add_str(&text, "Content-Type: message/delivery-status\r\n\r\n");
	report_status_write(r, &text);
	if (o->form != REPORT_NOTHING) {
		add_delimiter(r, "", &text);
		report_original_fields(o, &text);
		buf_add_str(&text, "\r\n");
	}
	int result = write_piece(w, buf_slice(&text), st);
	if (result == 0 && o->form != REPORT_NOTHING)
		result = write_original(o, w, st);
	buf_reset(&text);
	add_delimiter(r, "--", &text);
	if (result == 0)
		result = write_piece(w, buf_slice(&text), st);
	buf_release(&text);
	return result;
}

static int write_head(const struct report *r, const struct header *original, struct writer *w,
		      struct message *out, struct status *st)
{
	struct buf text = { 0 };
	add_header(r, original, &text, &out->id);
	buf_addf(&text,
		 "Content-Type: multipart/report; report-type=delivery-status;\r\n"
		 " boundary=\"=_%s\"\r\n\r\n",
		 r->id);
	int result = write_piece(w, buf_slice(&text), st);
	out->head = w->lines.facts;
	w->lines.facts = (struct facts){ 0 };
	buf_release(&text);
	return result;
}

int report_write(const struct report *r, struct message *out, struct status *st)
{
	struct report_original original = { 0 };
	struct writer w = { .to = &out->content };
	int result = report_original_open(&original, r, st);
	if (result == 0)
		result = write_head(r, &original.header, &w, out, st);
	if (result == 0)
		result = write_body(r, &original, &w, st);
	out->body = w.lines.facts;
	out->facts = facts_sum(&out->head, &out->body);
	report_original_release(&original);
	buf_release(&w.canonical);
	return result;
}
