/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/fit.h"

#include "message/header.h"
#include "message/header_ascii.h"
#include "message/mime.h"
#include "message/path.h"

#include <inttypes.h>
#include <string.h>

static int too_large(const struct message *m, const struct capabilities *caps,
		     struct status *st)
{
	static const unsigned short enhanced[3] = { 5, 3, 4 };
	status_set(st, STATUS_REJECTED,
		   "the size of the message is %" PRIu64 " octets, the server takes %" PRIu64,
		   m->facts.size, caps->size_limit);
	memcpy(st->enhanced, enhanced, sizeof st->enhanced);
	return -1;
}

static int needs_utf8(const char *address, struct status *st)
{
	static const unsigned short enhanced[3] = { 5, 6, 7 };
	status_set(st, STATUS_BAD_MESSAGE,
		   "cannot send to or from '%s': the server does not offer SMTPUTF8", address);
	memcpy(st->enhanced, enhanced, sizeof st->enhanced);
	return -1;
}

static int ungranted(struct status *st, enum status_kind kind, const char *key,
		     const char *keyword)
{
	status_set(st, kind, "the server does not offer %s", keyword);
	return status_hint(st, "the key %s asks for it; nothing was sent", key);
}

static int fit_wishes(const struct wishes *w, const struct session *s, struct status *st)
{
	const struct capabilities *caps = &s->caps;
	bool held = caps->futurerelease &&
		    (caps->hold_limit == 0 || (uint64_t)w->hold_for <= caps->hold_limit);
	bool in_time = caps->deliverby && (uint64_t)w->deliver_by >= caps->deliverby_least;
	if (w->require_tls && !(caps->requiretls && s->is_protected))
		return ungranted(st, STATUS_NOT_SECURE, "require-tls", "REQUIRETLS");
	if (w->hold_for != 0 && !held)
		return ungranted(st, STATUS_REJECTED, "hold-for",
				 "FUTURERELEASE for that long");
	if (w->deliver_by != 0 && !in_time)
		return ungranted(st, STATUS_REJECTED, "deliver-by", "DELIVERBY in that time");
	if (w->priority != 0 && !caps->mtpriority)
		return ungranted(st, STATUS_REJECTED, "priority", "MT-PRIORITY");
	return 0;
}

static int read_header(const struct message *m, struct header *h, struct status *st)
{
	struct buf section = { 0 }, scratch = { 0 };
	struct slice piece;
	int result = 0;
	while (result == 0 && section.len < m->head.size) {
		result = store_read(&m->content, section.len, &scratch, &piece, st);
		if (result == 0)
			buf_add_slice(&section,
				      slice_cut(piece, 0, m->head.size - section.len));
	}
	if (result == 0)
		result =
			header_parse(h, slice_cut(buf_slice(&section), 0, section.len - 2), st);
	buf_release(&section);
	buf_release(&scratch);
	return result;
}

static int copy_body(const struct message *from, struct store *to, struct status *st)
{
	struct buf scratch = { 0 };
	struct slice piece;
	uint64_t offset = from->head.size;
	int result;
	do {
		result = store_read(&from->content, offset, &scratch, &piece, st);
		if (result == 0)
			result = store_add(to, piece, st);
		offset += piece.len;
	} while (result == 0 && piece.len != 0);
	buf_release(&scratch);
	return result;
}

/* Give F the message with H in the place of its header section. */
static int rewrite(struct fitted *f, const struct message *m, const struct header *h,
		   struct status *st)
{
	struct buf text = { 0 };
	header_write(h, &text);
	buf_add_str(&text, "\r\n");
	f->message.head = (struct facts){ 0 };
	facts_add(&f->message.head, buf_slice(&text));
	int result = store_add(&f->rewritten, buf_slice(&text), st);
	buf_release(&text);
	if (result == 0)
		result = copy_body(m, &f->rewritten, st);
	f->message.content = f->rewritten;
	f->message.facts = facts_sum(&f->message.head, &f->message.body);
	return result;
}

/*
 * A header section that is not ASCII is made so, because that can be read everywhere. It stays
 * as it is where the server knows SMTPUTF8, and an address needs that or a signature would
 * break.
 */
static int fit_header(struct fitted *f, const struct message *m, const struct session *s,
		      struct status *st)
{
	struct header h = { 0 };
	int result = read_header(m, &h, st);
	if (result == 0) {
		bool keep =
			header_needs_utf8(&h) || header_find(&h, "DKIM-Signature", 0) != NULL;
		if (s->caps.smtputf8 && keep)
			f->message.smtputf8 = true;
		else if (header_ascii(&h, st) != 0)
			result = -1;
		else
			result = rewrite(f, m, &h, st);
	}
	header_release(&h);
	return result;
}

static bool needs_encoding(const struct message *m, const struct capabilities *caps)
{
	return m->facts.nul || m->facts.longest_line > MIME_LINE ||
	       (m->facts.eight_bit && !caps->eightbitmime);
}

static int encode(struct fitted *f, const struct session *s, struct status *st)
{
	if (convert_plan(&f->convert, &f->message.content, !s->caps.eightbitmime, st) != 0)
		return -1;
	f->message.facts = f->convert.facts;
	f->message.converted = &f->convert;
	tap_note(s->tap, "parts of the message are encoded anew for this server%s",
		 f->convert.breaks_dkim ? ", which breaks its DKIM signature" : "");
	return 0;
}

static bool names_utf8(const struct envelope *e)
{
	bool found = !address_is_ascii(e->sender);
	for (size_t i = 0; i < e->count && !found; i++)
		found = !e->at[i].decided && !address_is_ascii(e->at[i].address);
	return found;
}

int fit_message(struct fitted *f, const struct message *message, const struct envelope *e,
		const struct session *s, struct status *st)
{
	*f = (struct fitted){ .message = *message };
	store_init(&f->rewritten);
	f->message.smtputf8 = names_utf8(e);
	if (fit_wishes(&e->wishes, s, st) != 0)
		return -1;
	if (f->message.smtputf8 && !s->caps.smtputf8)
		return needs_utf8(e->sender, st);
	if (message->head.eight_bit && fit_header(f, message, s, st) != 0)
		return -1;
	if (needs_encoding(&f->message, &s->caps) && encode(f, s, st) != 0)
		return -1;
	if (s->caps.size_limit != 0 && f->message.facts.size > s->caps.size_limit)
		return too_large(&f->message, &s->caps, st);
	return 0;
}

void fit_release(struct fitted *f)
{
	store_release(&f->rewritten);
	convert_release(&f->convert);
}

void fit_recipients(struct envelope *e, const struct session *s)
{
	for (size_t i = 0; i < e->count && !s->caps.smtputf8; i++) {
		struct status st;
		if (e->at[i].decided || address_is_ascii(e->at[i].address))
			continue;
		needs_utf8(e->at[i].address, &st);
		st.stage = STAGE_RCPT;
		recipient_decide(&e->at[i], &st);
	}
}
