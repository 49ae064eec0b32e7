/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mime_check.h"

#include <string.h>

static int hex_value(char c)
{
	static const char digits[] = "0123456789ABCDEFabcdef";
	const char *at = c != '\0' ? strchr(digits, c) : NULL;
	if (at == NULL)
		return -1;
	return at - digits < 16 ? (int)(at - digits) : (int)(at - digits) - 6;
}

/* Offset behind the line end that TEXT has at AT, blanks before it skipped; 0 if it has none.
 */
static size_t behind_line_end(struct slice text, size_t at)
{
	while (at < text.len && (text.data[at] == ' ' || text.data[at] == '\t'))
		at++;
	bool crlf = slice_is(slice_cut(text, at, at + 2), "\r\n");
	return crlf ? at + 2 : 0;
}

static void decode_quoted_printable(struct slice s, struct buf *out)
{
	size_t i = 0;
	while (i < s.len) {
		int high = i + 1 < s.len ? hex_value(s.data[i + 1]) : -1;
		int low = i + 2 < s.len ? hex_value(s.data[i + 2]) : -1;
		size_t next = behind_line_end(s, s.data[i] == '=' ? i + 1 : i);
		if (s.data[i] == '=' && high >= 0 && low >= 0) {
			buf_add_char(out, (char)(high * 16 + low));
			i += 3;
		} else if (next != 0) {
			buf_add_str(out, s.data[i] == '=' ? "" : "\r\n");
			i = next;
		} else {
			buf_add_char(out, s.data[i++]);
		}
	}
}

static void decode_base64(struct slice s, struct buf *out)
{
	static const char letters[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	unsigned bits = 0, have = 0;
	for (size_t i = 0; i < s.len; i++) {
		const char *at = s.data[i] != '\0' ? strchr(letters, s.data[i]) : NULL;
		if (at == NULL)
			continue;
		bits = bits << 6 | (unsigned)(at - letters);
		have += 6;
		if (have >= 8) {
			have -= 8;
			buf_add_char(out, (char)(bits >> have));
		}
	}
}

void mime_decode(enum mime_encoding encoding, struct slice body, struct buf *out)
{
	if (encoding == MIME_QUOTED_PRINTABLE)
		decode_quoted_printable(body, out);
	else if (encoding == MIME_BASE64)
		decode_base64(body, out);
	else
		buf_add_slice(out, body);
}

static bool same_bytes(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

static struct slice body_of(const struct mime_part *p, struct slice text)
{
	return slice_cut(text, (size_t)p->body_from, (size_t)p->body_to);
}

/* The line end that the message ends with is no content of a part in base64. */
static bool same_content(const struct mime_part *p, struct slice a, const struct mime_part *q,
			 struct slice b)
{
	if (p->encoding == q->encoding && same_bytes(a, b))
		return true;
	struct buf one = { 0 }, two = { 0 };
	mime_decode(p->encoding, a, &one);
	mime_decode(q->encoding, b, &two);
	bool same = same_bytes(buf_slice(&one), buf_slice(&two));
	buf_release(&one);
	buf_release(&two);
	return same;
}

/* Nobody decodes a filler, so its label is what we know it to be. */
static bool same_filler(struct slice a, struct slice b)
{
	const struct mime_part plain = { .encoding = MIME_7BIT },
			       encoded = { .encoding = MIME_QUOTED_PRINTABLE };
	return same_bytes(a, b) || same_content(&plain, a, &encoded, b);
}

static const char *part_difference(const struct mime_part *p, struct slice before,
				   const struct mime_part *q, struct slice after)
{
	struct slice a = body_of(p, before), b = body_of(q, after);
	if (p->kind != q->kind || p->parent != q->parent || p->root != q->root)
		return "the structure";
	if (strcmp(p->type, q->type) != 0)
		return "a type";
	if (p->kind == MIME_OPAQUE && !same_bytes(a, b))
		return "an opaque part";
	if (p->kind == MIME_FILLER && !same_filler(a, b))
		return "a preamble or epilogue";
	if (p->kind == MIME_LEAF && !same_content(p, a, q, b))
		return "the content of a part";
	return NULL;
}

const char *mime_difference(struct slice before, struct slice after)
{
	struct mime m = { 0 }, n = { 0 };
	struct status st;
	const char *difference = NULL;
	if (mime_feed(&m, before, &st) != 0 || mime_finish(&m, &st) != 0 ||
	    mime_feed(&n, after, &st) != 0 || mime_finish(&n, &st) != 0)
		difference = "that one cannot be read";
	else if (m.count != n.count)
		difference = "the number of parts";
	for (size_t i = 0; difference == NULL && i < m.count; i++)
		difference = part_difference(&m.at[i], before, &n.at[i], after);
	mime_release(&m);
	mime_release(&n);
	return difference;
}

/* Byte by byte, in the plainest way. Returns whether all line ends are CRLF. */
static bool count(struct slice text, struct facts *f)
{
	size_t line = 0;
	char before = '\n';
	bool canonical = true;
	for (size_t i = 0; i < text.len; i++) {
		char at = text.data[i];
		canonical = canonical && (at == '\n') == (i != 0 && before == '\r');
		f->eight_bit = f->eight_bit || (at & 0x80) != 0;
		f->nul = f->nul || at == '\0';
		f->dot_line = f->dot_line || (at == '.' && before == '\n');
		line = at == '\n' ? 0 : line + (at != '\r');
		f->longest_line = line > f->longest_line ? line : f->longest_line;
		before = at;
	}
	f->size = text.len;
	return canonical && before == '\n';
}

static bool same_facts(const struct facts *a, const struct facts *b)
{
	return a->size == b->size && a->longest_line == b->longest_line &&
	       a->eight_bit == b->eight_bit && a->nul == b->nul && a->dot_line == b->dot_line;
}

const char *mime_misfit(struct slice text, const struct convert *c, bool seven_bit)
{
	struct facts f = { 0 };
	if (!count(text, &f))
		return "a bare CR or LF";
	if (!same_facts(&f, &c->facts))
		return "false facts";
	if (f.nul || f.longest_line > 998)
		return "a NUL or a long line";
	return seven_bit && f.eight_bit && !c->header_eight_bit ? "8-bit text" : NULL;
}

int mime_convert(struct slice text, bool seven_bit, struct convert *c, struct buf *out,
		 struct status *st)
{
	struct store store;
	struct slice piece;
	struct edits_cursor at;
	store_init(&store);
	int result = store_add(&store, text, st);
	if (result == 0)
		result = convert_plan(c, &store, seven_bit, st);
	convert_rewind(c, &at);
	while (result == 0 && (result = convert_read(c, &at, &piece, st)) == 0 &&
	       piece.len != 0)
		buf_add_slice(out, piece);
	edits_cursor_release(&at);
	store_release(&store);
	return result;
}
