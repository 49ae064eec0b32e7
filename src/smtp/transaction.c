/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/transaction.h"

#include "base/clock.h"
#include "base/mem.h"
#include "smtp/flight.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

enum {
	CHUNK = 1024 * 1024, /* a refusal stops the content after at most one more chunk */
	FAREWELL_MS = 300,   /* for QUIT's answer to follow on that to the message */
	PARTING_SECONDS = 5, /* for it to come alone */
};

/* Is there still somebody to send the content to, as far as the replies go? */
static bool wanted(const struct transaction *t)
{
	return !t->stopped && (t->accepted != 0 || flight_is_out(t));
}

/* Without CHUNKING, DATA is part of its flight. */
static int put_envelope(struct transaction *t, struct status *st)
{
	const struct capabilities *caps = &t->session->caps;
	struct buf line = { 0 };
	command_mail(&line, t->envelope, t->message, caps);
	int result = flight_put(t, COMMAND_MAIL, NULL, buf_str(&line), st);
	for (size_t i = 0; i < t->count && result == 0 && !t->stopped; i++) {
		buf_reset(&line);
		command_rcpt(&line, t->envelope, t->parties[i].recipient, caps);
		result = flight_put(t, COMMAND_RCPT, &t->parties[i], buf_str(&line), st);
	}
	buf_release(&line);
	if (result == 0 && !caps->chunking && wanted(t))
		result = flight_put(t, COMMAND_DATA, NULL, "DATA", st);
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
			return flight_salvage(t, st);
		if (flight_collect(t, st) != 0)
			return -1;
		if (t->ended)
			return cut_short(t, st);
	} while (more > 0);
	return 0;
}

static void show_content(const struct transaction *t, uint64_t octets)
{
	const struct tap *tap = t->session->tap;
	struct buf text = { 0 };
	if (tap == NULL || tap->event == NULL)
		return;
	buf_addf(&text, "[%" PRIu64 " octets of the message]", octets);
	tap_line(tap, TAP_SENT, buf_slice(&text));
	buf_release(&text);
}

static int put_chunk(struct transaction *t, uint64_t upto, bool is_last, struct status *st)
{
	struct buf line = { 0 };
	buf_addf(&line, "BDAT %" PRIu64 "%s", upto - t->content.offset, is_last ? " LAST" : "");
	session_put(t->session, buf_str(&line));
	buf_release(&line);
	show_content(t, upto - t->content.offset);
	flight_push(t, is_last ? COMMAND_DOT : COMMAND_BDAT, NULL);
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

/* Whatever its end is answered with: will this have been the message's last transaction? */
static bool is_final(const struct transaction *t)
{
	bool final = t->last;
	for (size_t i = 0; i < t->count; i++)
		final = final && t->parties[i].fate != FATE_NO_ROOM;
	return final;
}

/* Put the envelope of the next message of the company behind the end of this one. */
static struct transaction *begin_next(struct transaction *t, struct status *st)
{
	struct session *s = t->session;
	struct envelope *e;
	struct message m;
	bool fits = s->company != NULL && s->caps.pipelining && !s->settings->lmtp &&
		    !session_is_full(s) && is_final(t);
	if (!fits || !s->company->next(s->company->context, s, &e, &m))
		return NULL;
	struct transaction *next = transaction_new(s, e, &m);
	next->rides = true;
	/* With pipelining nothing is sent or read here, so nothing can fail. */
	put_envelope(next, st);
	next->rides = false;
	return next;
}

/* What was said to the next envelope may have been meant for something else: it counts for
 * nothing, and that message is begun anew when its turn comes. */
static void forget_next(struct transaction *next)
{
	for (size_t i = 0; i < next->count; i++)
		recipient_forget(next->parties[i].recipient);
	transaction_free(next);
}

/* Is the next message ready for its content? Without CHUNKING a 354 says so, which nothing else
 * is answered with. */
static bool is_ready(const struct transaction *next)
{
	return next->accepted != 0 && (next->go_ahead || next->session->caps.chunking);
}

/* End the transaction of the next message, which does not come to anything. */
static int withdraw(struct transaction *next, struct status *st)
{
	if (next->go_ahead) {
		flight_push(next, COMMAND_DOT, NULL);
		session_put(next->session, ".");
		next->sent_all = true;
		if (flight_drain(next, st) != 0)
			return -1;
	}
	return flight_put(next, COMMAND_RSET, NULL, "RSET", st) != 0 ? -1
								     : flight_drain(next, st);
}

/* What was taken for the answer to this message may be the answer to something else. */
static int distrust(struct transaction *t, struct status *st)
{
	struct status doubtful = *st;
	doubtful.kind = STATUS_MAYBE_SENT;
	verdict_decide(t, FATE_TAKEN, &doubtful);
	return -1;
}

/*
 * MAIL of the next message was refused; or that was the answer to this one, and what seemed to
 * be it was a reply too many. QUIT tells: no reply may be left in front of its answer.
 */
static int part(struct transaction *t, bool *quit, struct status *st)
{
	struct session *s = t->session;
	struct status ignored;
	*quit = true;
	session_put(s, "QUIT");
	stream_set_deadline(s->stream, clock_in(PARTING_SECONDS));
	if (stream_flush(s->stream, &ignored) != 0 ||
	    reply_read(&s->reply, s->stream, s->tap, &s->secrets, &ignored) != 0 ||
	    s->reply.code == 221)
		return 0;
	session_unexpected(s, COMMAND_DOT, st);
	return distrust(t, st);
}

/*
 * The replies to the next envelope show whether the server is in step. If they do not fit,
 * nobody knows what became of this message.
 */
static int settle_next(struct transaction *t, struct transaction *next, bool *quit,
		       struct status *st)
{
	int result = flight_drain(next, st);
	if (result == 0)
		result = session_expect_silence(t->session, COMMAND_BDAT, st);
	if (result == 0 && is_ready(next)) {
		t->session->ahead = next;
		return 0;
	}
	if (result == 0)
		result = next->refused && !next->go_ahead ? part(t, quit, st)
							  : withdraw(next, st);
	else if (st->kind == STATUS_BROKEN_PEER)
		distrust(t, st);
	forget_next(next);
	return result;
}

/*
 * Where nothing rode with the end of the message, what came together with its answer is all
 * that can tell: a refusal behind a yes is the true answer to it.
 */
static int heed(struct transaction *t, struct status *st)
{
	struct session *s = t->session;
	stream_set_deadline(s->stream, clock_in(1));
	while (stream_has_buffered(s->stream)) {
		if (reply_read(&s->reply, s->stream, s->tap, &s->secrets, st) != 0)
			return session_failed(s, COMMAND_DOT, st);
		if (s->reply.code == 421)
			return session_answer(s, COMMAND_DOT, "before it was asked", st);
		if (reply_is_yes(&s->reply))
			continue;
		session_unexpected(s, COMMAND_DOT, st);
		return distrust(t, st);
	}
	return 0;
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
	if (flight_flush(t, COMMAND_BDAT, st) != 0 || flight_drain(t, st) != 0) {
		*quit = with_quit;
		transaction_free(next);
		return -1;
	}
	*quit = with_quit;
	if (next != NULL)
		return settle_next(t, next, quit, st);
	if (t->stopped)
		return 0;
	return with_quit ? confirm(t, st) : heed(t, st);
}

/*
 * One flight for all is safe where QUIT ends it: see confirm(). Elsewhere a reply too many
 * among those to the envelope would be taken for the one to the content, so they come first.
 */
static int settle_envelope(struct transaction *t, bool quit, struct status *st)
{
	if (quit && t->session->caps.pipelining)
		return 0;
	return flight_drain(t, st) != 0 ? -1
					: session_expect_silence(t->session, COMMAND_BDAT, st);
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
		if (!is_last && !t->session->caps.pipelining && flight_drain(t, st) != 0)
			return -1;
	}
	if (is_last)
		return send_end(t, quit, st);
	*quit = false;
	return flight_drain(t, st);
}

/*
 * The content leaves before the dot does: a server that has something to say by then says it to
 * an unfinished message, and it is never taken for the answer to the dot.
 */
static int send_after_data(struct transaction *t, bool *quit, struct status *st)
{
	bool wants_quit = *quit;
	*quit = false;
	if (flight_drain(t, st) != 0)
		return -1;
	if (!t->go_ahead)
		return 0;
	if (session_expect_silence(t->session, COMMAND_DOT, st) != 0)
		return -1;
	flight_push(t, COMMAND_DOT, NULL);
	if (t->accepted != 0) {
		t->content.stuff = t->message->facts.dot_line;
		show_content(t, t->message->facts.size);
		if (send_content(t, t->message->facts.size, st) != 0 ||
		    flight_flush(t, COMMAND_BDAT, st) != 0)
			return -1;
		if (stream_has_input(t->session->stream) && flight_receive(t, st) != 0)
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
		result = flight_put(t, COMMAND_RSET, NULL, "RSET", st) != 0
				 ? -1
				 : flight_drain(t, st);
	if (result != 0)
		doubt(t, st);
	transaction_free(t);
	return result;
}
