/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/content_type.h"

#include <string.h>

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static bool is_token(char c)
{
	return (unsigned char)c > ' ' && c != 0x7f && strchr("()<>@,;:\\\"/[]?=", c) == NULL;
}

/* Leniently: what may stand in a value without quotes. */
static bool is_value(char c)
{
	return (unsigned char)c > ' ' && c != ';' && c != '(';
}

static void skip(struct slice *rest, size_t count)
{
	*rest = slice_cut(*rest, count, rest->len);
}

/* Length of the comment (RFC 5322, 3.2.2) that S begins with; all of S if it is not closed. */
static size_t comment_length(struct slice s)
{
	size_t depth = 0;
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] == '\\')
			i++;
		else if (s.data[i] == '(')
			depth++;
		else if (s.data[i] == ')' && --depth == 0)
			return i + 1;
	}
	return s.len;
}

static void skip_blanks(struct slice *rest)
{
	while (rest->len != 0) {
		if (is_blank(rest->data[0]))
			skip(rest, 1);
		else if (rest->data[0] == '(')
			skip(rest, comment_length(*rest));
		else
			return;
	}
}

static struct slice take_while(struct slice *rest, bool (*belongs)(char c))
{
	size_t len = 0;
	while (len < rest->len && belongs(rest->data[len]))
		len++;
	struct slice taken = slice_cut(*rest, 0, len);
	skip(rest, len);
	return taken;
}

static bool take_char(struct slice *rest, char c)
{
	skip_blanks(rest);
	if (rest->len == 0 || rest->data[0] != c)
		return false;
	skip(rest, 1);
	skip_blanks(rest);
	return true;
}

/* REST begins with the quote; OUT gets what stands between the quotes, unfolded. */
static void take_quoted(struct slice *rest, struct buf *out)
{
	size_t i = 1;
	for (; i < rest->len && rest->data[i] != '"'; i++) {
		if (rest->data[i] == '\\' && i + 1 < rest->len)
			i++;
		if (rest->data[i] != '\r' && rest->data[i] != '\n')
			buf_add_char(out, rest->data[i]);
	}
	skip(rest, i + 1);
}

static bool begins_quoted(struct slice rest)
{
	return rest.len != 0 && rest.data[0] == '"';
}

/* Go behind the next ';' that stands in no comment and no quoted string. */
static bool next_parameter(struct slice *rest)
{
	struct buf ignored = { 0 };
	skip_blanks(rest);
	while (rest->len != 0 && rest->data[0] != ';') {
		if (begins_quoted(*rest))
			take_quoted(rest, &ignored);
		else
			skip(rest, 1);
		skip_blanks(rest);
	}
	buf_release(&ignored);
	return take_char(rest, ';');
}

/* Blanks may not end a boundary, and only some of ASCII may stand in it (RFC 2046, 5.1.1). */
static void tidy_boundary(struct buf *boundary)
{
	size_t len = boundary->len;
	while (len != 0 && is_blank(boundary->data[len - 1]))
		len--;
	for (size_t i = 0; i < len; i++) {
		if (boundary->data[i] < ' ' || boundary->data[i] == 0x7f)
			len = 0;
	}
	if (boundary->data != NULL)
		boundary->data[len] = '\0';
	boundary->len = len;
}

static void read_parameters(struct slice rest, struct content_type *t)
{
	bool found = false;
	while (!found && next_parameter(&rest)) {
		struct slice name = take_while(&rest, is_token);
		found = take_char(&rest, '=') && slice_is_nocase(name, "boundary");
	}
	if (found && begins_quoted(rest))
		take_quoted(&rest, &t->boundary);
	else if (found)
		buf_add_slice(&t->boundary, take_while(&rest, is_value));
	tidy_boundary(&t->boundary);
}

void content_type_read(struct slice body, struct content_type *t)
{
	*t = (struct content_type){ 0 };
	skip_blanks(&body);
	struct slice type = take_while(&body, is_token);
	if (!take_char(&body, '/'))
		return;
	struct slice subtype = take_while(&body, is_token);
	if (type.len == 0 || subtype.len == 0)
		return;
	struct buf both = { 0 };
	buf_add_slice(&both, type);
	buf_add_char(&both, '/');
	buf_add_slice(&both, subtype);
	for (size_t i = 0; i < both.len && i < sizeof t->type - 1; i++)
		t->type[i] = ascii_lower(both.data[i]);
	buf_release(&both);
	read_parameters(body, t);
}

void content_type_release(struct content_type *t)
{
	buf_release(&t->boundary);
	*t = (struct content_type){ 0 };
}

struct slice content_token(struct slice body)
{
	skip_blanks(&body);
	return take_while(&body, is_token);
}
