/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * words - what a reader of mail makes of a field with encoded words (RFC 2047, 6)
 */
#ifndef UNIT_WORDS_H
#define UNIT_WORDS_H

#include "base/buf.h"

/*
 * Append the text that the free text BODY is read as: folds undone, encoded words decoded
 * whatever their charset, blanks between them dropped, and those at both ends of BODY.
 */
void words_decode(struct slice body, struct buf *out);

#endif
