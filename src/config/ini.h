/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * ini - the dialect of our files, on top of inih
 *
 * Lines are "key = value" or "key: value", "[section]", or begin with ';' or '#' and are
 * comments. inih cuts lines, section names and values at lengths and characters that differ
 * between its builds; here nothing is cut: what is too long is refused.
 *
 * Blanks at the beginning of a line mean nothing, so no line continues another. A UTF-8 byte
 * order mark, CRLF line ends and a missing last line end are fine; a NUL is not, nor is another
 * control character outside comments. How values are quoted, see quote.h.
 */
#ifndef CONFIG_INI_H
#define CONFIG_INI_H

#include "base/buf.h"
#include "base/status.h"

enum { INI_VALUE_MAX = 8192 };

struct ini_value {
	const char *key; /* borrowed, as is the value: during the call */
	const char *value;
	bool cut; /* a comment ended the bare value (quote.h) */
	unsigned line;
};

/* Who is told what a file says, line by line; -1 ends the reading. */
struct ini_listener {
	/* NAME: what stands between the brackets, trimmed; valid during the call. */
	int (*section)(void *context, const char *name, unsigned line, struct status *st);
	int (*value)(void *context, const struct ini_value *v, struct status *st);
	void *context; /* borrowed */
};

/*
 * Read TEXT, the content of FILE. Errors: what the listener returns, as it stands, or
 * STATUS_BAD_CONFIG with "FILE:LINE: ...". Values may be secrets: they are in no sentence, and
 * are wiped.
 */
int ini_read(const char *file, struct slice text, const struct ini_listener *listener,
	     struct status *st);

#endif
