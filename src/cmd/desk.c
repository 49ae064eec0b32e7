/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/desk.h"

#include "base/mem.h"
#include "config/request.h"
#include "smtp/server_reply.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void forget_request(struct desk *d)
{
	request_release(&d->request);
	d->request = (struct request){ .as = d->asked->as, .delivery = -1 };
}

static int take_mail(void *context, const struct server_mail *mail, struct status *st)
{
	struct desk *d = context;
	struct request *r = &d->request;
	(void)st;
	forget_request(d);
	*r = (struct request){
		.as = d->asked->as,
		.dot_is_data = true,
		.verbose = d->asked->verbose,
		.delivery = d->asked->delivery,
		.sender = mem_copy(mail->sender),
		.account = mem_copy(d->asked->account),
	};
	return 0;
}

static int take_recipient(void *context, const struct server_rcpt *rcpt, struct status *st)
{
	struct desk *d = context;
	return request_add_recipient(&d->request, rcpt->address, st);
}

static int open_message(void *context, struct status *st)
{
	struct desk *d = context;
	(void)st;
	if (d->context->away)
		handing_init(&d->handing, &d->request);
	else
		sending_init(&d->sending, &d->request, d->context);
	d->is_open = true;
	return 0;
}

static int take_content(void *context, struct slice piece, struct status *st)
{
	struct desk *d = context;
	if (d->context->away)
		return handing_feed(&d->handing, piece, st);
	return submission_feed(&d->sending.submission, piece, st);
}

static const struct recipient *first_refused(const struct envelope *e)
{
	for (size_t i = 0; i < e->count; i++) {
		if (recipient_is_refused(&e->at[i]))
			return &e->at[i];
	}
	return e->count != 0 ? &e->at[0] : NULL;
}

/*
 * What the server said, without what it was said to, and without the codes, which the reply has
 * anyway: of "RCPT TO:<x>: 550 5.1.1 no" the "no".
 */
static const char *own_words(const struct recipient *r)
{
	char code[16], enhanced[32];
	if (r->reply == NULL)
		return status_label(r->kind);
	snprintf(code, sizeof code, ": %u ", r->code);
	snprintf(enhanced, sizeof enhanced, "%u.%u.%u ", r->enhanced[0], r->enhanced[1],
		 r->enhanced[2]);
	const char *at = strstr(r->reply, code);
	if (at == NULL)
		return r->reply;
	at += strlen(code);
	return strncmp(at, enhanced, strlen(enhanced)) == 0 ? at + strlen(enhanced) : at;
}

static int refuse(const struct envelope *e, struct status *st)
{
	const struct recipient *r = first_refused(e);
	if (r == NULL)
		return status_set(st, STATUS_BAD_MESSAGE, "the message has no recipient");
	status_set(st, r->kind, "%s", own_words(r));
	st->code = r->code;
	memcpy(st->enhanced, r->enhanced, sizeof st->enhanced);
	return -1;
}

static bool has_it(const struct recipient *r)
{
	return r->kind == STATUS_OK || r->kind == STATUS_QUEUED;
}

/*
 * Some have the message, and nobody but the client can be told of the others: there is no queue
 * for them or for a bounce. It must not send it to all again, so this is for good.
 */
static int tell_of_rest(const struct envelope *e, size_t served, struct status *st)
{
	size_t i = 0;
	while (has_it(&e->at[i]))
		i++;
	const struct recipient *r = &e->at[i];
	server_refuse(st, 554, 0, 0, "<%s>: %s", r->address,
		      r->reply != NULL ? r->reply : status_label(r->kind));
	return status_hint(st,
			   "the message was accepted for %zu of %zu recipients, do not send "
			   "it to them again",
			   served, e->count);
}

/* Is what became of it good enough for a 250? */
static int judge(const struct sending *s, struct status *st)
{
	const struct envelope *e = &s->submission.entry.envelope;
	size_t served = 0;
	for (size_t i = 0; i < e->count; i++)
		served += has_it(&e->at[i]);
	if (served == 0)
		return refuse(e, st);
	return s->committed || served == e->count ? 0 : tell_of_rest(e, served, st);
}

static int hand_over_message(struct desk *d, struct buf *reply, struct status *st)
{
	struct handoff_reply said;
	if (handing_finish(&d->handing, &said, st) != 0)
		return -1;
	if (said.st.kind != STATUS_QUEUED) {
		*st = said.st;
		return -1;
	}
	buf_addf(reply, "Ok: queued as %s", said.id.text);
	return 0;
}

static int end_message(void *context, struct buf *reply, struct status *st)
{
	struct desk *d = context;
	struct sending *s = &d->sending;
	struct queue_entry *e = &s->submission.entry;
	if (d->context->away)
		return hand_over_message(d, reply, st);
	if (submission_finish(&s->submission, st) != 0)
		return -1;
	s->is_bounced = true;
	sending_finish(s);
	if (s->trouble.kind != STATUS_OK) {
		*st = s->trouble;
		return -1;
	}
	if (judge(s, st) != 0)
		return -1;
	buf_addf(reply, "Ok: queued as %s", s->committed ? e->id.text : queue_id_new().text);
	return 0;
}

static void close_message(void *context)
{
	struct desk *d = context;
	if (d->is_open && d->context->away) {
		handing_release(&d->handing);
	} else if (d->is_open) {
		sending_go_on(&d->sending);
		sending_release(&d->sending);
	}
	d->is_open = false;
	forget_request(d);
}

void desk_init(struct desk *d, const struct request *asked, const struct context *c)
{
	*d = (struct desk){ .asked = asked, .context = c };
	forget_request(d);
	d->handler = (struct server_handler){
		.context = d,
		.mail = take_mail,
		.rcpt = take_recipient,
		.begin = open_message,
		.content = take_content,
		.end = end_message,
		.reset = close_message,
	};
}

void desk_release(struct desk *d)
{
	forget_request(d);
}
