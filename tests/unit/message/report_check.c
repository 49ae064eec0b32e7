/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report_check.h"

#include "mime_check.h"

#include "base/utf8.h"
#include "message/content_type.h"

#include <string.h>

static const char *const once[] = {
	"Date",       "From",           "To",           "Subject",
	"Message-ID", "Auto-Submitted", "MIME-Version", "Content-Type",
};

static const char *const of_recipients[] = { "Final-Recipient", "Action", "Status" };

int report_field(const struct header *h, const char *name, struct buf *out)
{
	const struct field *f = header_find(h, name, 0);
	if (f == NULL || header_find(h, name, (size_t)(f - h->at) + 1) != NULL)
		return -1;
	struct slice body = slice_trim(field_body(f));
	for (size_t i = 0; i < body.len; i++) {
		if (body.data[i] != '\r' && body.data[i] != '\n')
			buf_add_char(out, body.data[i]);
	}
	return 0;
}

static bool has_once(const struct header *h, const char *name)
{
	struct buf ignored = { 0 };
	int result = report_field(h, name, &ignored);
	buf_release(&ignored);
	return result == 0;
}

static const char *check_line(struct slice line)
{
	if (line.len == 0 || line.data[line.len - 1] != '\r')
		return "a line end that is no CRLF";
	if (slice_find(line, '\r') != line.len - 1)
		return "a bare CR";
	if (line.len - 1 > 998)
		return "a line of more than 998 octets";
	return slice_find(line, '\0') != line.len ? "a NUL" : NULL;
}

static const char *check_lines(struct slice text)
{
	const char *fault = NULL;
	struct slice line;
	if (text.len == 0 || text.data[text.len - 1] != '\n')
		return "no line end at the end";
	struct slice rest = slice_cut(text, 0, text.len - 1);
	while (fault == NULL && slice_next(&rest, '\n', &line))
		fault = check_line(line);
	return fault;
}

/* Offset of the end of the header section that TEXT begins with, before the empty line. */
static size_t end_of_head(struct slice text)
{
	if (text.len >= 2 && memcmp(text.data, "\r\n", 2) == 0)
		return 0;
	const char *end = memmem(text.data, text.len, "\r\n\r\n", 4);
	return end != NULL ? (size_t)(end - text.data) + 2 : text.len;
}

static const char *check_ascii(const struct header *head, struct slice body)
{
	for (size_t i = 0; i < head->count; i++) {
		const struct field *f = &head->at[i];
		bool may = slice_is(field_name(f), "To") || slice_is(field_name(f), "From");
		if (!may && !ascii_only(slice_n(f->text, f->len)))
			return "8-bit text in the header section";
	}
	return ascii_only(body) ? NULL : "8-bit text in the body";
}

static const char *check_head(const struct header *head)
{
	for (size_t i = 0; i < sizeof once / sizeof *once; i++) {
		if (!has_once(head, once[i]))
			return once[i];
	}
	const struct field *f = header_find(head, "Content-Type", 0);
	struct content_type t = { 0 };
	content_type_read(field_body(f), &t);
	bool good = strcmp(t.type, "multipart/report") == 0 && t.boundary.len != 0 &&
		    t.boundary.len <= 70 &&
		    memmem(f->text, f->len, "report-type=delivery-status;", 28) != NULL;
	content_type_release(&t);
	return good ? NULL : "it is no multipart/report";
}

/* Take the part before the next delimiter off *REST; its last CRLF belongs to that. */
static const char *next_part(struct slice *rest, struct slice delimiter, struct slice *part)
{
	const char *at = memmem(rest->data, rest->len, delimiter.data, delimiter.len);
	if (at == NULL)
		return "a delimiter is missing";
	size_t len = (size_t)(at - rest->data);
	*part = slice_cut(*rest, 0, len);
	*rest = slice_cut(*rest, len + delimiter.len, rest->len);
	return NULL;
}

/* FIELDS and the decoded BODY of PART, which has the type TYPE. */
static const char *read_part(struct slice part, const char *type, struct header *fields,
			     struct buf *body)
{
	struct status st;
	struct buf value = { 0 };
	struct content_type t = { 0 };
	size_t end = end_of_head(part);
	if (header_parse(fields, slice_cut(part, 0, end), &st) != 0 ||
	    !has_once(fields, "Content-Type"))
		return "a part's header section cannot be read";
	content_type_read(field_body(header_find(fields, "Content-Type", 0)), &t);
	bool right = strcmp(t.type, type) == 0;
	content_type_release(&t);
	report_field(fields, "Content-Transfer-Encoding", &value);
	bool encoded = slice_is(buf_slice(&value), "quoted-printable");
	bool known = encoded || value.len == 0;
	buf_release(&value);
	mime_decode(encoded ? MIME_QUOTED_PRINTABLE : MIME_7BIT,
		    slice_cut(part, end + 2, part.len), body);
	return right && known ? NULL : "a part is not what it should be";
}

static const char *read_block(struct report_parts *p, struct slice block, bool first)
{
	struct status st;
	if (!first && p->count == REPORT_CHECK_RECIPIENTS)
		return "more recipients than expected";
	struct header *h = first ? &p->status : &p->recipients[p->count++];
	if (header_parse(h, block, &st) != 0)
		return "the status cannot be read";
	if (first)
		return has_once(h, "Reporting-MTA") ? NULL : "no Reporting-MTA";
	for (size_t i = 0; i < sizeof of_recipients / sizeof *of_recipients; i++) {
		if (!has_once(h, of_recipients[i]))
			return of_recipients[i];
	}
	return NULL;
}

static const char *read_status(struct report_parts *p, struct slice text)
{
	const char *fault = NULL;
	for (bool first = true; fault == NULL && text.len != 0; first = false) {
		size_t end = end_of_head(text);
		if (end == 0)
			return "an empty block in the status";
		fault = read_block(p, slice_cut(text, 0, end), first);
		text = slice_cut(text, end + 2, text.len);
	}
	return fault != NULL || p->count != 0 ? fault : "nothing about any recipient";
}

static const char *check_text(struct slice text)
{
	if (!utf8_valid(text))
		return "the text is no UTF-8";
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];
		if ((c < ' ' && c != '\r' && c != '\n') || c == 0x7f)
			return "a control character in the text";
	}
	return NULL;
}

static const char *read_original(struct report_parts *p, struct slice part)
{
	const char *whole =
		read_part(part, "message/rfc822", &p->original_fields, &p->original);
	if (whole == NULL)
		return NULL;
	header_release(&p->original_fields);
	buf_reset(&p->original);
	return read_part(part, "text/rfc822-headers", &p->original_fields, &p->original);
}

static const char *read_parts(struct report_parts *p, struct slice body, struct slice delimiter)
{
	struct slice part;
	struct buf status = { 0 };
	struct header fields = { 0 };
	const char *fault = next_part(&body, delimiter, &part);
	for (size_t n = 0; fault == NULL && !slice_is(body, "--\r\n"); n++) {
		bool plain = body.len >= 2 && memcmp(body.data, "\r\n", 2) == 0;
		body = slice_cut(body, 2, body.len);
		fault = plain ? next_part(&body, delimiter, &part) : "a broken delimiter";
		header_release(&fields);
		if (fault == NULL && n == 0)
			fault = read_part(part, "text/plain", &fields, &p->text);
		else if (fault == NULL && n == 1)
			fault = read_part(part, "message/delivery-status", &fields, &status);
		else if (fault == NULL)
			fault = n == 2 ? read_original(p, part) : "a part too many";
	}
	header_release(&fields);
	if (fault == NULL)
		fault = check_text(buf_slice(&p->text));
	if (fault == NULL)
		fault = read_status(p, buf_slice(&status));
	buf_release(&status);
	return fault;
}

const char *report_parts_read(struct report_parts *p, struct slice text)
{
	struct status st;
	struct content_type t = { 0 };
	struct buf delimiter = { 0 };
	size_t end = end_of_head(text);
	const char *fault = check_lines(text);
	if (fault == NULL && header_parse(&p->head, slice_cut(text, 0, end), &st) != 0)
		fault = "the header section cannot be read";
	if (fault == NULL)
		fault = check_head(&p->head);
	if (fault == NULL)
		fault = check_ascii(&p->head, slice_cut(text, end, text.len));
	if (fault != NULL)
		return fault;
	content_type_read(field_body(header_find(&p->head, "Content-Type", 0)), &t);
	buf_addf(&delimiter, "\r\n--%s", buf_str(&t.boundary));
	fault = read_parts(p, slice_cut(text, end, text.len), buf_slice(&delimiter));
	content_type_release(&t);
	buf_release(&delimiter);
	return fault;
}

void report_parts_release(struct report_parts *p)
{
	header_release(&p->head);
	buf_release(&p->text);
	header_release(&p->status);
	for (size_t i = 0; i < p->count; i++)
		header_release(&p->recipients[i]);
	header_release(&p->original_fields);
	buf_release(&p->original);
	*p = (struct report_parts){ 0 };
}
