/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/header.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

/* How much of a bad line an error sentence quotes. */
enum { EXCERPT = 40 };

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* Bytes of the ftext (RFC 5322, 3.6.8) that LINE begins with. */
static size_t name_length(struct slice line)
{
	size_t len = 0;
	while (len < line.len && line.data[len] > ' ' && line.data[len] < 0x7f &&
	       line.data[len] != ':')
		len++;
	return len;
}

/* Offset behind the colon of a line whose name has NAME_LEN bytes; 0 if there is no colon. */
static size_t behind_colon(struct slice line, size_t name_len)
{
	size_t at = name_len;
	while (at < line.len && is_blank(line.data[at]))
		at++;
	return name_len != 0 && at < line.len && line.data[at] == ':' ? at + 1 : 0;
}

bool header_is_field(struct slice line)
{
	return behind_colon(line, name_length(line)) != 0;
}

/*
 * Length of the line that S begins with, its CRLF counted; 0 if it is not a canonical one: a CR
 * or LF alone would be a line end to some servers, and the text behind it a field that nobody
 * checked.
 */
static size_t line_length(struct slice s)
{
	size_t cr = slice_find(s, '\r');
	bool canonical = cr + 1 < s.len && s.data[cr + 1] == '\n' &&
			 slice_find(slice_cut(s, 0, cr), '\n') == cr;
	return canonical ? cr + 2 : 0;
}

/* Length of the field that S begins with, folds and all; 0 if a line is not canonical. */
static size_t field_length(struct slice s)
{
	size_t len = 0;
	do {
		size_t line = line_length(slice_cut(s, len, s.len));
		if (line == 0)
			return 0;
		len += line;
	} while (len < s.len && is_blank(s.data[len]));
	return len;
}

static void field_release(struct field *f)
{
	free(f->text);
}

static void add_field(struct header *h, struct field f)
{
	h->at = mem_grow(h->at, h->count, &h->room, sizeof f);
	h->at[h->count++] = f;
}

/* Take the first field off *SECTION; the answer is what is wrong with it, or NULL. */
static const char *take_field(struct header *h, struct slice *section)
{
	size_t len = field_length(*section);
	if (len == 0)
		return "CR or LF alone";
	struct slice text = slice_cut(*section, 0, len);
	if (slice_find(text, '\0') != len)
		return "NUL";
	struct field f = { .len = len, .name_len = name_length(text) };
	f.body = behind_colon(text, f.name_len);
	if (f.body == 0)
		return "neither a field nor a continuation";
	f.text = slice_copy(text);
	add_field(h, f);
	*section = slice_cut(*section, len, section->len);
	return NULL;
}

static int report(struct slice line, const char *problem, struct status *st)
{
	struct buf excerpt = { 0 };
	text_printable(&excerpt, slice_cut(line, 0, slice_find(line, '\r')), EXCERPT);
	status_set(st, STATUS_BAD_MESSAGE, "cannot read the header section at '%s': %s",
		   buf_str(&excerpt), problem);
	buf_release(&excerpt);
	return -1;
}

static void header_truncate(struct header *h, size_t count)
{
	while (h->count > count)
		field_release(&h->at[--h->count]);
}

int header_parse(struct header *h, struct slice section, struct status *st)
{
	size_t before = h->count;
	while (section.len != 0) {
		const char *problem = take_field(h, &section);
		if (problem != NULL) {
			header_truncate(h, before);
			return report(section, problem, st);
		}
	}
	return 0;
}

void header_release(struct header *h)
{
	header_truncate(h, 0);
	free(h->at);
	*h = (struct header){ 0 };
}

struct slice field_name(const struct field *f)
{
	return slice_n(f->text, f->name_len);
}

struct slice field_body(const struct field *f)
{
	return slice_n(f->text + f->body, f->len - f->body - 2);
}

static bool is_called(const struct field *f, struct slice name)
{
	return slice_same_nocase(field_name(f), name);
}

struct field *header_find(const struct header *h, const char *name, size_t from)
{
	struct slice wanted = slice_of(name);
	for (size_t i = from; i < h->count; i++) {
		if (is_called(&h->at[i], wanted))
			return &h->at[i];
	}
	return NULL;
}

size_t header_remove(struct header *h, const char *name)
{
	struct slice unwanted = slice_of(name);
	size_t kept = 0;
	for (size_t i = 0; i < h->count; i++) {
		if (is_called(&h->at[i], unwanted))
			field_release(&h->at[i]);
		else
			h->at[kept++] = h->at[i];
	}
	size_t removed = h->count - kept;
	h->count = kept;
	return removed;
}

/* Make PREFIX BODY CRLF the text of F. */
static void set_text(struct field *f, struct slice prefix, struct slice body)
{
	struct buf text = { 0 };
	buf_reserve(&text, prefix.len + body.len + 2);
	buf_add_slice(&text, prefix);
	buf_add_slice(&text, body);
	buf_add_str(&text, "\r\n");
	free(f->text);
	f->len = text.len;
	f->text = buf_take(&text);
}

void header_insert(struct header *h, size_t at, const char *name, struct slice body)
{
	struct buf prefix = { 0 };
	struct field f = { .name_len = strlen(name) };
	f.body = f.name_len + 1;
	buf_add_str(&prefix, name);
	buf_add_str(&prefix, ": ");
	set_text(&f, buf_slice(&prefix), body);
	buf_release(&prefix);
	add_field(h, f);
	if (at > h->count - 1)
		at = h->count - 1;
	memmove(&h->at[at + 1], &h->at[at], (h->count - 1 - at) * sizeof f);
	h->at[at] = f;
}

void field_replace_body(struct field *f, struct slice body)
{
	set_text(f, slice_n(f->text, f->body), body);
}

void header_write(const struct header *h, struct buf *out)
{
	size_t len = 0;
	for (size_t i = 0; i < h->count; i++)
		len += h->at[i].len;
	buf_reserve(out, len);
	for (size_t i = 0; i < h->count; i++)
		buf_add(out, h->at[i].text, h->at[i].len);
}
