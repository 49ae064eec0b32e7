/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/capability.h"

#include <stddef.h>

void capabilities_release(struct capabilities *c)
{
	buf_release(&c->auth);
	*c = (struct capabilities){ 0 };
}

void capabilities_reset(struct capabilities *c)
{
	struct buf auth = c->auth;
	buf_reset(&auth);
	*c = (struct capabilities){ .auth = auth };
}

/* Take the first word off REST; it ends at a blank or SEPARATOR. False once there is none. */
static bool next_word(struct slice *rest, char separator, struct slice *word)
{
	struct slice line = slice_trim(*rest);
	size_t end = 0;
	while (end < line.len && line.data[end] != ' ' && line.data[end] != '\t' &&
	       line.data[end] != separator)
		end++;
	*word = slice_cut(line, 0, end);
	*rest = slice_cut(line, end + 1, line.len);
	return end != 0;
}

/* A decimal number; 0 for what is none, or fits no 64 bits. */
static uint64_t number(struct slice digits)
{
	uint64_t n = 0;
	for (size_t i = 0; i < digits.len; i++) {
		char c = digits.data[i];
		if (c < '0' || c > '9' || n > (UINT64_MAX - 9) / 10)
			return 0;
		n = n * 10 + (uint64_t)(c - '0');
	}
	return n;
}

/* The first of ARGUMENTS as a number; without one, or with 0, there is no limit that we know
 * of. */
static uint64_t first_number(struct slice arguments)
{
	struct slice value;
	return next_word(&arguments, ' ', &value) ? number(value) : 0;
}

/* RFC 1870, 3 */
static void take_size(struct capabilities *c, struct slice arguments)
{
	c->size_limit = first_number(arguments);
}

/* RFC 4865, 3: the longest interval, then the latest date. */
static void take_hold(struct capabilities *c, struct slice arguments)
{
	c->hold_limit = first_number(arguments);
}

/* RFC 2852, 3: the shortest time that the server promises. */
static void take_deliverby(struct capabilities *c, struct slice arguments)
{
	c->deliverby_least = first_number(arguments);
}

static char upper(char c)
{
	return c >= 'a' && c <= 'z' ? (char)(c - 'a' + 'A') : c;
}

/* RFC 4422, 3.1: at most 20 of these. */
static bool is_mechanism_name(struct slice name)
{
	for (size_t i = 0; i < name.len; i++) {
		char c = ascii_lower(name.data[i]);
		if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && c != '_')
			return false;
	}
	return name.len != 0 && name.len <= 20;
}

static bool has_word(const struct buf *list, struct slice wanted)
{
	struct slice rest = buf_slice(list), word;
	while (slice_next(&rest, ' ', &word)) {
		if (slice_same_nocase(word, wanted))
			return true;
	}
	return false;
}

/* Many servers list their mechanisms twice: for new clients, and for old ones. */
static void take_auth(struct capabilities *c, struct slice arguments)
{
	struct slice name;
	while (next_word(&arguments, ' ', &name)) {
		if (!is_mechanism_name(name) || has_word(&c->auth, name))
			continue;
		if (c->auth.len != 0)
			buf_add_char(&c->auth, ' ');
		for (size_t i = 0; i < name.len; i++)
			buf_add_char(&c->auth, upper(name.data[i]));
	}
}

static const struct {
	const char *name;
	size_t offset;
} limits[] = {
	{ "MAILMAX", offsetof(struct capabilities, limit_mail) },
	{ "RCPTMAX", offsetof(struct capabilities, limit_rcpt) },
	{ "RCPTDOMAINMAX", offsetof(struct capabilities, limit_rcptdomain) },
};

static void take_limit(struct capabilities *c, struct slice name, struct slice value)
{
	for (size_t i = 0; i < sizeof limits / sizeof *limits; i++) {
		if (slice_is_nocase(name, limits[i].name))
			*(uint64_t *)((char *)c + limits[i].offset) = number(value);
	}
}

/* RFC 9422, 4: "RCPTMAX=100 MAILMAX=10". */
static void take_limits(struct capabilities *c, struct slice arguments)
{
	struct slice word;
	while (next_word(&arguments, ' ', &word)) {
		size_t equals = slice_find(word, '=');
		take_limit(c, slice_cut(word, 0, equals),
			   slice_cut(word, equals + 1, word.len));
	}
}

/* Keywords that say all by being there. */
static const struct {
	const char *keyword;
	size_t offset;
} flags[] = {
	{ "PIPELINING", offsetof(struct capabilities, pipelining) },
	{ "8BITMIME", offsetof(struct capabilities, eightbitmime) },
	{ "ENHANCEDSTATUSCODES", offsetof(struct capabilities, enhancedstatuscodes) },
	{ "DSN", offsetof(struct capabilities, dsn) },
	{ "CHUNKING", offsetof(struct capabilities, chunking) },
	{ "BINARYMIME", offsetof(struct capabilities, binarymime) },
	{ "STARTTLS", offsetof(struct capabilities, starttls) },
	{ "SMTPUTF8", offsetof(struct capabilities, smtputf8) },
	{ "REQUIRETLS", offsetof(struct capabilities, requiretls) },
	{ "SIZE", offsetof(struct capabilities, size) },
	{ "FUTURERELEASE", offsetof(struct capabilities, futurerelease) },
	{ "DELIVERBY", offsetof(struct capabilities, deliverby) },
	{ "MT-PRIORITY", offsetof(struct capabilities, mtpriority) },
};

/* Keywords with something behind them. */
static const struct {
	const char *keyword;
	void (*take)(struct capabilities *c, struct slice arguments);
} values[] = {
	{ "SIZE", take_size },           { "AUTH", take_auth },
	{ "LIMITS", take_limits },       { "FUTURERELEASE", take_hold },
	{ "DELIVERBY", take_deliverby },
};

/* Old clients know "AUTH=LOGIN PLAIN", so many servers say that too; hence the "=". */
void capabilities_line(struct capabilities *c, struct slice line)
{
	struct slice keyword;
	next_word(&line, '=', &keyword);
	for (size_t i = 0; i < sizeof flags / sizeof *flags; i++) {
		if (slice_is_nocase(keyword, flags[i].keyword))
			*(bool *)((char *)c + flags[i].offset) = true;
	}
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		if (slice_is_nocase(keyword, values[i].keyword))
			values[i].take(c, line);
	}
}
