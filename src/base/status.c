/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/status.h"

#include "base/utf8.h"

#include <stdio.h>
#include <string.h>
#include <sysexits.h>

static const struct {
	const char *label;
	int exit;
	unsigned short enhanced[3];
	bool again;
} kinds[STATUS_KINDS] = {
	[STATUS_OK] = { "sent", EX_OK, { 2, 0, 0 }, false },
	[STATUS_QUEUED] = { "queued", EX_OK, { 2, 0, 0 }, false },
	[STATUS_TEMPORARY] = { "temporary", EX_TEMPFAIL, { 4, 4, 0 }, true },
	[STATUS_MAYBE_SENT] = { "maybe-sent", EX_TEMPFAIL, { 4, 4, 2 }, true },
	[STATUS_REJECTED] = { "rejected", EX_UNAVAILABLE, { 5, 0, 0 }, false },
	[STATUS_NO_USER] = { "no-user", EX_NOUSER, { 5, 1, 1 }, false },
	[STATUS_NO_HOST] = { "no-host", EX_NOHOST, { 5, 1, 2 }, false },
	[STATUS_BAD_MESSAGE] = { "bad-message", EX_DATAERR, { 5, 6, 0 }, false },
	[STATUS_BAD_USAGE] = { "bad-usage", EX_USAGE, { 5, 5, 4 }, false },
	[STATUS_BAD_CONFIG] = { "bad-config", EX_CONFIG, { 4, 3, 5 }, true },
	[STATUS_NOT_SECURE] = { "not-secure", EX_NOPERM, { 4, 7, 5 }, true },
	[STATUS_NOT_ALLOWED] = { "not-allowed", EX_NOPERM, { 4, 7, 8 }, true },
	[STATUS_BROKEN_PEER] = { "broken-peer", EX_PROTOCOL, { 4, 5, 0 }, true },
	[STATUS_SYSTEM] = { "system", EX_OSERR, { 4, 3, 0 }, true },
	[STATUS_DISK] = { "disk", EX_IOERR, { 4, 3, 0 }, true },
};

static void __attribute__((format(printf, 3, 0)))
sentence(char *into, size_t room, const char *format, va_list args)
{
	struct buf raw = { 0 }, clean = { 0 };
	buf_vaddf(&raw, format, args);
	text_printable(&clean, buf_slice(&raw), room - 1);
	memcpy(into, buf_str(&clean), clean.len + 1);
	buf_release(&raw);
	buf_release(&clean);
}

int status_set(struct status *st, enum status_kind kind, const char *format, ...)
{
	va_list args;
	*st = (struct status){ .kind = kind };
	va_start(args, format);
	sentence(st->text, sizeof st->text, format, args);
	va_end(args);
	return -1;
}

int status_sys(struct status *st, enum status_kind kind, int errnum, const char *format, ...)
{
	va_list args;
	*st = (struct status){ .kind = kind, .sys = errnum };
	va_start(args, format);
	sentence(st->text, sizeof st->text, format, args);
	va_end(args);
	size_t len = strlen(st->text);
	snprintf(st->text + len, sizeof st->text - len, ": %s", strerror(errnum));
	return -1;
}

int status_hint(struct status *st, const char *format, ...)
{
	va_list args;
	va_start(args, format);
	sentence(st->hint, sizeof st->hint, format, args);
	va_end(args);
	return -1;
}

int status_exit(enum status_kind kind)
{
	return kinds[kind].exit;
}

const char *status_label(enum status_kind kind)
{
	return kinds[kind].label;
}

bool status_again(enum status_kind kind)
{
	return kinds[kind].again;
}

void status_enhanced(const struct status *st, struct buf *out)
{
	const unsigned short *e =
		st->enhanced[0] != 0 ? st->enhanced : kinds[st->kind].enhanced;
	buf_addf(out, "%u.%u.%u", e[0], e[1], e[2]);
}

/* How many bytes at the front of S show as they are: ASCII up to LIMIT, or one other character.
 * 0 if the first byte has to be masked. */
static size_t visible(struct slice s, size_t limit)
{
	size_t len = 0;
	while (len < s.len && len < limit && s.data[len] >= 0x20 && s.data[len] < 0x7f)
		len++;
	return len == 0 && (unsigned char)s.data[0] >= 0xc2 ? utf8_length(s) : len;
}

/* A byte that is masked stays one byte, so what is left of S says how much room it takes. */
void text_printable(struct buf *out, struct slice s, size_t limit)
{
	enum { DOTS = 3 };
	size_t end = out->len + limit;
	while (s.len != 0) {
		size_t left = end - out->len;
		size_t dots = left < DOTS ? left : DOTS;
		size_t room = s.len > left ? left - dots : left;
		size_t len = visible(s, room);
		size_t step = len != 0 ? len : 1;
		if (step > room) {
			buf_add(out, "...", dots);
			return;
		}
		if (len != 0)
			buf_add(out, s.data, len);
		else
			buf_add_char(out, s.data[0] == '\t' ? ' ' : '?');
		s = slice_cut(s, step, s.len);
	}
}
