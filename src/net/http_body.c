/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/http_body.h"

#include <string.h>

int http_too_long(struct status *st)
{
	return status_set(st, STATUS_BROKEN_PEER, "the answer is too long");
}

static bool is_clean(struct slice line)
{
	for (size_t i = 0; i < line.len; i++) {
		unsigned char c = (unsigned char)line.data[i];
		if ((c < ' ' && c != '\t') || c == 0x7f)
			return false;
	}
	return true;
}

int http_line(struct http_head *h, struct slice *line, struct status *st)
{
	if (h->left == 0)
		return http_too_long(st);
	if (stream_getline(h->stream, h->left, line, st) != 0)
		return st->kind == STATUS_BROKEN_PEER ? http_too_long(st) : -1;
	h->left -= line->len + 2 < h->left ? line->len + 2 : h->left;
	if (is_clean(*line))
		return 0;
	return status_set(st, STATUS_BROKEN_PEER,
			  "the answer has a control character in its header section");
}

static int take(struct http_head *h, size_t len, struct buf *out, struct status *st)
{
	struct slice bytes;
	if (len > HTTP_BODY_MAX - out->len)
		return http_too_long(st);
	if (stream_getn(h->stream, len, &bytes, st) != 0)
		return -1;
	buf_add_slice(out, bytes);
	return 0;
}

static int bad_chunk(struct status *st)
{
	return status_set(st, STATUS_BROKEN_PEER, "the answer has a malformed chunk");
}

/* The size in hex, and extensions behind a semicolon that nobody needs (RFC 9112, 7.1.1). */
static int chunk_size(struct slice line, size_t *size, struct status *st)
{
	static const char digits[] = "0123456789abcdef";
	struct slice number = slice_cut(line, 0, slice_find(line, ';'));
	if (number.len != line.len)
		number = slice_trim(number);
	*size = 0;
	for (size_t i = 0; i < number.len; i++) {
		const char *at = memchr(digits, ascii_lower(number.data[i]), sizeof digits - 1);
		if (at == NULL)
			return bad_chunk(st);
		*size = *size * 16 + (size_t)(at - digits);
		if (*size > HTTP_BODY_MAX)
			return http_too_long(st);
	}
	return number.len != 0 ? 0 : bad_chunk(st);
}

static int take_chunks(struct http_head *h, struct buf *out, struct status *st)
{
	struct slice line = { 0 };
	size_t size;
	do {
		if (http_line(h, &line, st) != 0 || chunk_size(line, &size, st) != 0)
			return -1;
		if (size == 0)
			break;
		if (take(h, size, out, st) != 0 || http_line(h, &line, st) != 0)
			return -1;
	} while (line.len == 0);
	if (size != 0)
		return bad_chunk(st);
	do {
		if (http_line(h, &line, st) != 0)
			return -1;
	} while (line.len != 0);
	return 0;
}

static int take_to_end(struct http_head *h, struct buf *out, struct status *st)
{
	struct slice bytes;
	for (;;) {
		if (stream_get(h->stream, &bytes, st) != 0)
			return -1;
		if (bytes.len == 0)
			return 0;
		if (bytes.len > HTTP_BODY_MAX - out->len)
			return http_too_long(st);
		buf_add_slice(out, bytes);
	}
}

int http_body(struct http_head *h, struct buf *out, struct status *st)
{
	if (h->chunked)
		return take_chunks(h, out, st);
	return h->has_length ? take(h, h->length, out, st) : take_to_end(h, out, st);
}
