/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/transaction.h"

#include "base/clock.h"
#include "base/mem.h"
#include "smtp/verdict.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
	CHUNK = 1024 * 1024, /* a refusal stops the content after at most one more chunk */
	FAREWELL_MS = 300,   /* for QUIT's answer to follow on that to the message */
};

static void push(struct transaction *t, enum command c, struct party *party)
{
	t->queue = mem_grow(t->queue, t->tail, &t->room, sizeof *t->queue);
	t->queue[t->tail++] = (struct pending){ c, party };
}

/* The driver: read one reply, hand it to its command, advance. */
static int receive(struct transaction *t, struct status *st)
{
	struct pending *p = &t->queue[t->head];
	if (session_receive(t->session, p->command, st) != 0)
		return -1;
	if (verdict(t, p, st) != 0)
		return -1;
	if (p->command != COMMAND_DOT || t->ended)
		t->head++;
	return 0;
}

static bool outstanding(const struct transaction *t)
{
	return t->head < t->tail;
}

/* Hand out the replies that are already here. */
static int collect(struct transaction *t, struct status *st)
{
	while (outstanding(t) && stream_has_buffered(t->session->stream)) {
		if (receive(t, st) != 0)
			return -1;
	}
	return 0;
}

/*
 * Our side of the connection broke. A server that refuses and closes has mostly said why, and
 * its words are worth more than our EPIPE: if they decide everything, the break does not matter
 * any more.
 */
static int salvage(struct transaction *t, struct status *st)
{
	struct status spoken;
	if (st->kind == STATUS_DISK)
		return -1;
	if (collect(t, &spoken) != 0 && spoken.code != 0)
		*st = spoken;
	return -1;
}

static int flush(struct transaction *t, enum command c, struct status *st)
{
	return session_flush(t->session, c, st) == 0 ? 0 : salvage(t, st);
}

/* Wait for all replies that are outstanding. */
static int drain(struct transaction *t, struct status *st)
{
	if (!outstanding(t))
		return 0;
	if (flush(t, t->queue[t->tail - 1].command, st) != 0)
		return -1;
	while (outstanding(t)) {
		if (receive(t, st) != 0)
			return -1;
	}
	return 0;
}

/* Put a command; without PIPELINING its reply is awaited at once. */
static int put(struct transaction *t, enum command c, struct party *party, const char *line,
	       struct status *st)
{
	bool in_flight = outstanding(t) || t->rides;
	if (!in_flight && session_expect_silence(t->session, c, st) != 0)
		return -1;
	session_put(t->session, line);
	push(t, c, party);
	return t->session->caps.pipelining ? 0 : drain(t, st);
}

/* Is there still somebody to send the content to, as far as the replies go? */
static bool wanted(const struct transaction *t)
{
	return !t->stopped && (t->accepted != 0 || outstanding(t));
}

/* Without CHUNKING, DATA is part of its flight. */
static int put_envelope(struct transaction *t, struct status *st)
{
	const struct capabilities *caps = &t->session->caps;
	struct buf line = { 0 };
	command_mail(&line, t->envelope, t->message, caps);
	int result = put(t, COMMAND_MAIL, NULL, buf_str(&line), st);
	for (size_t i = 0; i < t->count && result == 0 && !t->stopped; i++) {
		buf_reset(&line);
		command_rcpt(&line, t->envelope, t->parties[i].recipient, caps);
		result = put(t, COMMAND_RCPT, &t->parties[i], buf_str(&line), st);
	}
	buf_release(&line);
	if (result == 0 && !caps->chunking && wanted(t))
		result = put(t, COMMAND_DATA, NULL, "DATA", st);
	return result;
}

/*
 * The end of the message was answered before it was sent: with a refusal, or the handler would
 * not have taken it. What the server would make of the rest is anybody's guess, so it does not
 * get it.
 */
static int cut_short(struct transaction *t, struct status *st)
{
	return session_answer(t->session, COMMAND_DOT, command_name(COMMAND_DOT), st);
}

/* Send content up to UPTO, and hear what the server says to it meanwhile. */
static int send_content(struct transaction *t, uint64_t upto, struct status *st)
{
	int more;
	do {
		more = content_next(&t->content, t->session, upto, st);
		if (more < 0)
			return salvage(t, st);
		if (collect(t, st) != 0)
			return -1;
		if (t->ended)
			return cut_short(t, st);
	} while (more > 0);
	return 0;
}

static void show_content(const struct transaction *t, uint64_t octets)
{
	struct buf text = { 0 };
	buf_addf(&text, "[%" PRIu64 " octets of the message]", octets);
	tap_line(t->session->tap, TAP_SENT, buf_slice(&text));
	buf_release(&text);
}

static int put_chunk(struct transaction *t, uint64_t upto, bool is_last, struct status *st)
{
	struct buf line = { 0 };
	buf_addf(&line, "BDAT %" PRIu64 "%s", upto - t->content.offset, is_last ? " LAST" : "");
	session_put(t->session, buf_str(&line));
	buf_release(&line);
	show_content(t, upto - t->content.offset);
	push(t, is_last ? COMMAND_DOT : COMMAND_BDAT, NULL);
	return send_content(t, upto, st);
}

/*
 * A server that answers out of step, one reply too many somewhere, makes a wrong reply look
 * like the answer to the message. QUIT rode in the same flight, so its 221 follows at once and
 * without a further round trip, and the reply before it is the true one. A server that leaves
 * QUIT unanswered has a moment and is believed then; what it says to QUIT does not matter
 * otherwise.
 */
static int confirm(struct transaction *t, struct status *st)
{
	struct session *s = t->session;
	struct status last = { 0 }, ignored;
	stream_set_deadline(s->stream, clock_now() + FAREWELL_MS);
	while (reply_read(&s->reply, s->stream, s->tap, &s->secrets, &ignored) == 0) {
		if (s->reply.code != 221) {
			session_unexpected(s, COMMAND_DOT, &last);
			continue;
		}
		if (last.code / 10 == 0 || last.code / 10 == 25)
			return 0;
		*st = last;
		verdict_decide(t, FATE_TAKEN, st);
		return -1;
	}
	return 0;
}

static const char *domain_of(const struct recipient *r)
{
	const char *at = strrchr(r->address, '@');
	return at != NULL ? at + 1 : "";
}

static bool has_domain(const struct transaction *t, const struct recipient *r)
{
	for (size_t i = 0; i < t->count; i++) {
		if (ascii_same_nocase(domain_of(t->parties[i].recipient), domain_of(r)))
			return true;
	}
	return false;
}

/* The next recipients, within the limits of RFC 9422 that the server named. */
static void gather(struct transaction *t)
{
	struct envelope *e = t->envelope;
	const struct capabilities *caps = &t->session->caps;
	uint64_t domains = 0, limit = caps->limit_rcpt;
	if (limit == 0 || limit > TRANSACTION_RECIPIENTS)
		limit = TRANSACTION_RECIPIENTS;
	t->parties = mem_zero(limit, sizeof *t->parties);
	for (size_t i = 0; i < e->count && t->count < limit; i++) {
		struct recipient *r = &e->at[i];
		bool adds = caps->limit_rcptdomain != 0 && !r->decided && !has_domain(t, r);
		if (r->decided || (adds && domains == caps->limit_rcptdomain))
			continue;
		t->parties[t->count++].recipient = r;
		domains += adds ? 1 : 0;
	}
}

static struct transaction *transaction_new(struct session *s, struct envelope *e,
					   const struct message *message)
{
	struct transaction *t = mem_zero(1, sizeof *t);
	t->session = s;
	t->envelope = e;
	t->message = message;
	gather(t);
	s->mails++;
	t->last = t->count == envelope_undecided(e) || session_is_full(s);
	return t;
}

void transaction_free(struct transaction *t)
{
	if (t == NULL)
		return;
	content_release(&t->content);
	free(t->parties);
	free(t->queue);
	free(t);
}

/* Put the envelope of the next message of the company behind the end of this one. */
static struct transaction *begin_next(struct transaction *t, struct status *st)
{
	struct session *s = t->session;
	struct envelope *e;
	struct message m;
	bool fits = t->last && s->company != NULL && s->caps.pipelining && !s->settings->lmtp &&
		    !session_is_full(s);
	if (!fits || !s->company->next(s->company->context, s, &e, &m))
		return NULL;
	struct transaction *next = transaction_new(s, e, &m);
	next->rides = true;
	/* With pipelining nothing is sent or read here, so nothing can fail. */
	put_envelope(next, st);
	next->rides = false;
	return next;
}

/* Nobody is to get the next message: the session is made ready for the one behind it. */
static int abandon_next(struct session *s, struct status *st)
{
	struct transaction *t = s->ahead;
	s->ahead = NULL;
	if (t->go_ahead) {
		push(t, COMMAND_DOT, NULL);
		session_put(s, ".");
		t->sent_all = true;
	}
	int result = drain(t, st);
	if (result == 0)
		result = put(t, COMMAND_RSET, NULL, "RSET", st) != 0 ? -1 : drain(t, st);
	transaction_free(t);
	return result;
}

/*
 * The replies to the next envelope show whether the server is in step. If they do not fit, what
 * looked like the answer to this message may be the answer to something else, and nobody knows.
 */
static int settle_next(struct transaction *t, struct transaction *next, struct status *st)
{
	struct session *s = t->session;
	if (drain(next, st) == 0 && session_expect_silence(s, COMMAND_BDAT, st) == 0) {
		s->ahead = next;
		return next->accepted != 0 ? 0 : abandon_next(s, st);
	}
	transaction_free(next);
	if (st->kind != STATUS_BROKEN_PEER)
		return -1;
	struct status doubtful = *st;
	doubtful.kind = STATUS_MAYBE_SENT;
	verdict_decide(t, FATE_TAKEN, &doubtful);
	return -1;
}

/*
 * The end of the message leaves, and in the same flight, where pipelining allows it, QUIT or
 * the envelope of the next one.
 */
static int send_end(struct transaction *t, bool *quit, struct status *st)
{
	struct transaction *next = NULL;
	bool with_quit = *quit && t->session->caps.pipelining;
	*quit = false;
	if (with_quit)
		session_put(t->session, "QUIT");
	else
		next = begin_next(t, st);
	t->sent_all = true;
	if (flush(t, COMMAND_BDAT, st) != 0 || drain(t, st) != 0) {
		*quit = with_quit;
		transaction_free(next);
		return -1;
	}
	*quit = with_quit;
	if (next != NULL)
		return settle_next(t, next, st);
	return with_quit && !t->stopped ? confirm(t, st) : 0;
}

/*
 * One flight for all is safe where QUIT ends it: see confirm(). Elsewhere a reply too many
 * among those to the envelope would be taken for the one to the content, so they come first.
 */
static int settle_envelope(struct transaction *t, bool quit, struct status *st)
{
	if (quit && t->session->caps.pipelining)
		return 0;
	return drain(t, st) != 0 ? -1 : session_expect_silence(t->session, COMMAND_BDAT, st);
}

static int send_chunks(struct transaction *t, bool *quit, struct status *st)
{
	uint64_t size = t->message->facts.size;
	bool is_last = false;
	if (settle_envelope(t, *quit, st) != 0)
		return -1;
	while (!is_last && wanted(t)) {
		uint64_t left = size - t->content.offset;
		is_last = left <= CHUNK;
		if (put_chunk(t, t->content.offset + (is_last ? left : CHUNK), is_last, st) !=
		    0)
			return -1;
		if (!is_last && !t->session->caps.pipelining && drain(t, st) != 0)
			return -1;
	}
	if (is_last)
		return send_end(t, quit, st);
	*quit = false;
	return drain(t, st);
}

/*
 * The content leaves before the dot does: a server that has something to say by then says it to
 * an unfinished message, and it is never taken for the answer to the dot.
 */
static int send_after_data(struct transaction *t, bool *quit, struct status *st)
{
	bool wants_quit = *quit;
	*quit = false;
	if (drain(t, st) != 0)
		return -1;
	if (!t->go_ahead)
		return 0;
	if (session_expect_silence(t->session, COMMAND_DOT, st) != 0)
		return -1;
	push(t, COMMAND_DOT, NULL);
	if (t->accepted != 0) {
		t->content.stuff = t->message->facts.dot_line;
		show_content(t, t->message->facts.size);
		if (send_content(t, t->message->facts.size, st) != 0 ||
		    flush(t, COMMAND_BDAT, st) != 0)
			return -1;
		if (stream_has_input(t->session->stream) && receive(t, st) != 0)
			return -1;
		if (t->ended)
			return cut_short(t, st);
	}
	session_put(t->session, ".");
	*quit = wants_quit;
	return send_end(t, quit, st);
}

/* The one that was begun ahead, or a new one. */
static struct transaction *begin(struct session *s, struct envelope *e,
				 const struct message *message)
{
	struct transaction *t = s->ahead;
	s->ahead = NULL;
	return t != NULL ? t : transaction_new(s, e, message);
}

/*
 * It broke after the end of the message had left: nobody knows whether the message arrived,
 * unless the server closed with a clear 421. Trying elsewhere could send it twice, so it is not
 * tried again in this run. In one flight not even RCPT need be answered by then.
 */
static void doubt(struct transaction *t, struct status *st)
{
	if (!t->sent_all || t->ended || st->code == 421)
		return;
	if (st->kind == STATUS_TEMPORARY)
		st->kind = STATUS_MAYBE_SENT;
	status_hint(
		st,
		"the server may have taken the message; sending it again may send it twice");
	verdict_decide(t, FATE_ACCEPTED, st);
	verdict_decide(t, FATE_OPEN, st);
}

int transaction_run(struct session *s, struct envelope *e, const struct message *message,
		    bool *quit, struct status *st)
{
	bool begun = s->ahead != NULL;
	if (begun && s->ahead->envelope != e)
		return status_set(st, STATUS_SYSTEM, "the session is another message's");
	struct transaction *t = begin(s, e, message);
	bool stays = s->stays && !session_is_full(s);
	t->message = message;
	t->content.message = message;
	*quit = t->last && !stays;
	int result = begun ? 0 : put_envelope(t, st);
	if (result == 0)
		result = s->caps.chunking ? send_chunks(t, quit, st)
					  : send_after_data(t, quit, st);
	if (result == 0 && !t->ended && !*quit && (stays || !t->last))
		result = put(t, COMMAND_RSET, NULL, "RSET", st) != 0 ? -1 : drain(t, st);
	if (result != 0)
		doubt(t, st);
	transaction_free(t);
	return result;
}
