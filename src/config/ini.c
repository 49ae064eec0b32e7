/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/ini.h"

#include "base/mem.h"
#include "config/complain.h"
#include "config/quote.h"

#include <ini.h>
#include <stdlib.h>
#include <string.h>

enum {
	KEY_MAX = 64,
	FRAME = 3, /* what stands around key and piece on a line for inih: '=', LF, NUL */
};

/*
 * inih calls us for its next line. We look for the next line of the text that sets a key,
 * unquote the value and hand it over in pieces that fit its buffer, each as a line "key=piece";
 * its handler puts them together again. Bytes that inih would trim or take for a comment travel
 * as control characters, which no line may hold.
 */
struct reader {
	const char *file;
	const struct ini_listener *listener;
	struct status *st;
	struct slice rest; /* of the text */
	unsigned line;
	bool failed;
	struct slice key; /* on its way through inih; empty: none is */
	struct buf value; /* as it goes in */
	size_t fed;       /* bytes of it that inih was given */
	bool waiting;     /* for the handler to get the last piece */
	bool cut;
	struct buf out; /* as it comes out */
};

static int fail(struct reader *r, const char *sentence)
{
	r->failed = true;
	status_set(r->st, STATUS_BAD_CONFIG, "%s", sentence);
	return complain_at(r->st, r->file, r->line);
}

static const char shielded[] = " \t;#";

static char shield(char c)
{
	const char *hit = memchr(shielded, c, sizeof shielded - 1);
	return hit != NULL ? (char)(hit - shielded + 1) : c;
}

static char unshield(char c)
{
	return c > 0 && (size_t)c < sizeof shielded ? shielded[c - 1] : c;
}

static bool is_comment(struct slice trimmed)
{
	return trimmed.len == 0 || trimmed.data[0] == ';' || trimmed.data[0] == '#';
}

static bool has_control(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.data[i] < 0x20 && s.data[i] != '\t')
			return true;
	}
	return false;
}

static bool is_key_char(char c)
{
	char lower = ascii_lower(c);
	return (lower >= 'a' && lower <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
	       c == '_' || c == '.';
}

static bool is_key(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (!is_key_char(s.data[i]))
			return false;
	}
	return s.len != 0 && s.len <= KEY_MAX;
}

static int section_line(struct reader *r, struct slice line)
{
	size_t end = slice_find(line, ']');
	if (end == line.len)
		return fail(r, "the section's name has no ']'");
	if (!is_comment(slice_trim(slice_cut(line, end + 1, line.len))))
		return fail(r, "there is text behind the ']'");
	struct slice inside = slice_trim(slice_cut(line, 1, end));
	if (inside.len > INI_VALUE_MAX)
		return fail(r, "the section's name is longer than 8 KiB");
	char *name = slice_copy(inside);
	int result = r->listener->section(r->listener->context, name, r->line, r->st);
	r->failed = result != 0;
	free(name);
	return result;
}

static int key_line(struct reader *r, struct slice line)
{
	size_t end = slice_find(line, '=');
	size_t colon = slice_find(line, ':');
	if (colon < end)
		end = colon;
	if (end == line.len)
		return fail(r, "this is neither 'key = value' nor '[account NAME]'");
	r->key = slice_trim(slice_cut(line, 0, end));
	if (!is_key(r->key))
		return fail(r, "what stands before the '=' is no key");
	if (quote_read(slice_cut(line, end + 1, line.len), &r->value, &r->cut, r->st) != 0) {
		r->failed = true;
		return complain_at(r->st, r->file, r->line);
	}
	if (r->value.len > INI_VALUE_MAX)
		return fail(r, "the value is longer than 8 KiB");
	for (size_t i = 0; i < r->value.len; i++)
		r->value.data[i] = shield(r->value.data[i]);
	return 0;
}

static int take_line(struct reader *r, struct slice line)
{
	r->line++;
	if (slice_find(line, '\0') < line.len)
		return fail(r, "there is a NUL byte in this line");
	line = slice_trim(line);
	if (is_comment(line))
		return 0;
	if (has_control(line))
		return fail(r, "there is a control character in this line");
	return line.data[0] == '[' ? section_line(r, line) : key_line(r, line);
}

/* Read on up to the next key; false at the end, or after a failure. */
static bool find_key(struct reader *r)
{
	struct slice line;
	while (!r->failed && r->key.len == 0) {
		if (!slice_next(&r->rest, '\n', &line) || take_line(r, line) != 0)
			return false;
	}
	return !r->failed;
}

static char *put(char *into, struct slice s)
{
	memcpy(into, s.data, s.len);
	return into + s.len;
}

/* The reader of inih, shaped like fgets. At the end no part of a password stays in its buffer.
 */
static char *next_piece(char *into, int room, void *stream)
{
	struct reader *r = stream;
	size_t space = room > 0 ? (size_t)room : 0;
	if (!find_key(r)) {
		mem_wipe(into, space);
		return NULL;
	}
	size_t frame = r->key.len + FRAME;
	if (r->waiting || r->out.len != r->fed || space <= frame) {
		fail(r, "inih lost a part of this line");
		return NULL;
	}
	struct slice piece = slice_cut(buf_slice(&r->value), r->fed, r->fed + space - frame);
	char *end = put(into, r->key);
	*end = '=';
	memcpy(put(end + 1, piece), "\n", sizeof "\n");
	r->fed += piece.len;
	r->waiting = true;
	return into;
}

/* The present value is complete: tell the listener, and be ready for the next. */
static int tell(struct reader *r, const char *key)
{
	for (size_t i = 0; i < r->out.len; i++)
		r->out.data[i] = unshield(r->out.data[i]);
	struct ini_value v = { key, buf_str(&r->out), r->cut, r->line };
	int result = r->listener->value(r->listener->context, &v, r->st);
	r->failed = result != 0;
	r->key.len = 0;
	r->fed = 0;
	buf_reset(&r->value);
	buf_reset(&r->out);
	return result;
}

/* The handler of inih: nonzero is success. Sections never reach it, nor inih. */
static int take_piece(void *user, const char *section, const char *name, const char *value)
{
	struct reader *r = user;
	(void)section;
	r->waiting = false;
	buf_add_str(&r->out, value);
	return r->out.len < r->value.len || tell(r, name) == 0;
}

int ini_read(const char *file, struct slice text, const struct ini_listener *listener,
	     struct status *st)
{
	struct reader r = { .file = file, .listener = listener, .st = st, .rest = text };
	if (slice_starts_nocase(text, "\xef\xbb\xbf"))
		r.rest = slice_cut(text, 3, text.len);
	int result = ini_parse_stream(next_piece, &r, take_piece, &r);
	if (!r.failed && (result != 0 || r.key.len != 0))
		fail(&r, "inih does not understand this line");
	buf_release_secret(&r.value);
	buf_release_secret(&r.out);
	return r.failed ? -1 : 0;
}
