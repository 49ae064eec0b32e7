/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever servers, senders and the original say: the report is well-formed, is about whom it
 * should be, says about them what it should, and can be sent to every server.
 *
 * Input: a line each for the options (kind and RET), the sender, a recipient, the reply, who
 * said it, the hint and the ENVID, in which a VT stands for an LF; then the original.
 */
#include "message/report.h"
#include "message/report_check.h"

#include "base/mem.h"
#include "base/utf8.h"

#include <stdlib.h>
#include <string.h>

#define ID "06DNGP8ZS5XJ4K2W7QH3M9AB"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static char *take_line(struct slice *rest)
{
	struct slice line = { 0 };
	slice_next(rest, '\n', &line);
	char *text = slice_copy(line);
	for (char *c = text; *c != '\0'; c++)
		*c = *c == '\v' ? '\n' : *c;
	return text;
}

static void take_envelope(struct slice *rest, struct report *r, struct envelope *e)
{
	static const char *const ret[] = { NULL, "HDRS", "FULL" };
	char *options = take_line(rest);
	unsigned number = (unsigned char)options[0];
	r->kind = number % REPORT_KINDS;
	e->ret = ret[number / 3 % 3];
	e->sender = take_line(rest);
	char *address = take_line(rest);
	envelope_add(e, address);
	e->at[0].kind = number / 9 % STATUS_KINDS;
	e->at[0].code = (unsigned short)(options[0] != '\0' ? atoi(options + 1) : 0);
	e->at[0].enhanced[0] = e->at[0].code / 100;
	e->at[0].reply = take_line(rest);
	e->at[0].peer = take_line(rest);
	e->at[0].hint = take_line(rest);
	e->envid = take_line(rest);
	free(options);
	free(address);
}

/* The original, canonical as it is stored. */
static uint64_t take_original(struct slice text, struct buf *original, struct store *s)
{
	struct lines l = { 0 };
	struct status st;
	if (text.len != 0)
		lines_feed(&l, text, original);
	lines_finish(&l, original);
	demand(store_add(s, buf_slice(original), &st) == 0);
	const char *end = original->len != 0
				  ? memmem(original->data, original->len, "\r\n\r\n", 4)
				  : NULL;
	return end != NULL ? (uint64_t)(end - original->data) + 4 : 0;
}

static void demand_field(const struct header *h, const char *name, const char *value)
{
	struct buf is = { 0 };
	demand(report_field(h, name, &is) == 0 && slice_starts_nocase(buf_slice(&is), value));
	buf_release(&is);
}

static void check_recipient(const struct report *r, const struct header *h)
{
	static const char *const actions[] = { "failed", "delayed", "relayed" };
	static const char *const classes[] = { "5.", "4.", "2." };
	const char *address = r->envelope->at[0].address;
	demand_field(h, "Action", actions[r->kind]);
	demand_field(h, "Status", classes[r->kind]);
	demand_field(h, "Final-Recipient",
		     ascii_only(slice_of(address)) ? "rfc822;" : "utf-8;");
}

/* Nobody is told who got a blind copy, and what could come back as it was did so. */
static void check_original(const struct report *r, const struct report_parts *p,
			   struct slice original)
{
	struct header before = { 0 }, after = { 0 };
	struct facts facts = { 0 };
	struct status st;
	struct slice back = buf_slice(&p->original);
	const char *end = back.len != 0 ? memmem(back.data, back.len, "\r\n\r\n", 4) : NULL;
	size_t len = end != NULL ? (size_t)(end - back.data) + 2 : back.len;
	demand(header_parse(&after, slice_cut(back, 0, len), &st) == 0);
	demand(header_find(&after, "Bcc", 0) == NULL);
	demand(header_find(&after, "Resent-Bcc", 0) == NULL);
	facts_add(&facts, original);
	demand(header_parse(&before, slice_cut(original, 0, r->head_size - 2), &st) == 0);
	bool clean = !facts.eight_bit && !facts.nul && facts.longest_line <= 998 &&
		     header_remove(&before, "Bcc") + header_remove(&before, "Resent-Bcc") == 0;
	if (clean && end != NULL)
		demand(back.len == original.len &&
		       memcmp(back.data, original.data, back.len) == 0);
	header_release(&before);
	header_release(&after);
}

static void read_back(const struct store *s, struct buf *out)
{
	struct buf scratch = { 0 };
	struct status st;
	struct slice piece;
	do {
		demand(store_read(s, out->len, &scratch, &piece, &st) == 0);
		buf_add_slice(out, piece);
	} while (piece.len != 0);
	buf_release(&scratch);
}

static void check(const struct report *r, struct slice original)
{
	struct message m = { 0 };
	struct status st;
	struct buf text = { 0 };
	struct report_parts p = { 0 };
	store_init(&m.content);
	demand(report_write(r, &m, &st) == 0);
	read_back(&m.content, &text);
	demand(report_parts_read(&p, buf_slice(&text)) == NULL && p.count == 1);
	check_recipient(r, &p.recipients[0]);
	if (p.original_fields.count != 0)
		check_original(r, &p, original);
	demand(m.facts.size == text.len && m.facts.longest_line <= 998 && !m.facts.nul);
	demand(!m.body.eight_bit);
	demand(!m.head.eight_bit || !ascii_only(slice_of(r->to)));
	report_parts_release(&p);
	buf_release(&text);
	store_release(&m.content);
	free(m.id);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_n((const char *)data, size);
	struct envelope e = { 0 };
	struct store s;
	struct buf original = { 0 };
	struct report r = { .id = ID,
			    .host = "mail.x.test",
			    .from = "MAILER-DAEMON@x.test",
			    .now = 1795323903,
			    .arrived = 1795320303,
			    .expires = 1795410303,
			    .envelope = &e,
			    .original = &s };
	store_init(&s);
	take_envelope(&rest, &r, &e);
	/* Nobody knew the id when the original was written. */
	if (rest.len != 0 && memmem(rest.data, rest.len, ID, sizeof ID - 1) != NULL)
		rest.len = 0;
	r.to = r.parent_id = e.sender;
	r.head_size = take_original(rest, &original, &s);
	check(&r, buf_slice(&original));
	envelope_release(&e);
	store_release(&s);
	buf_release(&original);
	return 0;
}
