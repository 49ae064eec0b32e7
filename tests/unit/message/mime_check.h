/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * mime_check - do two messages mean the same, whatever their parts are encoded in?
 *
 * For tests and fuzz targets; the decoders here share nothing with the encoders they judge.
 */
#ifndef MIME_CHECK_H
#define MIME_CHECK_H

#include "base/buf.h"
#include "message/convert.h"
#include "message/mime.h"

/* Append what BODY decodes to; bytes that make no sense are dealt with as mail readers do. */
void mime_decode(enum mime_encoding encoding, struct slice body, struct buf *out);

/*
 * What is different in AFTER, which comes from converting BEFORE: its structure, what a part
 * decodes to, or a byte where nothing may change. NULL if nothing is.
 */
const char *mime_difference(struct slice before, struct slice after);

/* What keeps TEXT, which was converted as C says, from being sent; NULL if nothing does. */
const char *mime_misfit(struct slice text, const struct convert *c, bool seven_bit);

/* Convert TEXT, which is canonical, and append the result to OUT. C is the caller's to release.
 */
int mime_convert(struct slice text, bool seven_bit, struct convert *c, struct buf *out,
		 struct status *st);

#endif
