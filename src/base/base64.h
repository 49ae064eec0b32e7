/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * base64 - the encoding of RFC 4648, section 4, in its one strict form
 *
 * No line breaks on the way out; on the way in nothing but the alphabet and the padding, so
 * that two different texts never mean the same bytes. What passes through may be secret: no
 * copy of it stays behind, in OUT aside.
 */
#ifndef BASE_BASE64_H
#define BASE_BASE64_H

#include "base/buf.h"

/* Append DATA, encoded and padded. */
void base64_encode(struct buf *out, struct slice data);

/*
 * Append what TEXT stands for. Returns 0, or -1 if TEXT holds a byte outside the alphabet
 * (blanks and line ends too), lacks padding or has too much, or has bits set that carry nothing
 * (RFC 4648, 3.5). OUT is then as before.
 */
int base64_decode(struct buf *out, struct slice text);

#endif
