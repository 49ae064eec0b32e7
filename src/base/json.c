/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"

#include "base/utf8.h"

#include <inttypes.h>
#include <string.h>

#define REPLACEMENT "\xef\xbf\xbd"

static void escape(struct buf *out, char c)
{
	static const char with_letter[] = "\"\\\b\f\n\r\t", letters[] = "\"\\bfnrt";
	const char *hit = memchr(with_letter, c, sizeof with_letter - 1);
	if (hit != NULL)
		buf_addf(out, "\\%c", letters[hit - with_letter]);
	else
		buf_addf(out, "\\u%04x", (unsigned)(unsigned char)c);
}

static bool stands_for_itself(char c)
{
	unsigned char byte = (unsigned char)c;
	return byte >= 0x20 && byte < 0x7f && byte != '"' && byte != '\\';
}

static void add_quoted(struct buf *out, struct slice s)
{
	buf_add_char(out, '"');
	while (s.len != 0) {
		size_t run = 0;
		while (run < s.len && stands_for_itself(s.data[run]))
			run++;
		buf_add(out, s.data, run);
		s = slice_cut(s, run, s.len);
		if (s.len == 0)
			break;
		size_t len = utf8_length(s);
		if (len != 0)
			buf_add(out, s.data, len);
		else if ((unsigned char)s.data[0] < 0x80)
			escape(out, s.data[0]);
		else
			buf_add_str(out, REPLACEMENT);
		s = slice_cut(s, len != 0 ? len : 1, s.len);
	}
	buf_add_char(out, '"');
}

/* What stands before a value. */
static void lead(struct json *j, const char *key)
{
	if (j->comma)
		buf_add_char(j->out, ',');
	j->comma = true;
	if (key == NULL)
		return;
	add_quoted(j->out, slice_of(key));
	buf_add_char(j->out, ':');
}

static void open_with(struct json *j, const char *key, char bracket)
{
	lead(j, key);
	buf_add_char(j->out, bracket);
	j->comma = false;
}

static void close_with(struct json *j, char bracket)
{
	buf_add_char(j->out, bracket);
	j->comma = true;
}

void json_object(struct json *j, const char *key)
{
	open_with(j, key, '{');
}

void json_object_end(struct json *j)
{
	close_with(j, '}');
}

void json_array(struct json *j, const char *key)
{
	open_with(j, key, '[');
}

void json_array_end(struct json *j)
{
	close_with(j, ']');
}

void json_slice(struct json *j, const char *key, struct slice value)
{
	lead(j, key);
	add_quoted(j->out, value);
}

void json_string(struct json *j, const char *key, const char *value)
{
	if (value != NULL)
		json_slice(j, key, slice_of(value));
	else
		json_null(j, key);
}

void json_number(struct json *j, const char *key, int64_t value)
{
	lead(j, key);
	buf_addf(j->out, "%" PRId64, value);
}

void json_bool(struct json *j, const char *key, bool value)
{
	lead(j, key);
	buf_add_str(j->out, value ? "true" : "false");
}

void json_null(struct json *j, const char *key)
{
	lead(j, key);
	buf_add_str(j->out, "null");
}
