/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * quoted_string - what stands in quoted strings and comments, and back (RFC 5322, 3.2.1, 3.2.4)
 */
#ifndef MESSAGE_QUOTED_STRING_H
#define MESSAGE_QUOTED_STRING_H

#include "base/buf.h"

/*
 * Append TEXT, the inside of a quoted string or of a comment, as what it stands for: the
 * backslashes of quoted pairs go, and so do the line ends of folds.
 */
void quoted_string_read(struct buf *out, struct slice text);

/* Append TEXT as a quoted string, quotes and all, with no more escapes than it needs. */
void quoted_string_write(struct buf *out, struct slice text);

#endif
