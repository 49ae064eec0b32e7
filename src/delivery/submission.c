/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/submission.h"

#include "base/identity.h"
#include "base/input.h"
#include "base/mem.h"
#include "delivery/addressing.h"
#include "message/fixup.h"
#include "message/idn.h"
#include "message/intake.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

enum { PIECE = 256 * 1024 };

/* The caller's side: where bytes come from, and whether there are more. */
struct source {
	int fd;
	bool terminal; /* a lone dot ends the message */
	bool ended;
	char *piece; /* owned, PIECE bytes */
	struct intake intake;
};

void submission_init(struct submission *s, const struct request *r, const struct config *c)
{
	*s = (struct submission){ .request = r, .config = c };
	store_init(&s->message.content);
}

void submission_release(struct submission *s)
{
	buf_release(&s->domain);
	aliasing_release(&s->aliasing);
	envelope_release(&s->envelope);
	store_release(&s->message.content);
	free(s->message.id);
}

static int read_piece(struct source *src, struct status *st)
{
	ssize_t n = input_read(src->fd, src->piece, PIECE);
	if (n < 0)
		return status_sys(st, STATUS_DISK, errno, "cannot read the message");
	if (n == 0) {
		src->ended = true;
		return intake_finish(&src->intake, st);
	}
	if (intake_feed(&src->intake, slice_n(src->piece, (size_t)n), st) != 0)
		return -1;
	if (src->terminal && !src->intake.dot_is_data && intake_at_dot(&src->intake)) {
		src->ended = true;
		return intake_finish(&src->intake, st);
	}
	return 0;
}

static int check_size(const struct submission *s, struct status *st)
{
	int64_t limit = s->account->max_size;
	if (limit == 0 || s->message.content.size <= (uint64_t)limit)
		return 0;
	status_set(st, STATUS_BAD_MESSAGE, "the message has more than %" PRId64 " octets",
		   limit);
	return status_hint(st, "see the key max-size");
}

static int store(struct submission *s, struct slice piece, struct status *st)
{
	if (store_add(&s->message.content, piece, st) != 0)
		return -1;
	return check_size(s, st);
}

static bool find_sender_alias(const void *aliasing, const struct mailbox *m, struct buf *out)
{
	return aliasing_sender(aliasing, m, out);
}

/* Append the address that a From is rewritten to: the account's, else the envelope's. */
static void add_own_address(const struct submission *s, struct buf *out)
{
	const char *own = account_sender(s->account);
	struct status unsent;
	if (own == NULL || idn_path(own, out, &unsent) != 0)
		buf_add_str(out, s->envelope.sender);
}

static void fix_header(const struct submission *s, struct header *h)
{
	const struct account *a = s->account;
	const struct request *r = s->request;
	const struct renaming renaming = { find_sender_alias, &s->aliasing };
	struct buf own = { 0 }, host = { 0 };
	add_own_address(s, &own);
	if (a->rewrite_from == FROM_MISSING)
		identity_host(&host);
	struct fixup f = {
		.domain = buf_str(&s->domain),
		.id_domain = buf_str(&s->domain),
		.from = a->rewrite_from == FROM_STAYS ? s->envelope.sender : buf_str(&own),
		.from_name = r->full_name != NULL ? r->full_name : a->from_name,
		.remove = &a->remove_headers,
		.renaming = &renaming,
		.rewrite = { a->rewrite_from, buf_str(&own), buf_str(&host),
			     a->reply_to_original },
		.undisclosed = a->undisclosed_recipients,
	};
	fixup_apply(h, &f);
	buf_release(&own);
	buf_release(&host);
}

static void note_id(struct message *m, const struct header *h)
{
	const struct field *id = header_find(h, "Message-ID", 0);
	if (id != NULL)
		m->id = slice_copy(slice_trim(field_body(id)));
}

static int store_header(struct submission *s, const struct header *h, struct status *st)
{
	struct buf text = { 0 };
	header_write(h, &text);
	buf_add_str(&text, "\r\n");
	facts_add(&s->message.head, buf_slice(&text));
	int result = store(s, buf_slice(&text), st);
	buf_release(&text);
	return result;
}

/* All that depends on the header section. */
static int take_header(struct submission *s, const struct buf *head, struct status *st)
{
	struct header h = { 0 };
	int result = header_parse(&h, buf_slice(head), st);
	if (result == 0) {
		s->account = addressing_account(s->request, s->config, &h, st);
		result = s->account != NULL ? 0 : -1;
	}
	if (result == 0) {
		addressing_domain(s->account, &s->domain);
		result = aliasing_open(&s->aliasing, s->account, buf_str(&s->domain), st);
	}
	if (result == 0)
		result = addressing_envelope(s->request, &s->aliasing, &h, &s->envelope, st);
	if (result == 0) {
		fix_header(s, &h);
		note_id(&s->message, &h);
		result = store_header(s, &h, st);
	}
	header_release(&h);
	return result;
}

static int take_body(struct submission *s, struct source *src, struct status *st)
{
	for (;;) {
		if (store(s, buf_slice(&src->intake.body), st) != 0)
			return -1;
		buf_reset(&src->intake.body);
		if (src->ended)
			return 0;
		if (read_piece(src, st) != 0)
			return -1;
	}
}

static int read_message(struct submission *s, struct source *src, struct status *st)
{
	while (!src->intake.head_done) {
		if (read_piece(src, st) != 0)
			return -1;
	}
	if (take_header(s, &src->intake.head, st) != 0 || take_body(s, src, st) != 0)
		return -1;
	s->message.body = src->intake.lines.facts;
	s->message.facts = facts_sum(&s->message.head, &s->message.body);
	return 0;
}

int submission_read(struct submission *s, int fd, struct status *st)
{
	struct source src = { .fd = fd, .terminal = isatty(fd) == 1 };
	src.piece = mem_alloc(PIECE);
	src.intake.dot_is_data = s->request->dot_is_data;
	int result = read_message(s, &src, st);
	intake_release(&src.intake);
	free(src.piece);
	return result;
}
