/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/quoted_string.h"

#include <string.h>

/* The run at the front of S that holds none of STOPS, and no NUL. */
static struct slice run_without(struct slice s, const char *stops)
{
	size_t len = 0;
	while (len < s.len && strchr(stops, s.data[len]) == NULL)
		len++;
	return slice_cut(s, 0, len);
}

void quoted_string_read(struct buf *out, struct slice text)
{
	while (text.len != 0) {
		struct slice run = run_without(text, "\\\r\n");
		buf_add_slice(out, run);
		text = slice_cut(text, run.len, text.len);
		if (text.len > 1 && text.data[0] == '\\') {
			buf_add_char(out, text.data[1]);
			text = slice_cut(text, 1, text.len);
		}
		text = slice_cut(text, 1, text.len);
	}
}

void quoted_string_write(struct buf *out, struct slice text)
{
	buf_add_char(out, '"');
	while (text.len != 0) {
		struct slice run = run_without(text, "\\\"");
		buf_add_slice(out, run);
		if (run.len < text.len) {
			buf_add_char(out, '\\');
			buf_add_char(out, text.data[run.len]);
		}
		text = slice_cut(text, run.len + 1, text.len);
	}
	buf_add_char(out, '"');
}
