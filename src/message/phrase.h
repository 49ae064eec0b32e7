/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * phrase - a display name as a header field may hold it (RFC 5322, 3.2.5; RFC 2047)
 */
#ifndef MESSAGE_PHRASE_H
#define MESSAGE_PHRASE_H

#include "base/buf.h"

/*
 * Append TEXT, plain UTF-8, as a display name: as it is if it is all atoms, quoted if it is
 * ASCII, in encoded words if not, or if it is too long for a line; these come folded, at most
 * 76 columns wide behind any of the address fields' names. Control characters become blanks,
 * what is no UTF-8 becomes '?', and blanks at the ends go; a TEXT of blanks appends nothing.
 */
void phrase_write(struct buf *out, const char *text);

#endif
