/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/handoff.h"

#include "base/mem.h"
#include "config/account.h"
#include "config/letters.h"
#include "config/queue_request.h"

#include <stdlib.h>
#include <string.h>

static const struct {
	enum frame_verb verb;
	enum request_mode mode;
} verbs[] = {
	{ VERB_SUBMIT, MODE_SEND },   { VERB_LIST, MODE_LIST },
	{ VERB_FLUSH, MODE_FLUSH },   { VERB_SHOW, MODE_SHOW_MESSAGE },
	{ VERB_HOLD, MODE_HOLD },     { VERB_RELEASE, MODE_RELEASE },
	{ VERB_REMOVE, MODE_REMOVE },
};

/* Offsets of what the bits of FLAGS stand for, the low one first. */
static const size_t flags[] = {
	offsetof(struct request, header_recipients),
	offsetof(struct request, dot_is_data),
	offsetof(struct request, verbose),
	offsetof(struct request, keep_refused),
	offsetof(struct request, json),
	offsetof(struct request, all),
};

enum { FLAG_COUNT = sizeof flags / sizeof *flags };

/* Fields that are the value of one of sendmail's letters, and checked as such. */
static const struct {
	enum frame_type type;
	char letter;
} letter_fields[] = {
	{ FRAME_SENDER, 'f' }, { FRAME_NAME, 'F' },  { FRAME_NOTIFY, 'N' },
	{ FRAME_RET, 'R' },    { FRAME_ENVID, 'V' },
};

static const char selector_letters[] = {
	[SELECT_ID] = 'I',
	[SELECT_RECIPIENT] = 'R',
	[SELECT_SENDER] = 'S',
};

static const char delivery_letters[] = {
	[DELIVERY_FOREGROUND] = 'i',
	[DELIVERY_BACKGROUND] = 'b',
	[DELIVERY_QUEUE] = 'q',
};

static int add_field(struct frames_writer *w, enum frame_type type, struct slice value,
		     struct status *st)
{
	if (frames_check(type, value, st) != 0)
		return -1;
	frames_field(w, type, value);
	return 0;
}

/* NULL: not given, and no field. */
static int add_text(struct frames_writer *w, enum frame_type type, const char *text,
		    struct status *st)
{
	return text != NULL ? add_field(w, type, slice_of(text), st) : 0;
}

static int add_verb(struct frames_writer *w, enum request_mode mode, struct status *st)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
		if (verbs[i].mode == mode) {
			frames_begin(w, verbs[i].verb);
			return 0;
		}
	}
	return status_set(st, STATUS_BAD_USAGE, "the service does nothing of that kind");
}

static void add_flags(struct frames_writer *w, const struct request *r)
{
	char bits = 0;
	for (size_t i = 0; i < FLAG_COUNT; i++)
		bits = (char)(bits | *((const bool *)((const char *)r + flags[i])) << i);
	if (bits != 0)
		frames_field(w, FRAME_FLAGS, slice_n(&bits, 1));
}

static int add_recipients(struct frames_writer *w, const struct strings *list,
			  struct status *st)
{
	size_t before = w->out.len;
	for (size_t i = 0; i < list->count; i++) {
		if (add_text(w, FRAME_RECIPIENT, list->at[i], st) != 0)
			return -1;
	}
	/* What is left is for the other fields. */
	if (list->count > FRAMES_REPEATS_MAX ||
	    w->out.len - before > FRAMES_FIELDS_MAX - FRAMES_BODY_MAX)
		return status_set(st, STATUS_BAD_USAGE, "too many recipients for the service");
	return 0;
}

static int add_notify(struct frames_writer *w, unsigned notify, struct status *st)
{
	static const struct {
		unsigned condition;
		const char *word;
	} words[] = {
		{ NOTIFY_NEVER, "never" },
		{ NOTIFY_SUCCESS, "success" },
		{ NOTIFY_FAILURE, "failure" },
		{ NOTIFY_DELAY, "delay" },
	};
	struct buf list = { 0 };
	for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
		if ((notify & words[i].condition) != 0)
			buf_addf(&list, "%s%s", list.len != 0 ? "," : "", words[i].word);
	}
	int result = list.len != 0 ? add_field(w, FRAME_NOTIFY, buf_slice(&list), st) : 0;
	buf_release(&list);
	return result;
}

static int add_submission(struct frames_writer *w, const struct request *r, struct status *st)
{
	if (add_text(w, FRAME_SENDER, r->sender, st) != 0 ||
	    add_text(w, FRAME_NAME, r->full_name, st) != 0 ||
	    add_recipients(w, &r->recipients, st) != 0 || add_notify(w, r->notify, st) != 0 ||
	    add_text(w, FRAME_RET, r->ret, st) != 0 ||
	    add_text(w, FRAME_ENVID, r->envid, st) != 0 ||
	    add_text(w, FRAME_ACCOUNT, r->account, st) != 0)
		return -1;
	if (r->delivery >= 0)
		frames_field(w, FRAME_DELIVERY, slice_n(&delivery_letters[r->delivery], 1));
	return 0;
}

static int add_selector(struct frames_writer *w, const struct selector *s, struct status *st)
{
	struct buf value = { 0 };
	buf_add_char(&value, selector_letters[s->by]);
	buf_add_char(&value, s->negated ? '!' : '=');
	buf_add_str(&value, s->text);
	int result = add_field(w, FRAME_SELECT, buf_slice(&value), st);
	buf_release(&value);
	return result;
}

static int add_choice(struct frames_writer *w, const struct request *r, struct status *st)
{
	if (add_text(w, FRAME_ID, r->queue_id, st) != 0)
		return -1;
	for (size_t i = 0; i < r->selection.count; i++) {
		if (add_selector(w, &r->selection.at[i], st) != 0)
			return -1;
	}
	return 0;
}

int handoff_encode_request(const struct request *r, struct frames_writer *w, struct status *st)
{
	if (add_verb(w, r->mode, st) != 0)
		return -1;
	add_flags(w, r);
	return r->mode == MODE_SEND ? add_submission(w, r, st) : add_choice(w, r, st);
}

static int take_verb(struct request *r, char verb, struct status *st)
{
	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++) {
		if (verbs[i].verb == (enum frame_verb)verb) {
			r->as = AS_SENDMAIL;
			r->mode = verbs[i].mode;
			r->delivery = -1;
			return 0;
		}
	}
	return status_set(st, STATUS_BROKEN_PEER, "cannot read the request: it is none");
}

static int take_flags(struct request *r, unsigned char bits, struct status *st)
{
	if (bits == 0 || bits >> FLAG_COUNT != 0)
		return status_set(st, STATUS_BROKEN_PEER,
				  "cannot read the request: unknown flags");
	for (size_t i = 0; i < FLAG_COUNT; i++)
		*(bool *)((char *)r + flags[i]) = (bits >> i & 1) != 0;
	return 0;
}

static int take_delivery(struct request *r, char letter, struct status *st)
{
	const char *found = memchr(delivery_letters, letter, sizeof delivery_letters);
	if (found == NULL)
		return status_set(st, STATUS_BROKEN_PEER,
				  "cannot read the request: unknown way of delivery");
	r->delivery = (int)(found - delivery_letters);
	return 0;
}

static int take_selector(struct request *r, struct slice value, struct status *st)
{
	const char *by = memchr(selector_letters, value.data[0], sizeof selector_letters);
	if (by == NULL || (value.data[1] != '!' && value.data[1] != '='))
		return status_set(st, STATUS_BROKEN_PEER,
				  "cannot read the request: unknown selection");
	char *text = slice_copy(slice_cut(value, 2, value.len));
	selection_add(&r->selection, (enum select_by)(by - selector_letters),
		      value.data[1] == '!', text);
	free(text);
	return 0;
}

static int take_text(struct request *r, enum frame_type type, const char *text,
		     struct status *st)
{
	for (size_t i = 0; i < sizeof letter_fields / sizeof *letter_fields; i++) {
		if (letter_fields[i].type == type)
			return letter_apply(letter_find(letter_fields[i].letter, r->as), r,
					    text, st);
	}
	if (type == FRAME_RECIPIENT)
		return request_add_recipient(r, text, st);
	if (type == FRAME_ID)
		return request_queue_id(r, text, st);
	if (type == FRAME_ACCOUNT) {
		r->account = mem_copy(text);
		return 0;
	}
	return status_set(st, STATUS_BROKEN_PEER, "cannot read the request: unknown field");
}

int handoff_decode_request(struct request *r, enum frame_type type, struct slice value,
			   struct status *st)
{
	if (type == FRAME_VERB)
		return take_verb(r, value.data[0], st);
	if (type == FRAME_FLAGS)
		return take_flags(r, (unsigned char)value.data[0], st);
	if (type == FRAME_DELIVERY)
		return take_delivery(r, value.data[0], st);
	if (type == FRAME_SELECT)
		return take_selector(r, value, st);
	char *text = slice_copy(value);
	int result = take_text(r, type, text, st);
	free(text);
	return result;
}

static void add_line(struct frames_writer *w, enum frame_type type, const char *text)
{
	if (text[0] != '\0')
		frames_field(w, type, slice_of(text));
}

void handoff_encode_reply(const struct handoff_reply *reply, struct frames_writer *w)
{
	add_line(w, FRAME_KIND, status_label(reply->st.kind));
	add_line(w, FRAME_SENTENCE, reply->st.text);
	add_line(w, FRAME_HINT, reply->st.hint);
	add_line(w, FRAME_QUEUED, reply->id.text);
	frames_end(w);
}

static int take_kind(struct status *into, struct slice label, struct status *st)
{
	for (int kind = 0; kind < STATUS_KINDS; kind++) {
		if (slice_is(label, status_label((enum status_kind)kind))) {
			into->kind = (enum status_kind)kind;
			return 0;
		}
	}
	return status_set(st, STATUS_BROKEN_PEER, "cannot read the reply: unknown result");
}

int handoff_decode_reply(struct handoff_reply *reply, enum frame_type type, struct slice value,
			 struct status *st)
{
	int len = (int)value.len;
	switch (type) {
	case FRAME_VERB:
		if (value.data[0] == VERB_REPLY)
			return 0;
		return status_set(st, STATUS_BROKEN_PEER, "cannot read the reply: it is none");
	case FRAME_KIND:
		return take_kind(&reply->st, value, st);
	case FRAME_SENTENCE:
		status_set(&reply->st, reply->st.kind, "%.*s", len, value.data);
		return 0;
	case FRAME_HINT:
		status_hint(&reply->st, "%.*s", len, value.data);
		return 0;
	default:
		if (type != FRAME_QUEUED || !queue_id_valid(value))
			return status_set(st, STATUS_BROKEN_PEER,
					  "cannot read the reply: unknown field");
		memcpy(reply->id.text, value.data, value.len);
		reply->id.text[value.len] = '\0';
		return 0;
	}
}
