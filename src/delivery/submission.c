/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/submission.h"

#include "base/clock.h"
#include "base/identity.h"
#include "base/input.h"
#include "base/mem.h"
#include "delivery/addressing.h"
#include "message/fixup.h"
#include "message/idn.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	PIECE = 256 * 1024,
	MOST_HOPS = 30, /* more servers than any message passes that has an end to its way */
};

void submission_init(struct submission *s, const struct request *r, const struct config *c)
{
	*s = (struct submission){ .request = r, .config = c };
	s->intake.dot_is_data = r->dot_is_data;
	queue_entry_init(&s->entry);
	s->entry.uid = getuid();
	s->entry.created = clock_wall();
	s->entry.next = s->entry.created;
}

void submission_release(struct submission *s)
{
	buf_release(&s->domain);
	aliasing_release(&s->aliasing);
	queue_entry_release(&s->entry);
	intake_release(&s->intake);
}

static int check_size(const struct submission *s, struct status *st)
{
	int64_t limit = s->account->max_size;
	if (limit == 0 || s->entry.message.content.size <= (uint64_t)limit)
		return 0;
	status_set(st, STATUS_BAD_MESSAGE, "the message has more than %" PRId64 " octets",
		   limit);
	memcpy(st->enhanced, (unsigned short[]){ 5, 3, 4 }, sizeof st->enhanced);
	return status_hint(st, "see the key max-size");
}

static int store(struct submission *s, struct slice piece, struct status *st)
{
	if (store_add(&s->entry.message.content, piece, st) != 0)
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
		buf_add_str(out, s->entry.envelope.sender);
}

static void fix_header(const struct submission *s, struct header *h)
{
	const struct account *a = s->account;
	const struct request *r = s->request;
	const struct renaming renaming = { find_sender_alias, &s->aliasing };
	struct buf own = { 0 }, host = { 0 }, id_domain = { 0 };
	add_own_address(s, &own);
	addressing_id_domain(buf_str(&s->domain), &id_domain);
	if (a->rewrite_from == FROM_MISSING)
		identity_host(&host);
	struct fixup f = {
		.domain = buf_str(&s->domain),
		.id_domain = buf_str(&id_domain),
		.from = a->rewrite_from == FROM_STAYS ? s->entry.envelope.sender
						      : buf_str(&own),
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
	buf_release(&id_domain);
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
	facts_add(&s->entry.message.head, buf_slice(&text));
	int result = store(s, buf_slice(&text), st);
	buf_release(&text);
	return result;
}

/* A program that is sent the mail which it sends has no other end (RFC 5321, 6.3). */
static int check_loop(const struct header *h, struct status *st)
{
	size_t hops = 0;
	for (size_t i = 0; i < h->count; i++)
		hops += slice_is_nocase(field_name(&h->at[i]), "Received");
	if (hops <= MOST_HOPS)
		return 0;
	status_set(st, STATUS_BAD_MESSAGE,
		   "the message went through %zu servers: it goes in circles", hops);
	memcpy(st->enhanced, (unsigned short[]){ 5, 4, 6 }, sizeof st->enhanced);
	return -1;
}

/* All that depends on the header section. */
static int take_header(struct submission *s, const struct buf *head, struct status *st)
{
	struct header h = { 0 };
	int result = header_parse(&h, buf_slice(head), st);
	if (result == 0)
		result = check_loop(&h, st);
	if (result == 0) {
		s->account = addressing_account(s->request, s->config, &h, st);
		result = s->account != NULL ? 0 : -1;
	}
	if (result == 0) {
		s->entry.account = mem_copy(s->account->name);
		addressing_domain(s->account, &s->domain);
		result = aliasing_open(&s->aliasing, s->account, buf_str(&s->domain), st);
	}
	if (result == 0)
		result = addressing_envelope(s->request, &s->aliasing, &h, &s->entry.envelope,
					     st);
	if (result == 0) {
		fix_header(s, &h);
		note_id(&s->entry.message, &h);
		if (s->addressed != NULL)
			s->addressed(s->context, s);
		result = store_header(s, &h, st);
	}
	header_release(&h);
	return result;
}

/* What came in goes where it belongs. */
static int take(struct submission *s, struct status *st)
{
	if (!s->intake.head_done)
		return 0;
	if (!s->head_taken && take_header(s, &s->intake.head, st) != 0)
		return -1;
	s->head_taken = true;
	if (store(s, buf_slice(&s->intake.body), st) != 0)
		return -1;
	buf_reset(&s->intake.body);
	return 0;
}

int submission_feed(struct submission *s, struct slice piece, struct status *st)
{
	return intake_feed(&s->intake, piece, st) != 0 ? -1 : take(s, st);
}

int submission_finish(struct submission *s, struct status *st)
{
	struct message *m = &s->entry.message;
	if (intake_finish(&s->intake, st) != 0 || take(s, st) != 0)
		return -1;
	m->body = s->intake.lines.facts;
	m->facts = facts_sum(&m->head, &m->body);
	return 0;
}

/* On a terminal a lone dot ends the message. */
static bool is_ended(const struct submission *s, bool terminal)
{
	return terminal && !s->intake.dot_is_data && intake_at_dot(&s->intake);
}

static int read_pieces(struct submission *s, int fd, char *piece, struct status *st)
{
	bool terminal = isatty(fd) == 1;
	ssize_t n = input_read(fd, piece, PIECE);
	while (n > 0) {
		if (submission_feed(s, slice_n(piece, (size_t)n), st) != 0)
			return -1;
		n = is_ended(s, terminal) ? 0 : input_read(fd, piece, PIECE);
	}
	if (n < 0)
		return status_sys(st, STATUS_DISK, errno, "cannot read the message");
	return submission_finish(s, st);
}

int submission_read(struct submission *s, int fd, struct status *st)
{
	char *piece = mem_alloc(PIECE);
	int result = read_pieces(s, fd, piece, st);
	free(piece);
	return result;
}
