/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/slow_data.h"

#include <string.h>

static bool has(const struct buf *text, size_t at, const char *what)
{
	size_t len = strlen(what);
	return at + len <= text->len && memcmp(text->data + at, what, len) == 0;
}

/* The line end of DATA itself is put in front, so that a line begins where the content does. */
size_t slow_data(struct slice in, bool bare_lf, struct buf *content)
{
	const char *before = bare_lf ? "x\n" : "\r\n", *end = bare_lf ? "\n.\n" : "\r\n.\r\n";
	const char *line = bare_lf ? "\n" : "\r\n";
	struct buf text = { 0 };
	size_t found = 0;
	buf_add_str(&text, before);
	buf_add_slice(&text, in);
	for (size_t at = 2; at < text.len && found == 0; at++) {
		size_t start = at - strlen(line);
		bool begins = text.data[at] == '.' && has(&text, start, line);
		bool clean = !bare_lf || text.data[at - 2] != '\r';
		if (begins && clean && has(&text, start, end))
			found = start + strlen(end) - 2;
		else if (!begins)
			buf_add_char(content, text.data[at]);
	}
	buf_release(&text);
	return found;
}
