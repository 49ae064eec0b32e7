/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/netrc.h"

#include <string.h>

struct search {
	struct slice rest; /* of the text */
	struct buf word;   /* the last one read; may be a password */
	const char *host;
	const char *user; /* NULL: anyone */
	bool host_fits;   /* what the present entry has said so far */
	bool user_fits;
	bool has_password;
	struct buf password;
};

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

static void drop(struct slice *s, size_t count)
{
	*s = slice_cut(*s, count, s->len);
}

static void drop_blanks(struct slice *s)
{
	while (s->len != 0 && is_blank(s->data[0]))
		drop(s, 1);
}

static void drop_line(struct slice *s)
{
	drop(s, slice_find(*s, '\n') + 1);
}

/* A macro's body ends at the first empty line. */
static void drop_macro(struct slice *s)
{
	drop_line(s);
	while (s->len != 0 && slice_trim(slice_cut(*s, 0, slice_find(*s, '\n'))).len != 0)
		drop_line(s);
}

/* Read the next word into s->word; false at the end of the text. */
static bool next_word(struct search *s)
{
	struct slice *rest = &s->rest;
	buf_reset(&s->word);
	drop_blanks(rest);
	if (rest->len == 0)
		return false;
	bool quoted = rest->data[0] == '"';
	if (quoted)
		drop(rest, 1);
	while (rest->len != 0 && (quoted ? rest->data[0] != '"' : !is_blank(rest->data[0]))) {
		if (rest->data[0] == '\\' && rest->len > 1)
			drop(rest, 1);
		buf_add_char(&s->word, rest->data[0]);
		drop(rest, 1);
	}
	if (quoted)
		drop(rest, 1);
	return true;
}

/* The next word that stands where a keyword may. */
static bool next_keyword(struct search *s)
{
	drop_blanks(&s->rest);
	while (s->rest.len != 0 && s->rest.data[0] == '#') {
		drop_line(&s->rest);
		drop_blanks(&s->rest);
	}
	return next_word(s);
}

static void begin_entry(struct search *s, bool host_fits)
{
	s->host_fits = host_fits;
	s->user_fits = true;
	s->has_password = false;
}

static bool is_found(const struct search *s)
{
	return s->host_fits && s->user_fits && s->has_password;
}

static void on_machine(struct search *s)
{
	begin_entry(s, next_word(s) && slice_is_nocase(buf_slice(&s->word), s->host));
}

static void on_default(struct search *s)
{
	begin_entry(s, true);
}

static void on_login(struct search *s)
{
	s->user_fits =
		next_word(s) && (s->user == NULL || slice_is(buf_slice(&s->word), s->user));
}

static void on_password(struct search *s)
{
	s->has_password = next_word(s);
	buf_reset(&s->password);
	buf_add_slice(&s->password, buf_slice(&s->word));
}

static void on_account(struct search *s)
{
	next_word(s);
}

static void on_macdef(struct search *s)
{
	drop_macro(&s->rest);
}

static const struct keyword {
	const char *word;
	bool opens_entry;
	void (*take)(struct search *s);
} keywords[] = {
	{ "machine", true, on_machine },  { "default", true, on_default },
	{ "login", false, on_login },     { "password", false, on_password },
	{ "account", false, on_account }, { "macdef", false, on_macdef },
};

static const struct keyword *find_keyword(struct slice word)
{
	for (size_t i = 0; i < sizeof keywords / sizeof keywords[0]; i++) {
		if (slice_is(word, keywords[i].word))
			return &keywords[i];
	}
	return NULL;
}

bool netrc_find(struct slice text, const char *host, const char *user, struct buf *password)
{
	struct search s = { .rest = text, .host = host, .user = user };
	while (next_keyword(&s)) {
		const struct keyword *keyword = find_keyword(buf_slice(&s.word));
		if (keyword == NULL)
			continue;
		/* An entry is known as a whole only where the next one begins. */
		if (keyword->opens_entry && is_found(&s))
			break;
		keyword->take(&s);
	}
	bool found = is_found(&s);
	if (found)
		buf_add_slice(password, buf_slice(&s.password));
	buf_release_secret(&s.password);
	buf_release_secret(&s.word);
	return found;
}
