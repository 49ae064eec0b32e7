/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * quote - how a value is spelled in a file
 *
 * A bare value ends at the end of its line, or at a comment: a ';' or '#' with a blank before
 * it. Blanks around it do not count. A value in double quotes is all that stands between them,
 * \" and \\ being a quote and a backslash; other backslashes are themselves. Behind it only a
 * comment may follow.
 */
#ifndef CONFIG_QUOTE_H
#define CONFIG_QUOTE_H

#include "base/buf.h"
#include "base/status.h"

/*
 * Append to VALUE what TEXT, all that follows the '=' in a line, stands for. *CUT says that a
 * comment ended a bare value, and so may have been meant as part of it. Errors:
 * STATUS_BAD_CONFIG; nothing of TEXT, which may be a secret, is in the sentence.
 */
int quote_read(struct slice text, struct buf *value, bool *cut, struct status *st);

/* Append VALUE so that quote_read gives it back: bare where that is possible. */
void quote_write(struct slice value, struct buf *out);

#endif
