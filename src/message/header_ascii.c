/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/header_ascii.h"

#include "base/utf8.h"
#include "message/address.h"
#include "message/ascii_tokens.h"
#include "message/ascii_writer.h"
#include "message/lines.h"
#include "message/parameter_ascii.h"
#include "message/path.h"

#include <string.h>

enum {
	LINE_MAX_OCTETS = 998, /* RFC 5322, 2.1.1 */
	NAME_EXCERPT = 60,
};

/* RFC 6531, 4.2 */
static const unsigned short bad_header[] = { 5, 6, 9 };

enum field_kind {
	KIND_TEXT,       /* free text, as is every field that we do not know */
	KIND_ADDRESSES,  /* an address list */
	KIND_PHRASES,    /* words and commas, and perhaps something between < and > */
	KIND_PARAMETERS, /* a value, and parameters behind semicolons */
	KIND_STRICT,     /* ASCII by its nature, and somebody's work depends on it */
	KIND_TRACE,      /* a record of what was */
};

static const struct known_field {
	const char *name;
	enum field_kind kind;
} known_fields[] = {
	{ "From", KIND_ADDRESSES },
	{ "Sender", KIND_ADDRESSES },
	{ "Reply-To", KIND_ADDRESSES },
	{ "To", KIND_ADDRESSES },
	{ "Cc", KIND_ADDRESSES },
	{ "Bcc", KIND_ADDRESSES },
	{ "Resent-From", KIND_ADDRESSES },
	{ "Resent-Sender", KIND_ADDRESSES },
	{ "Resent-Reply-To", KIND_ADDRESSES },
	{ "Resent-To", KIND_ADDRESSES },
	{ "Resent-Cc", KIND_ADDRESSES },
	{ "Resent-Bcc", KIND_ADDRESSES },
	{ "Apparently-To", KIND_ADDRESSES },
	{ "Disposition-Notification-To", KIND_ADDRESSES },
	{ "Errors-To", KIND_ADDRESSES },
	{ "Mail-Followup-To", KIND_ADDRESSES },
	{ "Mail-Reply-To", KIND_ADDRESSES },
	{ "Return-Receipt-To", KIND_ADDRESSES },
	{ "Keywords", KIND_PHRASES },
	{ "List-Id", KIND_PHRASES },
	{ "Content-Type", KIND_PARAMETERS },
	{ "Content-Disposition", KIND_PARAMETERS },
	{ "ARC-Message-Signature", KIND_STRICT },
	{ "ARC-Seal", KIND_STRICT },
	{ "Content-ID", KIND_STRICT },
	{ "Content-Transfer-Encoding", KIND_STRICT },
	{ "Date", KIND_STRICT },
	{ "DKIM-Signature", KIND_STRICT },
	{ "In-Reply-To", KIND_STRICT },
	{ "List-Archive", KIND_STRICT },
	{ "List-Help", KIND_STRICT },
	{ "List-Owner", KIND_STRICT },
	{ "List-Post", KIND_STRICT },
	{ "List-Subscribe", KIND_STRICT },
	{ "List-Unsubscribe", KIND_STRICT },
	{ "List-Unsubscribe-Post", KIND_STRICT },
	{ "Message-ID", KIND_STRICT },
	{ "MIME-Version", KIND_STRICT },
	{ "References", KIND_STRICT },
	{ "Resent-Date", KIND_STRICT },
	{ "Resent-Message-ID", KIND_STRICT },
	{ "ARC-Authentication-Results", KIND_TRACE },
	{ "Authentication-Results", KIND_TRACE },
	{ "Delivered-To", KIND_TRACE },
	{ "Received", KIND_TRACE },
	{ "Received-SPF", KIND_TRACE },
	{ "Return-Path", KIND_TRACE },
};

static enum field_kind kind_of(const struct field *f)
{
	for (size_t i = 0; i < sizeof known_fields / sizeof *known_fields; i++) {
		if (slice_is_nocase(field_name(f), known_fields[i].name))
			return known_fields[i].kind;
	}
	return KIND_TEXT;
}

static int write_text(struct ascii_writer *w, struct slice body, struct status *st)
{
	(void)st;
	ascii_writer_text(w, body);
	return 0;
}

static int write_addresses(struct ascii_writer *w, struct slice body, struct status *st)
{
	struct mailboxes list = { 0 };
	struct status unread;
	int result;
	if (address_parse_list(body, &list, &unread) == 0)
		result = ascii_tokens_addresses(w, body, &list, st);
	else
		result = write_text(w, body, st);
	mailboxes_release(&list);
	return result;
}

static int write_phrases(struct ascii_writer *w, struct slice body, struct status *st)
{
	return ascii_tokens_readable(body) ? ascii_tokens_phrases(w, body, st)
					   : write_text(w, body, st);
}

static int write_parameters(struct ascii_writer *w, struct slice body, struct status *st)
{
	return ascii_tokens_readable(body) ? parameter_ascii(w, body, st)
					   : ascii_tokens_refuse(slice_trim(body), st);
}

static int write_strict(struct ascii_writer *w, struct slice body, struct status *st)
{
	return ascii_tokens_readable(body) ? ascii_tokens_strict(w, body, st)
					   : ascii_tokens_refuse(slice_trim(body), st);
}

static int write_trace(struct ascii_writer *w, struct slice body, struct status *st)
{
	return ascii_tokens_readable(body) ? ascii_tokens_trace(w, body, st)
					   : write_text(w, body, st);
}

static int (*const writers[])(struct ascii_writer *w, struct slice body, struct status *st) = {
	[KIND_TEXT] = write_text,       [KIND_ADDRESSES] = write_addresses,
	[KIND_PHRASES] = write_phrases, [KIND_PARAMETERS] = write_parameters,
	[KIND_STRICT] = write_strict,   [KIND_TRACE] = write_trace,
};

/* Put the name of F, and what helps, to the sentence of WHY. */
static int report(const struct field *f, const struct status *why, struct status *st)
{
	struct slice name = slice_cut(field_name(f), 0, NAME_EXCERPT);
	status_set(st, why->kind, "%.400s, in the field '%.*s'", why->text, (int)name.len,
		   name.data);
	memcpy(st->enhanced, why->enhanced, sizeof st->enhanced);
	if (why->kind != STATUS_BAD_MESSAGE)
		return -1;
	if (st->enhanced[0] == 0)
		memcpy(st->enhanced, bad_header, sizeof bad_header);
	return ascii_only(field_body(f))
		       ? -1
		       : status_hint(st, "send it through a server that offers SMTPUTF8");
}

static bool has_long_line(const struct field *f)
{
	struct facts facts = { 0 };
	facts_add(&facts, slice_n(f->text, f->len));
	return facts.longest_line > LINE_MAX_OCTETS;
}

static int make_ascii(struct field *f, struct status *st)
{
	struct ascii_writer w = { .column = f->body };
	struct status why = { 0 };
	struct buf before = { 0 };
	buf_add_slice(&before, field_body(f));
	int result = writers[kind_of(f)](&w, field_body(f), &why);
	if (result == 0) {
		ascii_writer_finish(&w);
		field_replace_body(f, buf_slice(&w.out));
	}
	ascii_writer_release(&w);
	if (result == 0 && has_long_line(f)) {
		field_replace_body(f, buf_slice(&before));
		result = status_set(&why, STATUS_BAD_MESSAGE,
				    "cannot fold a line to 998 octets");
	}
	buf_release(&before);
	return result == 0 ? 0 : report(f, &why, st);
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t';
}

bool field_is_unfoldable(const struct field *f)
{
	size_t start = 0;
	for (size_t i = f->body; i < f->len; i++) {
		char before = f->text[i - 1], here = f->text[i];
		if (before == '\n' || (is_blank(here) && !is_blank(before)))
			start = i;
		if (here != '\r' && here != '\n' && i - start >= LINE_MAX_OCTETS)
			return true;
	}
	return false;
}

int header_ascii(struct header *h, struct status *st)
{
	for (size_t i = 0; i < h->count; i++) {
		struct field *f = &h->at[i];
		bool stays = ascii_only(field_body(f)) && !field_is_unfoldable(f);
		if (!stays && make_ascii(f, st) != 0)
			return -1;
	}
	return 0;
}

static bool any_local_part_needs_utf8(struct slice body)
{
	struct mailboxes list = { 0 };
	struct status unread;
	bool any = false;
	if (address_parse_list(body, &list, &unread) == 0) {
		for (size_t i = 0; i < list.count; i++)
			any = any || !address_is_ascii(list.at[i].local);
	}
	mailboxes_release(&list);
	return any;
}

bool header_needs_utf8(const struct header *h)
{
	for (size_t i = 0; i < h->count; i++) {
		const struct field *f = &h->at[i];
		struct slice body = field_body(f);
		if (!ascii_only(body) && kind_of(f) == KIND_ADDRESSES &&
		    any_local_part_needs_utf8(body))
			return true;
	}
	return false;
}
