/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ascii_writer - the body of a header field, word by word, folded and in ASCII
 *
 * Words come with the blanks before them, as they stand in the field that is written anew:
 * folds are kept, and where a line grows over 78 columns one is put before the blanks. Words
 * that cannot stay are gathered and become encoded words, so that a reader finds the blanks
 * between all words as they were.
 *
 * Life: zero the struct but for `column`, write words, finish, take `out`, release. All slices
 * but the text to encode have to live until then.
 */
#ifndef MESSAGE_ASCII_WRITER_H
#define MESSAGE_ASCII_WRITER_H

#include "base/buf.h"

#include <stdbool.h>

struct ascii_writer {
	struct buf out; /* owned: the body so far */
	size_t column;  /* of the end of its last line; at first, behind the field's colon */
	size_t fold;    /* offset in `out` of the last word's blanks, if `may_fold` there */
	bool may_fold;
	bool after_encoded;  /* `out` ends with an encoded word */
	struct buf run;      /* owned: text that waits to be encoded */
	struct slice blanks; /* borrowed: what stands before it */
	const char *charset; /* borrowed: its charset */
};

/* Write WORD as it is; without BLANKS it belongs to what stands before. */
void ascii_writer_plain(struct ascii_writer *w, struct slice blanks, struct slice word);

/*
 * Write TEXT, which is not empty, in encoded words. Where these have to stand apart from what
 * is before or behind them (RFC 2047, 5), a blank is put in.
 */
void ascii_writer_encode(struct ascii_writer *w, struct slice blanks, struct slice text);

/*
 * Write the words of TEXT, all between blanks being one (RFC 5322, 3.2.5), those encoded that
 * hold bytes over 127 or are too long for a line. Blanks at the end go.
 */
void ascii_writer_text(struct ascii_writer *w, struct slice text);

/*
 * Write the comments in GAP, which holds nothing besides but blanks, their words encoded as
 * above. Returns the blanks at the end, which belong to the next word.
 */
struct slice ascii_writer_comments(struct ascii_writer *w, struct slice gap);

/* Write what waits. */
void ascii_writer_finish(struct ascii_writer *w);
void ascii_writer_release(struct ascii_writer *w);

#endif
