/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/complain.h"

#include <string.h>

int complain_before(struct status *st, const char *format, ...)
{
	struct buf prefix = { 0 };
	struct status whole;
	va_list args;
	va_start(args, format);
	buf_vaddf(&prefix, format, args);
	va_end(args);
	status_set(&whole, st->kind, "%s%s", buf_str(&prefix), st->text);
	memcpy(st->text, whole.text, sizeof st->text);
	buf_release(&prefix);
	return -1;
}

int complain_at(struct status *st, const char *file, unsigned line)
{
	return complain_before(st, "%s:%u: ", file, line);
}
