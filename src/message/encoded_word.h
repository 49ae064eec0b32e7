/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * encoded_word - text that is not ASCII, in fields that have to be (RFC 2047)
 *
 * The words hold letters, digits and !*+-/ only, apart from what the encodings themselves use,
 * so they may stand wherever encoded words may stand at all: in text, phrases and comments.
 */
#ifndef MESSAGE_ENCODED_WORD_H
#define MESSAGE_ENCODED_WORD_H

#include "base/buf.h"

#include <stdbool.h>

/* No encoded word can be relied on to fit behind this column of a line. */
enum { ENCODED_WORD_LAST_START = 44 };

/*
 * The charset that TEXT is labelled with: UTF-8 if that is what it is, else the one of RFC 1428
 * for text that nobody can tell: readers show it as they see fit.
 */
const char *text_charset(struct slice text);

/*
 * Append TEXT, of CHARSET, as encoded words, one a line of at most 76 columns, no character of
 * UTF-8 cut. The first one goes behind column COLUMN of the present line, which is 1 to
 * ENCODED_WORD_LAST_START. Blanks between encoded words do not count, so those of TEXT are all
 * encoded. Returns the column behind the last one.
 */
size_t encoded_words_write(struct buf *out, size_t column, const char *charset,
			   struct slice text);

/*
 * Is WORD an encoded word? Readers drop the blanks between two of them. What is asked for is
 * the form, with any charset and length.
 */
bool is_encoded_word(struct slice word);

/* The whole characters at the front of TEXT, encoded no longer than ROOM; ENCODED_LENGTH says.
 */
struct slice take_characters(struct slice text, size_t room,
			     size_t (*encoded_length)(struct slice text));

#endif
