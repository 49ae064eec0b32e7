/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * header_ascii - a header section for servers that do not offer SMTPUTF8 (RFC 6531), or with
 * lines that no server has to take (RFC 5322, 2.1.1)
 *
 * They may be sent nothing but ASCII. Text and names have a form for that (RFC 2047),
 * parameters too (RFC 2231), and domains (RFC 5891). Local parts and the rest have none.
 */
#ifndef MESSAGE_HEADER_ASCII_H
#define MESSAGE_HEADER_ASCII_H

#include "base/status.h"
#include "message/header.h"

#include <stdbool.h>

/*
 * Bring all fields of H into ASCII. Those that are it already keep every byte, unless they have
 * a line that would be over 998 octets wherever it is folded at blanks; the others are folded
 * at 78 columns where they have blanks to fold at, or commas between addresses, and no line of
 * theirs is over 998 octets. Bytes that are no UTF-8 get the charset "unknown-8bit" (RFC 1428).
 * An address list that cannot be read is treated as text: people see what they would have seen.
 *
 * Errors: STATUS_BAD_MESSAGE, the sentence names the field and quotes what cannot be written:
 * 5.6.7 for an address, 5.6.9 for the rest (RFC 6531, 4.2); STATUS_SYSTEM without libidn2. The
 * fields before that one are changed then.
 */
int header_ascii(struct header *h, struct status *st);

/* Has F a line that stays over 998 octets if it is folded at all its blanks? */
bool field_is_unfoldable(const struct field *f);

/* Does an address field of H hold a local part that is not ASCII, which only SMTPUTF8 carries?
 */
bool header_needs_utf8(const struct header *h);

#endif
