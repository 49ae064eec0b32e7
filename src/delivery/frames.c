/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/frames.h"

#include "base/crc32c.h"

#include <string.h>

enum {
	MAGIC_SIZE = sizeof FRAMES_MAGIC - 1,
	HEAD_SIZE = 5,
	END_SIZE = 12,
	/* Longer than any address, name or word that anything accepts later. */
	TEXT_MAX = 4096,
};

/* Sets of verbs */
enum {
	SUBMIT = 1 << VERB_SUBMIT,
	REPLY = 1 << VERB_REPLY,
	SOME = 1 << VERB_LIST | 1 << VERB_FLUSH,
	ON_ONE = 1 << VERB_SHOW | 1 << VERB_HOLD | 1 << VERB_RELEASE | 1 << VERB_REMOVE,
	REQUEST = SUBMIT | SOME | ON_ONE,
	ALL = REQUEST | REPLY,
};

enum content { OCTETS, TEXT };

static const struct rule {
	const char *name;
	unsigned allowed; /* verbs that it goes with */
	unsigned needed;  /* verbs that it must not be missing from */
	enum content content;
	uint32_t min, max;
	bool repeats;
} rules[FRAME_TYPES] = {
	[FRAME_VERB] = { "verb", ALL, ALL, OCTETS, 1, 1, false },
	[FRAME_FLAGS] = { "flags", REQUEST, 0, OCTETS, 1, 1, false },
	[FRAME_SENDER] = { "sender", SUBMIT, 0, TEXT, 0, TEXT_MAX, false },
	[FRAME_NAME] = { "full name", SUBMIT, 0, TEXT, 0, TEXT_MAX, false },
	[FRAME_RECIPIENT] = { "recipient", SUBMIT, 0, TEXT, 0, FRAMES_ARGUMENT_MAX, true },
	[FRAME_NOTIFY] = { "-N", SUBMIT, 0, TEXT, 1, 64, false },
	[FRAME_RET] = { "-R", SUBMIT, 0, TEXT, 1, 64, false },
	[FRAME_ENVID] = { "-V", SUBMIT, 0, TEXT, 1, 128, false },
	[FRAME_ACCOUNT] = { "account", SUBMIT, 0, TEXT, 1, 256, false },
	[FRAME_DELIVERY] = { "way of delivery", SUBMIT, 0, OCTETS, 1, 1, false },
	[FRAME_ID] = { "message id", ON_ONE | 1 << VERB_FLUSH, ON_ONE, TEXT, 1, 64, false },
	[FRAME_SELECT] = { "selection", SOME, 0, TEXT, 3, TEXT_MAX, true },
	[FRAME_BODY] = { "body", SUBMIT | REPLY, 0, OCTETS, 1, FRAMES_BODY_MAX, true },
	[FRAME_KIND] = { "kind", REPLY, REPLY, TEXT, 1, 64, false },
	[FRAME_SENTENCE] = { "sentence", REPLY, 0, TEXT, 1, TEXT_MAX, false },
	[FRAME_HINT] = { "hint", REPLY, 0, TEXT, 1, TEXT_MAX, false },
	[FRAME_QUEUED] = { "queue id", REPLY, 0, TEXT, 1, 64, false },
	[FRAME_END] = { "end", ALL, ALL, OCTETS, END_SIZE, END_SIZE, false },
};

static void put_number(struct buf *out, uint64_t number, unsigned octets)
{
	while (octets-- > 0)
		buf_add_char(out, (char)(number >> 8 * octets));
}

static uint64_t take_number(struct slice from)
{
	uint64_t number = 0;
	for (size_t i = 0; i < from.len; i++)
		number = number << 8 | (unsigned char)from.data[i];
	return number;
}

static bool is_text(struct slice value)
{
	for (size_t i = 0; i < value.len; i++) {
		if (value.data[i] == '\0' || value.data[i] == '\r' || value.data[i] == '\n')
			return false;
	}
	return true;
}

static void add_to_sum(struct frames_sum *sum, struct slice bytes)
{
	sum->crc = crc32c(sum->crc, bytes);
}

static void expect(struct frames *f, enum frames_state state, size_t octets)
{
	f->state = state;
	f->missing = octets;
	buf_reset(&f->part);
}

void frames_init(struct frames *f)
{
	*f = (struct frames){ 0 };
	expect(f, FRAMES_AT_MAGIC, MAGIC_SIZE);
}

void frames_release(struct frames *f)
{
	buf_release(&f->part);
}

static int end_magic(struct frames *f, struct status *st)
{
	if (!slice_is(buf_slice(&f->part), FRAMES_MAGIC))
		return status_set(st, STATUS_BROKEN_PEER,
				  "cannot read the stream: not of this program and version");
	add_to_sum(&f->sum, buf_slice(&f->part));
	expect(f, FRAMES_AT_HEAD, HEAD_SIZE);
	return 0;
}

static int check_place(const struct frames *f, uint64_t type, struct status *st)
{
	if (type == 0 || type >= FRAME_TYPES)
		return status_set(st, STATUS_BROKEN_PEER,
				  "cannot read the stream: unknown frame %u", (unsigned)type);
	const struct rule *rule = &rules[type];
	if (f->verb == 0 && type != FRAME_VERB)
		return status_set(st, STATUS_BROKEN_PEER,
				  "cannot read the stream: %s before the verb", rule->name);
	if (type < f->type || (type == f->type && !rule->repeats))
		return status_set(st, STATUS_BROKEN_PEER,
				  "cannot read the stream: %s twice, or out of order",
				  rule->name);
	if (f->verb != 0 && (rule->allowed & 1u << f->verb) == 0)
		return status_set(st, STATUS_BROKEN_PEER,
				  "cannot read the stream: %s does not go with verb %d",
				  rule->name, (int)f->verb);
	return 0;
}

static int check_size(struct frames *f, enum frame_type type, uint32_t len, struct status *st)
{
	if (len < rules[type].min || len > rules[type].max)
		return status_set(st, STATUS_BROKEN_PEER,
				  "cannot read the stream: %s of %lu octets", rules[type].name,
				  (unsigned long)len);
	if (type != FRAME_BODY) {
		f->repeats += rules[type].repeats;
		f->taken += HEAD_SIZE + len;
	}
	if (f->repeats > FRAMES_REPEATS_MAX || f->taken > FRAMES_FIELDS_MAX)
		return status_set(st, STATUS_BROKEN_PEER,
				  "cannot read the stream: too many fields");
	return 0;
}

/* What END must say, and what must have come before it. */
static int check_end(const struct frames *f, struct slice value, struct status *st)
{
	for (size_t type = FRAME_VERB; type < FRAME_END; type++) {
		if ((rules[type].needed & 1u << f->verb) != 0 && (f->seen & 1u << type) == 0)
			return status_set(st, STATUS_BROKEN_PEER,
					  "cannot read the stream: it lacks the %s",
					  rules[type].name);
	}
	if (take_number(slice_cut(value, 0, 8)) != f->sum.octets ||
	    take_number(slice_cut(value, 8, END_SIZE)) != f->sum.crc)
		return status_set(st, STATUS_BROKEN_PEER,
				  "cannot read the stream: damaged on the way");
	return 0;
}

static int check_verb(struct frames *f, struct slice value, struct status *st)
{
	uint64_t verb = take_number(value);
	if (verb == 0 || verb >= VERBS)
		return status_set(st, STATUS_BROKEN_PEER,
				  "cannot read the stream: unknown verb %u", (unsigned)verb);
	f->verb = (enum frame_verb)verb;
	return 0;
}

static int end_field(struct frames *f, const struct frames_handlers *h, struct status *st)
{
	struct slice value = slice_n(buf_str(&f->part), f->part.len);
	if (rules[f->type].content == TEXT && !is_text(value))
		return status_set(st, STATUS_BROKEN_PEER,
				  "cannot read the stream: the %s is no line of text",
				  rules[f->type].name);
	if (f->type == FRAME_END) {
		if (check_end(f, value, st) != 0)
			return -1;
		expect(f, FRAMES_AT_END, 0);
		return 0;
	}
	if ((f->type == FRAME_VERB && check_verb(f, value, st) != 0) ||
	    h->field(h->context, f->type, value, st) != 0)
		return -1;
	add_to_sum(&f->sum, value);
	expect(f, FRAMES_AT_HEAD, HEAD_SIZE);
	return 0;
}

static int end_head(struct frames *f, const struct frames_handlers *h, struct status *st)
{
	struct slice head = buf_slice(&f->part);
	uint64_t type = take_number(slice_cut(head, 0, 1));
	uint32_t len = (uint32_t)take_number(slice_cut(head, 1, HEAD_SIZE));
	if (check_place(f, type, st) != 0 || check_size(f, (enum frame_type)type, len, st) != 0)
		return -1;
	f->type = (enum frame_type)type;
	f->seen |= 1u << type;
	if (type != FRAME_END)
		add_to_sum(&f->sum, head);
	expect(f, type == FRAME_BODY ? FRAMES_IN_BODY : FRAMES_IN_FIELD, len);
	return len == 0 ? end_field(f, h, st) : 0;
}

static int end_part(struct frames *f, const struct frames_handlers *h, struct status *st)
{
	switch (f->state) {
	case FRAMES_AT_MAGIC:
		return end_magic(f, st);
	case FRAMES_AT_HEAD:
		return end_head(f, h, st);
	case FRAMES_IN_FIELD:
		return end_field(f, h, st);
	default:
		expect(f, FRAMES_AT_HEAD, HEAD_SIZE);
		return 0;
	}
}

static int take_piece(struct frames *f, struct slice piece, const struct frames_handlers *h,
		      struct status *st)
{
	f->missing -= piece.len;
	if (f->state != FRAMES_IN_BODY) {
		buf_add_slice(&f->part, piece);
		return 0;
	}
	f->sum.octets += piece.len;
	add_to_sum(&f->sum, piece);
	return h->body(h->context, piece, st);
}

int frames_feed(struct frames *f, struct slice bytes, const struct frames_handlers *h,
		struct status *st)
{
	while (bytes.len != 0) {
		if (f->state == FRAMES_AT_END)
			return status_set(st, STATUS_BROKEN_PEER,
					  "cannot read the stream: more behind its end");
		struct slice piece = slice_cut(bytes, 0, f->missing);
		bytes = slice_cut(bytes, piece.len, bytes.len);
		if (take_piece(f, piece, h, st) != 0 ||
		    (f->missing == 0 && end_part(f, h, st) != 0))
			return -1;
	}
	return 0;
}

bool frames_done(const struct frames *f)
{
	return f->state == FRAMES_AT_END;
}

int frames_finish(const struct frames *f, struct status *st)
{
	if (frames_done(f))
		return 0;
	return status_set(st, STATUS_BROKEN_PEER,
			  "cannot read the stream: it ends before its end");
}

static void put_head(struct buf *out, enum frame_type type, size_t len)
{
	put_number(out, type, 1);
	put_number(out, len, 4);
}

void frames_begin(struct frames_writer *w, enum frame_verb verb)
{
	char octet = (char)verb;
	w->sum = (struct frames_sum){ 0 };
	buf_add_str(&w->out, FRAMES_MAGIC);
	add_to_sum(&w->sum, slice_of(FRAMES_MAGIC));
	frames_field(w, FRAME_VERB, slice_n(&octet, 1));
}

int frames_check(enum frame_type type, struct slice value, struct status *st)
{
	const struct rule *rule = &rules[type];
	if (value.len < rule->min || value.len > rule->max)
		return status_set(st, STATUS_BAD_USAGE,
				  "the %s takes %lu to %lu bytes, not %zu", rule->name,
				  (unsigned long)rule->min, (unsigned long)rule->max,
				  value.len);
	if (rule->content == TEXT && !is_text(value))
		return status_set(st, STATUS_BAD_USAGE, "the %s holds a line end or a NUL",
				  rule->name);
	return 0;
}

void frames_field(struct frames_writer *w, enum frame_type type, struct slice value)
{
	size_t before = w->out.len;
	put_head(&w->out, type, value.len);
	buf_add_slice(&w->out, value);
	add_to_sum(&w->sum, slice_cut(buf_slice(&w->out), before, w->out.len));
}

void frames_body(struct frames_writer *w, struct slice piece)
{
	w->sum.octets += piece.len;
	while (piece.len != 0) {
		struct slice part = slice_cut(piece, 0, FRAMES_BODY_MAX);
		frames_field(w, FRAME_BODY, part);
		piece = slice_cut(piece, part.len, piece.len);
	}
}

void frames_end(struct frames_writer *w)
{
	put_head(&w->out, FRAME_END, END_SIZE);
	put_number(&w->out, w->sum.octets, 8);
	put_number(&w->out, w->sum.crc, 4);
}
