/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/server_reply.h"

#include <errno.h>
#include <string.h>

/* With code, enhanced code and CRLF, a line stays below 512 octets (RFC 5321, 4.5.3.1.5). */
enum { MAX_TEXT = 480 };

static const unsigned short codes[STATUS_KINDS] = {
	[STATUS_OK] = 451,          [STATUS_QUEUED] = 451,      [STATUS_TEMPORARY] = 451,
	[STATUS_MAYBE_SENT] = 451,  [STATUS_REJECTED] = 554,    [STATUS_NO_USER] = 550,
	[STATUS_NO_HOST] = 550,     [STATUS_BAD_MESSAGE] = 554, [STATUS_BAD_USAGE] = 501,
	[STATUS_BAD_CONFIG] = 451,  [STATUS_NOT_SECURE] = 451,  [STATUS_NOT_ALLOWED] = 451,
	[STATUS_BROKEN_PEER] = 451, [STATUS_SYSTEM] = 451,      [STATUS_DISK] = 451,
};

/* Take what fits on one line off the front of *REST; a long one breaks at a blank. */
static struct slice next_line(struct slice *rest)
{
	size_t end = slice_find(*rest, '\n'), skip = 1;
	if (end > MAX_TEXT) {
		end = MAX_TEXT;
		while (end > MAX_TEXT / 2 && rest->data[end] != ' ')
			end--;
		skip = rest->data[end] == ' ' ? 1 : 0;
	}
	struct slice line = slice_cut(*rest, 0, end);
	*rest = slice_cut(*rest, end + skip, rest->len);
	return line;
}

static void add_masked(struct buf *out, struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.data[i];
		buf_add_char(out, c >= ' ' && c < 0x7f ? c : c == '\t' ? ' ' : '?');
	}
}

void server_reply(struct buf *out, unsigned code, const char *enhanced, struct slice text)
{
	struct slice rest = slice_trim(text);
	do {
		struct slice line = next_line(&rest);
		buf_addf(out, "%u%c", code, rest.len != 0 ? '-' : ' ');
		if (enhanced != NULL)
			buf_addf(out, "%s ", enhanced);
		add_masked(out, line);
		buf_add_str(out, "\r\n");
	} while (rest.len != 0);
}

/* RFC 1870, 6.1 (3) */
static bool is_too_large(const struct status *st)
{
	return st->enhanced[0] == 5 && st->enhanced[1] == 3 && st->enhanced[2] == 4;
}

static unsigned code_of(const struct status *st)
{
	unsigned agrees = codes[st->kind] / 100;
	if (st->code / 100 == agrees && st->code != 421)
		return st->code;
	if (agrees == 5 && is_too_large(st))
		return 552;
	bool full = st->sys == ENOSPC || st->sys == EDQUOT;
	return st->kind == STATUS_DISK && full ? 452 : codes[st->kind];
}

void server_reply_status(struct buf *out, const struct status *st)
{
	struct buf enhanced = { 0 }, text = { 0 };
	struct status told = *st;
	unsigned code = code_of(st);
	if (told.enhanced[0] != 0)
		told.enhanced[0] = (unsigned short)(code / 100);
	else if (code == 452)
		memcpy(told.enhanced, (unsigned short[]){ 4, 3, 1 }, sizeof told.enhanced);
	status_enhanced(&told, &enhanced);
	enhanced.data[0] = (char)('0' + code / 100);
	buf_add_str(&text, st->text);
	if (st->hint[0] != '\0')
		buf_addf(&text, "\n%s", st->hint);
	server_reply(out, code, buf_str(&enhanced), buf_slice(&text));
	buf_release(&enhanced);
	buf_release(&text);
}

int server_refuse(struct status *st, unsigned code, unsigned subject, unsigned detail,
		  const char *format, ...)
{
	struct buf text = { 0 };
	va_list args;
	va_start(args, format);
	buf_vaddf(&text, format, args);
	va_end(args);
	status_set(st, code / 100 == 5 ? STATUS_REJECTED : STATUS_TEMPORARY, "%s",
		   buf_str(&text));
	st->code = (unsigned short)code;
	st->enhanced[0] = (unsigned short)(code / 100);
	st->enhanced[1] = (unsigned short)subject;
	st->enhanced[2] = (unsigned short)detail;
	buf_release(&text);
	return -1;
}
