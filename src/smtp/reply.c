/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/reply.h"

#include "base/number.h"
#include "smtp/redact.h"

#include <string.h>

void reply_release(struct reply *r)
{
	buf_release_secret(&r->text);
	*r = (struct reply){ 0 };
}

void reply_reset(struct reply *r)
{
	struct buf text = r->text;
	buf_reset(&text);
	*r = (struct reply){ .text = text };
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* Three digits between 200 and 559 (RFC 5321, 4.2.1: 2-5, then 0-5), or 0. */
static unsigned short code_of(struct slice line)
{
	if (line.len < 3 || !is_digit(line.data[0]) || !is_digit(line.data[1]) ||
	    !is_digit(line.data[2]))
		return 0;
	int code = (line.data[0] - '0') * 100 + (line.data[1] - '0') * 10 + line.data[2] - '0';
	return code >= 200 && code <= 559 ? (unsigned short)code : 0;
}

/*
 * Length of what a line of a reply begins with: "250 " or "250-" or, at the end of the line,
 * "250"; 0 if it does not.
 */
static size_t head_of(struct slice line)
{
	bool parted = line.len <= 3 || line.data[3] == ' ' || line.data[3] == '-';
	return parted && code_of(line) != 0 ? 4 : 0;
}

/* One to three digits at *AT, then END (0: a blank or nothing). */
static bool number(struct slice s, size_t *at, char end, unsigned short *value)
{
	size_t digits = 0;
	for (*value = 0; *at < s.len && is_digit(s.data[*at]) && digits < 3; digits++)
		*value = (unsigned short)(*value * 10 + (s.data[(*at)++] - '0'));
	if (digits == 0)
		return false;
	if (end == 0)
		return *at == s.len || s.data[*at] == ' ' || s.data[*at] == '\n';
	return *at < s.len && s.data[(*at)++] == end;
}

/* Length of the enhanced status code that TEXT begins with, 0 if it does not. */
static size_t enhanced_of(struct slice text, unsigned short into[3])
{
	size_t at = 0;
	bool found = number(text, &at, '.', &into[0]) && number(text, &at, '.', &into[1]) &&
		     number(text, &at, 0, &into[2]);
	return found ? at : 0;
}

static int broken(struct status *st, struct slice line, const char *why)
{
	struct buf shown = { 0 };
	text_printable(&shown, line, 100);
	status_set(st, STATUS_BROKEN_PEER, "%s: '%s'", why, buf_str(&shown));
	buf_release(&shown);
	return -1;
}

int reply_line(struct reply *r, struct slice line, struct status *st)
{
	if (head_of(line) == 0)
		return broken(st, line, "the server's answer is no SMTP reply");
	unsigned short code = code_of(line);
	if (r->lines != 0 && code != r->code)
		return broken(st, line, "the server mixed reply codes in one reply");
	if (r->lines == REPLY_MAX_LINES || r->text.len + line.len > REPLY_MAX_BYTES)
		return broken(st, line, "the server's reply has no end");

	struct slice text = slice_cut(line, 4, line.len);
	if (r->lines++ != 0)
		buf_add_char(&r->text, '\n');
	buf_add_slice(&r->text, text);
	r->code = code;
	r->complete = line.len == 3 || line.data[3] == ' ';

	unsigned short enhanced[3];
	bool agrees = enhanced_of(text, enhanced) != 0 && enhanced[0] == code / 100;
	if (r->enhanced[0] == 0 && agrees)
		memcpy(r->enhanced, enhanced, sizeof enhanced);
	return 0;
}

/* Append LINE without secrets; its code stays a code, whatever a password looks like. */
static void add_redacted(struct buf *out, struct slice line, const struct strings *secrets)
{
	size_t code = out->len + head_of(line);
	buf_add_slice(out, line);
	redact(out, code, secrets);
}

/*
 * AUTH's challenges (RFC 4954, 4) carry what passwords can be tried on without the server, as
 * SCRAM's do, and are no words for people.
 */
static void tell(const struct tap *tap, struct slice line)
{
	struct slice code = slice_cut(line, 0, 4);
	bool challenge = line.len > 4 && (slice_is(code, "334 ") || slice_is(code, "334-"));
	if (challenge)
		line = slice_of(slice_is(code, "334 ") ? "334 " TAP_SECRET : "334-" TAP_SECRET);
	tap_line(tap, TAP_RECEIVED, line);
}

bool reply_is_there(struct slice bytes)
{
	while (slice_find(bytes, '\n') < bytes.len) {
		bool goes_on = head_of(bytes) != 0 && bytes.data[3] == '-';
		if (!goes_on)
			return true;
		bytes = slice_cut(bytes, slice_find(bytes, '\n') + 1, bytes.len);
	}
	return false;
}

int reply_read(struct reply *r, struct stream *s, const struct tap *tap,
	       const struct strings *secrets, struct status *st)
{
	struct buf shown = { 0 };
	int result = 0;
	reply_reset(r);
	while (result == 0 && !r->complete) {
		struct slice line;
		result = stream_getline(s, REPLY_MAX_LINE, &line, st);
		if (result != 0)
			break;
		buf_reset(&shown);
		add_redacted(&shown, line, secrets);
		tell(tap, buf_slice(&shown));
		result = reply_line(r, buf_slice(&shown), st);
	}
	buf_release_secret(&shown);
	return result;
}

/* The lines after the first mostly repeat the enhanced code; once is enough for a reader. */
static struct slice without_enhanced(struct slice line)
{
	unsigned short ignored[3];
	size_t len = enhanced_of(line, ignored);
	return slice_trim(slice_cut(line, len, line.len));
}

void reply_show(const struct reply *r, struct buf *out, size_t limit)
{
	struct buf joined = { 0 };
	struct slice rest = buf_slice(&r->text), line;
	for (size_t n = 0; slice_next(&rest, '\n', &line); n++) {
		struct slice text = n == 0 ? slice_trim(line) : without_enhanced(line);
		if (text.len == 0)
			continue;
		buf_add_char(&joined, ' ');
		buf_add_slice(&joined, text);
	}
	number_add(out, 10, 1, r->code);
	text_printable(out, buf_slice(&joined), limit > 3 ? limit - 3 : 0);
	buf_release(&joined);
}
