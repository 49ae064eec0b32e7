/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * address_lexer - the words of an address list (RFC 5322, 3.2 and 4.1)
 *
 * Comments, blanks and folds between words are skipped. A fold is CRLF or a lone LF before a
 * blank: command lines have both. Any other CR or LF, and any NUL, is an error wherever it
 * stands, so that a line end that slipped in can neither start a header field nor join two
 * addresses. Bytes over 127 are letters, whatever their character set.
 *
 * Linear time: no byte is looked at more than a few times, and nesting costs no stack.
 */
#ifndef MESSAGE_ADDRESS_LEXER_H
#define MESSAGE_ADDRESS_LEXER_H

#include "base/buf.h"

#include <stdbool.h>

enum token_kind {
	TOKEN_ATOM,    /* a run of atext */
	TOKEN_QUOTED,  /* "...", with its quotes */
	TOKEN_LITERAL, /* [...], with its brackets: atext, '.', ':', blanks and folds inside */
	TOKEN_DOT,
	TOKEN_AT,
	TOKEN_LESS,
	TOKEN_GREATER,
	TOKEN_COMMA,
	TOKEN_COLON,
	TOKEN_SEMICOLON,
	TOKEN_JUNK, /* a byte for display names at best: a control, a stray bracket */
	TOKEN_END,
	TOKEN_BAD, /* an error, from here on */
};

/*
 * Zero it but for the text, then call lexer_next for the first token. Holds no memory, so a
 * copy is a bookmark to come back to.
 */
struct lexer {
	struct slice text; /* borrowed */
	enum token_kind kind;
	size_t start;        /* where the present token stands in the text */
	size_t end;          /* the offset behind it */
	const char *problem; /* borrowed: with TOKEN_BAD, what is wrong at `start` */
};

/* Go to the next token. Behind TOKEN_END and TOKEN_BAD there is nothing else. */
void lexer_next(struct lexer *l);

/* The token becomes TOKEN_BAD for PROBLEM at WHERE, unless it is bad already. Returns -1. */
int lexer_fail(struct lexer *l, size_t where, const char *problem);

/* The bytes of the present token. */
struct slice lexer_token(const struct lexer *l);

/* Is C an atext (RFC 5322, 3.2.3, with RFC 6532: every byte over 127)? */
bool is_atext(char c);

/* Is S a dot-atom: atexts with single dots between them? */
bool is_dot_atom(struct slice s);

/* Does S hold a control character of ASCII? */
bool any_control(struct slice s);

#endif
