/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/queue_words.h"

#include "base/number.h"
#include "base/status.h"

#include <time.h>

enum { REPLY_MAX = 1024, ADDRESS_MAX = 512 };

void words_time(int64_t when, struct buf *out)
{
	char text[64];
	struct tm parts;
	time_t t = (time_t)when;
	if (localtime_r(&t, &parts) == NULL || parts.tm_year > 9999 - 1900 ||
	    strftime(text, sizeof text, "%a %b %e %H:%M:%S", &parts) == 0)
		buf_add_str(out, "--- --- -- --:--:--");
	else
		buf_add_str(out, text);
}

void words_span(int64_t seconds, struct buf *out)
{
	static const struct {
		int64_t length;
		int64_t below; /* so many of them are still said in this unit */
		char unit;
	} units[] = {
		{ 1, 100, 's' },
		{ 60, 100, 'm' },
		{ 60 * 60, 48, 'h' },
		{ 24 * 60 * 60, INT64_MAX, 'd' },
	};
	size_t i = 0;
	int64_t count = seconds > 0 ? seconds : 1;
	while (count >= units[i].below) {
		i++;
		count = (seconds - 1) / units[i].length + 1;
	}
	number_add_signed(out, count);
	buf_add_char(out, units[i].unit);
}

void words_due(int64_t next, int64_t now, struct buf *out)
{
	if (next <= now) {
		buf_add_str(out, "due now");
		return;
	}
	buf_add_str(out, "next try in ");
	words_span(next - now, out);
}

void words_attempts(unsigned attempts, struct buf *out)
{
	if (attempts == 0) {
		buf_add_str(out, "not tried yet");
		return;
	}
	number_add_signed(out, attempts);
	buf_add_str(out, attempts == 1 ? " attempt" : " attempts");
}

const char *words_mark(char mark)
{
	switch (mark) {
	case MARK_DELIVERED:
		return "delivered";
	case MARK_FAILED:
	case MARK_TOLD:
		return "refused";
	default:
		return "pending";
	}
}

void words_reply(const struct recipient *r, struct buf *out)
{
	if (r->peer != NULL && r->peer[0] != '\0') {
		text_printable(out, slice_of(r->peer), ADDRESS_MAX);
		buf_add_str(out, ": ");
	}
	text_printable(out, slice_of(r->reply), REPLY_MAX);
}

void words_address(const char *address, struct buf *out)
{
	text_printable(out, slice_of(address[0] != '\0' ? address : "<>"), ADDRESS_MAX);
}
