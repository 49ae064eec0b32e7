/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/verdict.h"

static void decide(struct party *p, const struct status *st)
{
	recipient_decide(p->recipient, st);
	p->fate = st->kind == STATUS_OK ? FATE_TAKEN : FATE_DECIDED;
}

void verdict_decide(struct transaction *t, enum fate fate, const struct status *st)
{
	for (size_t i = 0; i < t->count; i++) {
		if (t->parties[i].fate == fate)
			decide(&t->parties[i], st);
	}
}

/*
 * Handlers. Each notes what the reply in t->session means for its command; -1 only for what
 * breaks the session. A 4xx or 5xx that is no 421 never breaks it.
 */
static int on_mail(struct transaction *t, struct party *party, struct status *st)
{
	(void)party;
	if (reply_is_yes(&t->session->reply))
		return 0;
	if (reply_class(&t->session->reply) < 4)
		return session_unexpected(t->session, COMMAND_MAIL, st);
	struct status refusal;
	struct buf line = { 0 };
	buf_addf(&line, "MAIL FROM:<%s>", t->envelope->sender);
	session_answer(t->session, COMMAND_MAIL, buf_str(&line), &refusal);
	buf_release(&line);
	verdict_decide(t, FATE_OPEN, &refusal);
	t->refused = t->stopped = true;
	return 0;
}

static int on_rcpt(struct transaction *t, struct party *party, struct status *st)
{
	const struct reply *r = &t->session->reply;
	if (party->fate != FATE_OPEN)
		return 0;
	if (reply_is_yes(r)) {
		party->fate = FATE_ACCEPTED;
		t->accepted++;
		return 0;
	}
	if (reply_class(r) < 4)
		return session_unexpected(t->session, COMMAND_RCPT, st);
	struct status refusal;
	struct buf line = { 0 };
	buf_addf(&line, "RCPT TO:<%s>", party->recipient->address);
	session_answer(t->session, COMMAND_RCPT, buf_str(&line), &refusal);
	buf_release(&line);
	if ((r->code == 452 || r->code == 552) && t->accepted != 0)
		party->fate = FATE_NO_ROOM;
	else
		decide(party, &refusal);
	return 0;
}

/* The server does not want the content; that is the fate of all whom it wanted it for. */
static void refuse_content(struct transaction *t, enum command c)
{
	struct status refusal;
	session_answer(t->session, c, command_name(c), &refusal);
	verdict_decide(t, FATE_ACCEPTED, &refusal);
	t->stopped = true;
}

static int on_data(struct transaction *t, struct party *party, struct status *st)
{
	(void)party;
	if (t->session->reply.code == 354)
		t->go_ahead = true;
	else if (reply_class(&t->session->reply) >= 4)
		refuse_content(t, COMMAND_DATA);
	else
		return session_unexpected(t->session, COMMAND_DATA, st);
	return 0;
}

static int on_bdat(struct transaction *t, struct party *party, struct status *st)
{
	(void)party;
	if (reply_class(&t->session->reply) >= 4)
		refuse_content(t, COMMAND_BDAT);
	else if (!reply_is_yes(&t->session->reply))
		return session_unexpected(t->session, COMMAND_BDAT, st);
	return 0;
}

/* In LMTP each accepted recipient has a reply of its own (RFC 2033, 4.2): the next one that
 * still waits. */
static struct party *next_accepted(struct transaction *t)
{
	while (t->answered < t->count && t->parties[t->answered].fate != FATE_ACCEPTED)
		t->answered++;
	return t->answered < t->count ? &t->parties[t->answered] : NULL;
}

/* What was answered; in LMTP one recipient has to be told from the others. */
static void add_end(struct buf *out, const struct party *one, bool yes)
{
	buf_add_str(out, command_name(COMMAND_DOT));
	if (one != NULL && !yes)
		buf_addf(out, " for <%s>", one->recipient->address);
}

static int on_dot(struct transaction *t, struct party *party, struct status *st)
{
	(void)party;
	bool yes = reply_is_yes(&t->session->reply);
	bool too_early = yes && !t->sent_all && t->accepted != 0;
	if (too_early || (!yes && reply_class(&t->session->reply) < 4))
		return session_unexpected(t->session, COMMAND_DOT, st);
	bool lmtp = t->session->settings->lmtp;
	struct party *one = lmtp ? next_accepted(t) : NULL;
	struct status result;
	struct buf line = { 0 };
	add_end(&line, one, yes);
	session_answer(t->session, lmtp && !yes ? COMMAND_RCPT : COMMAND_DOT, buf_str(&line),
		       &result);
	buf_release(&line);
	if (one != NULL)
		decide(one, &result);
	else
		verdict_decide(t, FATE_ACCEPTED, &result);
	t->stopped = !yes;
	t->ended = next_accepted(t) == NULL;
	return 0;
}

static int on_any(struct transaction *t, struct party *party, struct status *st)
{
	(void)t, (void)party, (void)st;
	return 0;
}

static int (*const handlers[])(struct transaction *, struct party *, struct status *) = {
	[COMMAND_MAIL] = on_mail, [COMMAND_RCPT] = on_rcpt, [COMMAND_DATA] = on_data,
	[COMMAND_BDAT] = on_bdat, [COMMAND_DOT] = on_dot,   [COMMAND_RSET] = on_any,
};

int verdict(struct transaction *t, const struct pending *p, struct status *st)
{
	if (t->session->reply.code == 421)
		return session_answer(t->session, p->command, command_name(p->command), st);
	return handlers[p->command](t, p->party, st);
}
