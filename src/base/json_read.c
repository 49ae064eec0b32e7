/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json_read.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum {
	DEPTH_MAX = 16,
	HEX_DIGITS = 4,
	LAST_OF_TWO_BYTES = 0x7ff,
	LAST_OF_THREE_BYTES = 0xffff,
};

struct reader {
	struct slice all;
	struct slice rest; /* not yet read */
	unsigned depth;
	struct status *st;
};

static int refuse(struct reader *r, const char *why)
{
	return status_set(r->st, STATUS_BROKEN_PEER, "no valid JSON: %s at octet %zu", why,
			  r->all.len - r->rest.len + 1);
}

/* The next octet; NUL at the end, which is no part of any token. */
static char next(const struct reader *r)
{
	return r->rest.len != 0 ? r->rest.data[0] : '\0';
}

static void skip(struct reader *r, size_t len)
{
	r->rest = slice_cut(r->rest, len, r->rest.len);
}

static bool take(struct reader *r, char c)
{
	if (r->rest.len == 0 || next(r) != c)
		return false;
	skip(r, 1);
	return true;
}

static void skip_blanks(struct reader *r)
{
	static const char blanks[] = { ' ', '\t', '\r', '\n' };
	while (r->rest.len != 0 && memchr(blanks, next(r), sizeof blanks) != NULL)
		skip(r, 1);
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The four digits of \uXXXX. */
static bool read_hex(struct reader *r, unsigned *unit)
{
	static const char digits[] = "0123456789abcdef";
	*unit = 0;
	for (size_t i = 0; i < HEX_DIGITS; i++) {
		const char *at = memchr(digits, ascii_lower(next(r)), sizeof digits - 1);
		if (at == NULL)
			return false;
		*unit = *unit << 4 | (unsigned)(at - digits);
		skip(r, 1);
	}
	return true;
}

static void add_trail(struct buf *out, unsigned code, unsigned shift)
{
	buf_add_char(out, (char)(0x80 | (code >> shift & 0x3f)));
}

static void add_character(struct buf *out, unsigned code)
{
	if (code < 0x80) {
		buf_add_char(out, (char)code);
	} else if (code <= LAST_OF_TWO_BYTES) {
		buf_add_char(out, (char)(0xc0 | code >> 6));
		add_trail(out, code, 0);
	} else if (code <= LAST_OF_THREE_BYTES) {
		buf_add_char(out, (char)(0xe0 | code >> 12));
		add_trail(out, code, 6);
		add_trail(out, code, 0);
	} else {
		buf_add_char(out, (char)(0xf0 | code >> 18));
		add_trail(out, code, 12);
		add_trail(out, code, 6);
		add_trail(out, code, 0);
	}
}

/* Behind \u: a unit of UTF-16, or two that belong together (RFC 8259, 7). */
static int read_unit(struct reader *r, struct buf *out)
{
	unsigned code, low;
	if (!read_hex(r, &code))
		return refuse(r, "a \\u without four hex digits");
	if (code == 0)
		return refuse(r, "a NUL in a string");
	if (code >= 0xd800 && code < 0xe000) {
		bool paired = code < 0xdc00 && take(r, '\\') && take(r, 'u') &&
			      read_hex(r, &low) && low >= 0xdc00 && low < 0xe000;
		if (!paired)
			return refuse(r, "half a surrogate pair");
		code = 0x10000 + ((code & 0x3ff) << 10 | (low & 0x3ff));
	}
	add_character(out, code);
	return 0;
}

static int read_escape(struct reader *r, struct buf *out)
{
	static const char letters[] = "\"\\/bfnrt", meanings[] = "\"\\/\b\f\n\r\t";
	if (take(r, 'u'))
		return read_unit(r, out);
	const char *at = memchr(letters, next(r), sizeof letters - 1);
	if (at == NULL)
		return refuse(r, "an unknown escape");
	buf_add_char(out, meanings[at - letters]);
	skip(r, 1);
	return 0;
}

/* How many octets the character in front takes; 0 if it may not stand there as it is. */
static size_t plain_length(struct slice s)
{
	unsigned char lead = (unsigned char)s.data[0];
	if (lead < 0x80)
		return lead >= 0x20 ? 1 : 0;
	bool c1 = lead == 0xc2 && s.len > 1 && ((unsigned char)s.data[1] & 0xe0) == 0x80;
	return c1 ? 2 : utf8_length(s);
}

static int read_string(struct reader *r, struct buf *out)
{
	skip(r, 1);
	while (r->rest.len != 0) {
		if (take(r, '"'))
			return 0;
		if (take(r, '\\')) {
			if (read_escape(r, out) != 0)
				return -1;
			continue;
		}
		size_t len = plain_length(r->rest);
		if (len == 0)
			return refuse(r, "a control character or no UTF-8");
		buf_add(out, r->rest.data, len);
		skip(r, len);
	}
	return refuse(r, "a string without an end");
}

static size_t skip_digits(struct reader *r)
{
	size_t count = 0;
	for (; is_digit(next(r)); count++)
		skip(r, 1);
	return count;
}

static int read_number(struct reader *r, struct buf *out)
{
	struct slice from = r->rest;
	take(r, '-');
	bool good = take(r, '0') || skip_digits(r) != 0;
	if (good && take(r, '.'))
		good = skip_digits(r) != 0;
	if (good && (take(r, 'e') || take(r, 'E'))) {
		if (!take(r, '-'))
			take(r, '+');
		good = skip_digits(r) != 0;
	}
	if (!good)
		return refuse(r, "an odd number");
	buf_add_slice(out, slice_cut(from, 0, from.len - r->rest.len));
	return 0;
}

static int read_word(struct reader *r, struct buf *out)
{
	static const char *const words[] = { "true", "false", "null" };
	(void)out;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		size_t len = strlen(words[i]);
		if (slice_is(slice_cut(r->rest, 0, len), words[i])) {
			skip(r, len);
			return 0;
		}
	}
	return refuse(r, "an unknown word");
}

static int read_value(struct reader *r, struct json_member *m);

static const struct json_member *find(const struct json_members *m, const char *name)
{
	for (size_t i = 0; i < m->count; i++) {
		if (strcmp(m->at[i].name, name) == 0)
			return &m->at[i];
	}
	return NULL;
}

static bool is_new(struct reader *r, const struct json_members *m, const char *name)
{
	if (find(m, name) == NULL)
		return true;
	refuse(r, "a name that was there already");
	return false;
}

static struct json_member *add_member(struct json_members *m, const char *name)
{
	m->at = mem_grow(m->at, m->count, &m->room, sizeof *m->at);
	m->at[m->count] = (struct json_member){ .name = mem_copy(name) };
	return &m->at[m->count++];
}

/* The name in front of a value, which nothing else in M may bear: a new member, or NULL. */
static struct json_member *read_name(struct reader *r, struct json_members *m)
{
	struct buf name = { 0 };
	struct json_member *new = NULL;
	if (next(r) != '"')
		refuse(r, "a member without a name");
	else if (m->count == JSON_MEMBERS_MAX)
		refuse(r, "too many members");
	else if (read_string(r, &name) == 0 && is_new(r, m, buf_str(&name)))
		new = add_member(m, buf_str(&name));
	buf_release_secret(&name);
	return new;
}

static int read_members(struct reader *r, struct json_members *m)
{
	skip(r, 1);
	skip_blanks(r);
	if (take(r, '}'))
		return 0;
	do {
		skip_blanks(r);
		struct json_member *new = read_name(r, m);
		if (new == NULL)
			return -1;
		skip_blanks(r);
		if (!take(r, ':'))
			return refuse(r, "no colon behind a name");
		if (read_value(r, new) != 0)
			return -1;
	} while (take(r, ','));
	return take(r, '}') ? 0 : refuse(r, "an object without an end");
}

/* What is inside is looked at, and forgotten. */
static int read_inner_object(struct reader *r, struct buf *out)
{
	struct json_members inner = { 0 };
	(void)out;
	int result = read_members(r, &inner);
	json_members_release(&inner);
	return result;
}

static int read_array(struct reader *r, struct buf *out)
{
	(void)out;
	skip(r, 1);
	skip_blanks(r);
	if (take(r, ']'))
		return 0;
	do {
		struct json_member ignored = { 0 };
		int result = read_value(r, &ignored);
		buf_release_secret(&ignored.value);
		if (result != 0)
			return -1;
	} while (take(r, ','));
	return take(r, ']') ? 0 : refuse(r, "an array without an end");
}

static const struct form {
	const char *begins; /* with one of these */
	enum json_kind kind;
	bool nests;
	int (*read)(struct reader *r, struct buf *out);
} forms[] = {
	{ "\"", JSON_TEXT, false, read_string },
	{ "-0123456789", JSON_NUMBER, false, read_number },
	{ "{", JSON_OTHER, true, read_inner_object },
	{ "[", JSON_OTHER, true, read_array },
	{ "tfn", JSON_OTHER, false, read_word },
};

static const struct form *form_of(char c)
{
	for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
		if (c != '\0' && strchr(forms[i].begins, c) != NULL)
			return &forms[i];
	}
	return NULL;
}

/* A value and the blanks around it. */
static int read_value(struct reader *r, struct json_member *m)
{
	skip_blanks(r);
	const struct form *form = form_of(next(r));
	if (form == NULL)
		return refuse(r, "no value");
	if (form->nests && r->depth == DEPTH_MAX)
		return refuse(r, "too many levels");
	r->depth += form->nests;
	m->kind = form->kind;
	int result = form->read(r, &m->value);
	r->depth -= form->nests;
	skip_blanks(r);
	return result;
}

int json_read(struct slice text, struct json_members *m, struct status *st)
{
	struct reader r = { .all = text, .rest = text, .depth = 1, .st = st };
	skip_blanks(&r);
	if (next(&r) != '{')
		return refuse(&r, "no object");
	if (read_members(&r, m) != 0)
		return -1;
	skip_blanks(&r);
	return r.rest.len == 0 ? 0 : refuse(&r, "something behind the end");
}

void json_members_release(struct json_members *m)
{
	for (size_t i = 0; i < m->count; i++) {
		mem_free_secret(m->at[i].name);
		buf_release_secret(&m->at[i].value);
	}
	free(m->at);
	*m = (struct json_members){ 0 };
}

const char *json_text_of(const struct json_members *m, const char *name)
{
	const struct json_member *found = find(m, name);
	return found != NULL && found->kind == JSON_TEXT ? buf_str(&found->value) : NULL;
}

bool json_number_of(const struct json_members *m, const char *name, int64_t *number)
{
	const struct json_member *found = find(m, name);
	char *end;
	if (found == NULL || found->kind == JSON_OTHER)
		return false;
	const char *text = buf_str(&found->value);
	if (!is_digit(text[0]) && text[0] != '-')
		return false;
	errno = 0;
	*number = strtoll(text, &end, 10);
	return errno == 0 && end != text && *end == '\0';
}
