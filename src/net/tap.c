/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/tap.h"

void tap_line(const struct tap *tap, enum tap_kind kind, struct slice text)
{
	if (tap != NULL && tap->event != NULL)
		tap->event(tap->context, kind, text);
}

void tap_note(const struct tap *tap, const char *format, ...)
{
	if (tap == NULL || tap->event == NULL)
		return;
	struct buf text = { 0 };
	va_list args;
	va_start(args, format);
	buf_vaddf(&text, format, args);
	va_end(args);
	tap->event(tap->context, TAP_NOTE, buf_slice(&text));
	buf_release(&text);
}
