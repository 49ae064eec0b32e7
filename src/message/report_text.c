/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/report_text.h"

#include "message/date.h"
#include "message/report_words.h"

#include <string.h>

enum {
	INDENT = 4,
	MINUTE = 60,
	HOUR = 60 * MINUTE,
	DAY = 24 * HOUR,
};

static const struct {
	const char *what; /* became of it, before "the recipient below" */
	const char *next; /* what happens now */
} openings[REPORT_KINDS] = {
	[REPORT_FAILED] = { "could not be delivered to", "It will not be tried again." },
	[REPORT_DELAYED] = { "could not be delivered yet to",
			     "There is nothing that you have to do: it will be tried again, "
			     "and you will be told if it has to be given up." },
	[REPORT_RELAYED] = { "was handed on for",
			     "The server that has it now does not report deliveries, so this "
			     "is the last news of it, unless something goes wrong." },
};

static const char *const enclosed[] = {
	[REPORT_NOTHING] = "",
	[REPORT_HEADER] = " Its header is enclosed.",
	[REPORT_WHOLE] = " It is enclosed.",
};

static void add_line(struct buf *out, const char *text)
{
	report_wrap(out, 0, 0, slice_of(text));
}

static void add_quoted(struct buf *out, size_t indent, const char *text)
{
	struct buf clean = { 0 };
	text_printable(&clean, slice_of(text), REPORT_WORDS);
	report_wrap(out, indent, 0, buf_slice(&clean));
	buf_release(&clean);
}

static void add_opening(const struct report *r, struct buf *out)
{
	struct buf line = { 0 };
	size_t count = 0;
	for (size_t i = 0; i < r->envelope->count; i++)
		count += report_is_about(r, i);
	buf_addf(&line, "Your message %s the recipient%s below. %s", openings[r->kind].what,
		 count == 1 ? "" : "s", openings[r->kind].next);
	if (r->kind == REPORT_DELAYED && r->expires != 0) {
		buf_add_str(&line, " It will be tried until ");
		date_write(&line, r->expires);
		buf_add_char(&line, '.');
	}
	if (count != r->envelope->count)
		buf_add_str(&line, " This report is not about the other recipients.");
	add_line(out, buf_str(&line));
	buf_release(&line);
}

static void add_span(struct buf *out, int64_t seconds)
{
	static const struct {
		int64_t unit;
		const char *name;
	} units[] = { { DAY, "day" }, { HOUR, "hour" }, { MINUTE, "minute" }, { 1, "second" } };
	size_t i = 0;
	while (units[i].unit > 1 && seconds < units[i].unit)
		i++;
	int64_t count = seconds / units[i].unit;
	buf_addf(out, "%lld %s%s", (long long)count, units[i].name, count == 1 ? "" : "s");
}

static void add_duration(const struct report *r, struct buf *out)
{
	struct buf line = { 0 };
	buf_add_str(&line, "It was tried for ");
	add_span(&line, r->now - r->arrived);
	buf_add_str(&line, ", and is given up. The last time it was this:");
	report_wrap(out, INDENT, 0, buf_slice(&line));
	buf_release(&line);
}

/* Who says what comes next. */
static void add_speaker(const struct recipient *recipient, struct buf *out)
{
	struct buf line = { 0 };
	struct slice peer = report_peer(recipient);
	text_printable(&line, peer.len != 0 ? peer : slice_of("The reason"), REPORT_WORDS);
	buf_add_str(&line, peer.len != 0 && recipient->code != 0 ? " says:" : ":");
	report_wrap(out, INDENT, 0, buf_slice(&line));
	buf_release(&line);
}

static void add_reason(const struct report *r, const struct recipient *recipient,
		       struct buf *out)
{
	struct buf reason = { 0 };
	if (recipient->reply == NULL)
		return;
	report_reason(recipient, &reason);
	if (report_gave_up(r, recipient) && r->arrived != 0 && r->now > r->arrived)
		add_duration(r, out);
	add_speaker(recipient, out);
	report_wrap(out, (size_t)2 * INDENT, 0, buf_slice(&reason));
	buf_release(&reason);
	if (recipient->hint == NULL || r->kind == REPORT_RELAYED)
		return;
	add_quoted(out, INDENT, "What may help:");
	add_quoted(out, (size_t)2 * INDENT, recipient->hint);
}

static bool same(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same_reason(const struct recipient *a, const struct recipient *b)
{
	return a->code == b->code && a->kind == b->kind && same(a->reply, b->reply) &&
	       same(a->peer, b->peer) && same(a->hint, b->hint);
}

/* Neighbours with the same fate are listed together, and it is told once. */
static void add_recipients(const struct report *r, struct buf *out)
{
	const struct recipient *before = NULL;
	for (size_t i = 0; i < r->envelope->count; i++) {
		const struct recipient *recipient = &r->envelope->at[i];
		if (!report_is_about(r, i))
			continue;
		if (before != NULL && !same_reason(before, recipient))
			add_reason(r, before, out);
		if (before == NULL || !same_reason(before, recipient))
			buf_add_str(out, "\r\n");
		add_quoted(out, 2, recipient->address);
		before = recipient;
	}
	if (before != NULL)
		add_reason(r, before, out);
	buf_add_str(out, "\r\n");
}

/* A name as one word in quotes, so that no line can begin with what is in it. */
static void add_name(struct buf *out, const char *name)
{
	buf_add_char(out, '\'');
	size_t from = out->len;
	report_ascii(out, slice_of(name), REPORT_WORDS);
	for (size_t i = from; i < out->len; i++) {
		if (out->data[i] == ' ')
			out->data[i] = '?';
	}
	buf_add_char(out, '\'');
}

static void add_origin(const struct report *r, enum report_form returned, struct buf *out)
{
	struct buf line = { 0 };
	buf_add_str(&line, "The message came to ");
	add_name(&line, r->host);
	if (r->arrived != 0) {
		buf_add_str(&line, " on ");
		date_write(&line, r->arrived);
	}
	buf_add_str(&line, ", and is called ");
	add_name(&line, r->parent_id);
	buf_add_str(&line, " in the log.");
	buf_add_str(&line, enclosed[returned]);
	report_wrap(out, 0, 0, buf_slice(&line));
	buf_release(&line);
	add_line(out, "A program wrote this report, and nobody reads answers to it.");
}

void report_text_write(const struct report *r, enum report_form returned, struct buf *out)
{
	add_opening(r, out);
	add_recipients(r, out);
	add_origin(r, returned, out);
}
