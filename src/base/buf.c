/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/buf.h"

#include "base/mem.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct slice slice_of(const char *text)
{
	return slice_n(text, text != NULL ? strlen(text) : 0);
}

struct slice slice_n(const char *data, size_t len)
{
	return (struct slice){ data, len };
}

struct slice slice_cut(struct slice s, size_t from, size_t to)
{
	if (to > s.len)
		to = s.len;
	if (from > to)
		from = to;
	return slice_n(s.len != 0 ? s.data + from : s.data, to - from);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

struct slice slice_trim(struct slice s)
{
	size_t from = 0, to = s.len;
	while (from < to && is_blank(s.data[from]))
		from++;
	while (to > from && is_blank(s.data[to - 1]))
		to--;
	return slice_cut(s, from, to);
}

bool slice_is(struct slice s, const char *text)
{
	return s.len == strlen(text) && (s.len == 0 || memcmp(s.data, text, s.len) == 0);
}

char ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

bool slice_same_nocase(struct slice a, struct slice b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++) {
		if (a.data[i] != b.data[i] && ascii_lower(a.data[i]) != ascii_lower(b.data[i]))
			return false;
	}
	return true;
}

bool slice_is_nocase(struct slice s, const char *text)
{
	return slice_same_nocase(s, slice_of(text));
}

bool slice_starts_nocase(struct slice s, const char *prefix)
{
	return slice_is_nocase(slice_cut(s, 0, strlen(prefix)), prefix);
}

bool ascii_same_nocase(const char *a, const char *b)
{
	return slice_same_nocase(slice_of(a), slice_of(b));
}

size_t slice_find(struct slice s, char c)
{
	const char *hit = s.len != 0 ? memchr(s.data, c, s.len) : NULL;
	return hit != NULL ? (size_t)(hit - s.data) : s.len;
}

bool slice_next(struct slice *rest, char separator, struct slice *part)
{
	if (rest->data == NULL)
		return false;
	size_t end = slice_find(*rest, separator);
	*part = slice_cut(*rest, 0, end);
	*rest = end < rest->len ? slice_cut(*rest, end + 1, rest->len) : slice_n(NULL, 0);
	return true;
}

char *slice_copy(struct slice s)
{
	return mem_copy_n(s.data != NULL ? s.data : "", s.len);
}

void text_fit(char *into, size_t room, const char *text)
{
	struct slice fitting = slice_cut(slice_of(text), 0, room - 1);
	if (fitting.len != 0)
		memcpy(into, fitting.data, fitting.len);
	into[fitting.len] = '\0';
}

void buf_release(struct buf *b)
{
	free(b->data);
	*b = (struct buf){ 0 };
}

void buf_release_secret(struct buf *b)
{
	mem_wipe(b->data, b->room);
	buf_release(b);
}

void buf_reset(struct buf *b)
{
	b->len = 0;
	if (b->data != NULL)
		b->data[0] = '\0';
}

/*
 * The old block is wiped before it goes back: any buf may have held a secret, and realloc would
 * leave a copy behind that nobody can reach. Growth doubles, so this costs one pass over the
 * bytes in all.
 */
static void grow(struct buf *b, size_t wanted)
{
	size_t room = b->room * 2 > wanted ? b->room * 2 : wanted + 63;
	char *data = mem_alloc(room);
	if (b->data != NULL) {
		memcpy(data, b->data, b->len + 1);
		mem_wipe(b->data, b->room);
		free(b->data);
	} else {
		data[0] = '\0';
	}
	b->data = data;
	b->room = room;
}

char *buf_reserve(struct buf *b, size_t more)
{
	size_t wanted = b->len + more + 1;
	if (wanted > b->room)
		grow(b, wanted);
	return b->data + b->len;
}

void buf_add(struct buf *b, const void *data, size_t len)
{
	char *end = buf_reserve(b, len);
	if (len != 0)
		memcpy(end, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void buf_add_char(struct buf *b, char c)
{
	buf_add(b, &c, 1);
}

void buf_add_str(struct buf *b, const char *text)
{
	buf_add(b, text, strlen(text));
}

void buf_add_slice(struct buf *b, struct slice s)
{
	buf_add(b, s.data, s.len);
}

void buf_addf(struct buf *b, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	buf_vaddf(b, format, args);
	va_end(args);
}

/* Most of what is formatted is short: it is written at once, and only again where it did not
 * fit. */
void buf_vaddf(struct buf *b, const char *format, va_list args)
{
	enum { SHORT = 128 };
	va_list again;
	va_copy(again, args);
	char *end = buf_reserve(b, SHORT);
	int len = vsnprintf(end, SHORT + 1, format, args);
	if (len > SHORT) {
		end = buf_reserve(b, (size_t)len);
		vsnprintf(end, (size_t)len + 1, format, again);
	}
	va_end(again);
	if (len > 0)
		b->len += (size_t)len;
	b->data[b->len] = '\0';
}

void buf_drop(struct buf *b, size_t len)
{
	if (len >= b->len) {
		buf_reset(b);
		return;
	}
	memmove(b->data, b->data + len, b->len - len + 1);
	b->len -= len;
}

const char *buf_str(const struct buf *b)
{
	return b->data != NULL ? b->data : "";
}

struct slice buf_slice(const struct buf *b)
{
	return slice_n(buf_str(b), b->len);
}

char *buf_take(struct buf *b)
{
	buf_reserve(b, 0);
	char *data = b->data;
	*b = (struct buf){ 0 };
	return data;
}

void strings_add(struct strings *list, const char *text)
{
	strings_add_slice(list, slice_of(text));
}

void strings_add_slice(struct strings *list, struct slice text)
{
	list->at = mem_grow(list->at, list->count, &list->room, sizeof *list->at);
	list->at[list->count++] = slice_copy(text);
}

void strings_release(struct strings *list)
{
	for (size_t i = 0; i < list->count; i++)
		free(list->at[i]);
	free(list->at);
	*list = (struct strings){ 0 };
}

void strings_release_secret(struct strings *list)
{
	for (size_t i = 0; i < list->count; i++)
		mem_wipe(list->at[i], strlen(list->at[i]));
	strings_release(list);
}

void strings_copy(struct strings *dst, const struct strings *src)
{
	struct strings copy = { 0 };
	for (size_t i = 0; i < src->count; i++)
		strings_add(&copy, src->at[i]);
	strings_release(dst);
	*dst = copy;
}
