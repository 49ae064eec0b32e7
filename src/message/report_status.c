/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/report_status.h"

#include "base/utf8.h"
#include "message/date.h"
#include "message/path.h"
#include "message/report_words.h"

#include <string.h>

enum {
	VALUE = 900, /* of a field in one line, so that the line has at most 998 octets */
};

static const struct {
	const char *action;
	char class;          /* that all its status codes have (RFC 3464, 2.3.4) */
	const char *instead; /* of the rest of a code of another class; NULL: that */
} kinds[REPORT_KINDS] = {
	[REPORT_FAILED] = { "failed", '5', NULL },
	[REPORT_DELAYED] = { "delayed", '4', NULL },
	[REPORT_RELAYED] = { "relayed", '2', ".0.0" },
};

static void add_field(struct buf *out, const char *name, struct slice value)
{
	buf_add_str(out, name);
	report_ascii(out, value, VALUE);
	buf_add_str(out, "\r\n");
}

static void add_date(struct buf *out, const char *name, time_t when)
{
	if (when == 0)
		return;
	buf_add_str(out, name);
	date_write(out, when);
	buf_add_str(out, "\r\n");
}

/* A character of valid UTF-8, LEN bytes long, as its number. */
static unsigned long code_point(const char *text, size_t len)
{
	static const unsigned char lead[] = { 0, 0x7f, 0x1f, 0x0f, 0x07 };
	unsigned long c = (unsigned char)text[0] & lead[len];
	for (size_t i = 1; i < len; i++)
		c = c << 6 | ((unsigned char)text[i] & 0x3f);
	return c;
}

/* The form that 7-bit fields need, utf-8-addr-xtext (RFC 6533, 3). */
static void add_utf8_address(struct buf *out, struct slice address)
{
	size_t end = out->len + VALUE;
	while (address.len != 0 && out->len + sizeof "\\x{10FFFF}" <= end) {
		char c = address.data[0];
		bool wide = (unsigned char)c > 127;
		size_t len = wide ? utf8_length(address) : 1;
		bool plain = !wide && c > ' ' && c != 0x7f && strchr("+=\\", c) == NULL;
		if (plain)
			buf_add_char(out, c);
		else if (len == 0)
			buf_add_char(out, '?');
		else
			buf_addf(out, "\\x{%02lX}", code_point(address.data, len));
		address = slice_cut(address, len != 0 ? len : 1, address.len);
	}
}

static void add_address(struct buf *out, const char *address)
{
	bool ascii = address_is_ascii(address);
	buf_add_str(out, ascii ? "Final-Recipient: rfc822; " : "Final-Recipient: utf-8; ");
	if (ascii)
		report_ascii(out, slice_of(address), VALUE);
	else
		add_utf8_address(out, slice_of(address));
	buf_add_str(out, "\r\n");
}

/*
 * The status code of the last try, in the class that the action has: what a server calls
 * permanent may be tried again all the same, if it refused our login for example.
 */
static void add_code(const struct report *r, const struct recipient *recipient, struct buf *out)
{
	struct status st = { .kind = recipient->kind };
	struct buf code = { 0 };
	memcpy(st.enhanced, recipient->enhanced, sizeof st.enhanced);
	status_enhanced(&st, &code);
	const char class = kinds[r->kind].class;
	const char *rest = strchr(code.data, '.');
	if (report_gave_up(r, recipient))
		rest = ".4.7"; /* delivery time expired (RFC 3463, 3.5) */
	else if (code.data[0] != class && kinds[r->kind].instead != NULL)
		rest = kinds[r->kind].instead;
	buf_addf(out, "Status: %c%s\r\n", class, rest);
	buf_release(&code);
}

/* A socket's path is no name that "dns" could mean. */
static void add_peer(struct buf *out, const struct recipient *recipient)
{
	struct slice peer = report_peer(recipient);
	if (peer.len != 0 && slice_find(peer, '/') == peer.len)
		add_field(out, "Remote-MTA: dns; ", peer);
}

static void add_diagnostic(struct buf *out, const struct recipient *recipient)
{
	const char *name = recipient->code != 0 ? "Diagnostic-Code: smtp;"
						: "Diagnostic-Code: x-postrider;";
	struct buf reason = { 0 }, ascii = { 0 };
	if (recipient->reply == NULL)
		return;
	report_reason(recipient, &reason);
	report_ascii(&ascii, buf_slice(&reason), REPORT_WORDS);
	buf_add_str(out, name);
	report_wrap(out, 1, strlen(name), buf_slice(&ascii));
	buf_release(&reason);
	buf_release(&ascii);
}

static void add_recipient(const struct report *r, const struct recipient *recipient,
			  struct buf *out)
{
	buf_add_str(out, "\r\n");
	add_address(out, recipient->address);
	buf_addf(out, "Action: %s\r\n", kinds[r->kind].action);
	add_code(r, recipient, out);
	add_peer(out, recipient);
	add_diagnostic(out, recipient);
	add_date(out, "Last-Attempt-Date: ", r->attempted);
	if (r->kind == REPORT_DELAYED)
		add_date(out, "Will-Retry-Until: ", r->expires);
}

void report_status_write(const struct report *r, struct buf *out)
{
	const struct envelope *e = r->envelope;
	if (e->envid != NULL)
		add_field(out, "Original-Envelope-Id: ", slice_of(e->envid));
	add_field(out, "Reporting-MTA: dns; ", slice_of(r->host));
	add_date(out, "Arrival-Date: ", r->arrived);
	for (size_t i = 0; i < e->count; i++) {
		if (report_is_about(r, i))
			add_recipient(r, &e->at[i], out);
	}
}
