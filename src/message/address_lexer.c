/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/address_lexer.h"

/* The printable ASCII characters that are no atext; 0 for all else. */
static const unsigned char specials[128] = {
	['('] = TOKEN_JUNK,      [')'] = TOKEN_JUNK,  ['['] = TOKEN_LITERAL,
	[']'] = TOKEN_JUNK,      ['\\'] = TOKEN_JUNK, ['"'] = TOKEN_QUOTED,
	['.'] = TOKEN_DOT,       ['@'] = TOKEN_AT,    ['<'] = TOKEN_LESS,
	['>'] = TOKEN_GREATER,   [','] = TOKEN_COMMA, [':'] = TOKEN_COLON,
	[';'] = TOKEN_SEMICOLON,
};

_Static_assert(TOKEN_ATOM == 0, "what is no special is an atom");

static enum token_kind kind_of(char byte)
{
	unsigned char c = (unsigned char)byte;
	if (c >= 0x80)
		return TOKEN_ATOM;
	return c <= ' ' || c == 0x7f ? TOKEN_JUNK : (enum token_kind)specials[c];
}

bool is_atext(char c)
{
	return kind_of(c) == TOKEN_ATOM;
}

bool is_dot_atom(struct slice s)
{
	bool after_atext = false;
	for (size_t i = 0; i < s.len; i++) {
		bool atext = is_atext(s.data[i]);
		if (!atext && (s.data[i] != '.' || !after_atext))
			return false;
		after_atext = atext;
	}
	return after_atext;
}

bool any_control(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.data[i] < ' ' || s.data[i] == 0x7f)
			return true;
	}
	return false;
}

int lexer_fail(struct lexer *l, size_t where, const char *problem)
{
	if (l->kind != TOKEN_BAD) {
		l->kind = TOKEN_BAD;
		l->start = l->end = where;
		l->problem = problem;
	}
	return -1;
}

struct slice lexer_token(const struct lexer *l)
{
	return slice_cut(l->text, l->start, l->end);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

/* These stand nowhere, except CR and LF in a fold. */
static bool is_banned(char c)
{
	return c == '\r' || c == '\n' || c == '\0';
}

/* The length of the line end at AT, if it is a fold: the blank behind it does not count. */
static size_t fold_length(struct slice text, size_t at)
{
	size_t lf = text.data[at] == '\r' ? at + 1 : at;
	bool folds = lf + 1 < text.len && text.data[lf] == '\n' && is_blank(text.data[lf + 1]);
	return folds ? lf + 1 - at : 0;
}

/* The offset behind the blanks and folds at AT. */
static size_t behind_blanks(struct slice text, size_t at)
{
	while (at < text.len) {
		size_t len = is_blank(text.data[at]) ? 1 : fold_length(text, at);
		if (len == 0)
			break;
		at += len;
	}
	return at;
}

/* The length of the piece at AT of a comment or a quoted string; 0 for one that is banned. */
static size_t piece_length(struct slice text, size_t at)
{
	char c = text.data[at];
	if (is_banned(c))
		return fold_length(text, at);
	if (c != '\\')
		return 1;
	return at + 1 < text.len && !is_banned(text.data[at + 1]) ? 2 : 0;
}

/*
 * The offset behind what OPEN at AT opens and CLOSE closes; 0 after an error. Comments nest, so
 * they are counted; in a quoted string OPEN is CLOSE.
 */
static size_t behind_closing(struct lexer *l, size_t at, char open, char close)
{
	size_t from = at, depth = 0;
	while (at < l->text.len) {
		size_t len = piece_length(l->text, at);
		char c = l->text.data[at];
		if (len == 0)
			break;
		at += len;
		if (c == close && depth != 0)
			depth--;
		else if (c == open)
			depth++;
		if (depth == 0)
			return at;
	}
	if (at < l->text.len)
		lexer_fail(l, from, "stray line end, NUL or backslash");
	else
		lexer_fail(l, from, close == ')' ? "missing ')'" : "missing '\"'");
	return 0;
}

/* The offset behind the domain literal at AT; if it is none, behind its bracket. */
static size_t behind_literal(struct slice text, size_t at)
{
	size_t end = at + 1;
	while (end < text.len) {
		size_t next = behind_blanks(text, end);
		char c = next < text.len ? text.data[next] : '\0';
		if (c == ']')
			return next + 1;
		if (!is_atext(c) && c != '.' && c != ':')
			break;
		end = next + 1;
	}
	return at + 1;
}

static size_t behind_atom(struct slice text, size_t at)
{
	while (at < text.len && is_atext(text.data[at]))
		at++;
	return at;
}

/* Go to the start of the next token; false after an error. */
static bool skip_comments(struct lexer *l)
{
	size_t at = behind_blanks(l->text, l->end);
	while (at < l->text.len && l->text.data[at] == '(') {
		at = behind_closing(l, at, '(', ')');
		if (at == 0)
			return false;
		at = behind_blanks(l->text, at);
	}
	l->start = at;
	l->end = at;
	return true;
}

/* The token that begins at `start`, where there is a byte that is no NUL, CR or LF. */
static void take_token(struct lexer *l)
{
	enum token_kind kind = kind_of(l->text.data[l->start]);
	size_t end = l->start + 1;
	if (kind == TOKEN_ATOM) {
		end = behind_atom(l->text, end);
	} else if (kind == TOKEN_QUOTED) {
		end = behind_closing(l, l->start, '"', '"');
		if (end == 0)
			return;
	} else if (kind == TOKEN_LITERAL) {
		end = behind_literal(l->text, l->start);
		if (end == l->start + 1)
			kind = TOKEN_JUNK;
	}
	l->kind = kind;
	l->end = end;
}

void lexer_next(struct lexer *l)
{
	if (l->kind == TOKEN_BAD || !skip_comments(l))
		return;
	if (l->start == l->text.len)
		l->kind = TOKEN_END;
	else if (is_banned(l->text.data[l->start]))
		lexer_fail(l, l->start, "stray line end or NUL");
	else
		take_token(l);
}
