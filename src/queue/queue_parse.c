/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_file.h"

#include "base/mem.h"
#include "base/number.h"
#include "message/path.h"

#include <stdlib.h>
#include <string.h>

enum { HEX = 16, DECIMAL = 10 };

bool queue_file_find_header(struct slice text, size_t *len)
{
	struct slice rest = text, line = { 0 };
	while (slice_next(&rest, '\n', &line)) {
		if (rest.len == 0 || rest.data[0] != '\n')
			continue;
		*len = (size_t)(rest.data - text.data) + 1;
		return true;
	}
	return false;
}

static bool take_signed(struct slice *rest, int64_t most, int64_t *into)
{
	uint64_t number;
	bool negative = rest->len != 0 && rest->data[0] == '-';
	*rest = slice_cut(*rest, negative ? 1 : 0, rest->len);
	if (!number_take(rest, DECIMAL, (uint64_t)most, &number))
		return false;
	*into = negative ? -(int64_t)number : (int64_t)number;
	return true;
}

static bool parse_id(struct slice rest, struct queue_entry *e)
{
	if (!queue_id_valid(rest))
		return false;
	memcpy(e->id.text, rest.data, rest.len);
	return true;
}

/* True, whatever it says: it is overwritten in place, and what cannot be read is due now. */
static bool parse_tries(struct slice rest, struct queue_entry *e)
{
	struct slice words = rest;
	uint64_t attempts, next;
	bool readable = number_take(&words, DECIMAL, UINT16_MAX, &attempts) &&
			number_take(&words, DECIMAL, INT64_MAX, &next) && words.len == 3;
	if (!readable)
		return true;
	e->attempts = (unsigned)attempts;
	e->next = (int64_t)next;
	if (words.data[0] == QUEUE_HELD || words.data[0] == QUEUE_STUCK)
		e->state = (enum queue_state)words.data[0];
	e->warned = words.data[2] == 'w';
	return true;
}

static bool parse_origin(struct slice word, struct queue_entry *e)
{
	for (size_t i = 0; i < QUEUE_ORIGINS; i++) {
		if (slice_is(word, queue_origins[i])) {
			e->origin = (enum queue_origin)i;
			return true;
		}
	}
	return false;
}

static bool parse_birth(struct slice rest, struct queue_entry *e)
{
	uint64_t created, uid;
	if (!number_take(&rest, DECIMAL, INT64_MAX, &created) ||
	    !number_take(&rest, DECIMAL, UINT32_MAX, &uid))
		return false;
	e->created = (int64_t)created;
	e->uid = (uint32_t)uid;
	return parse_origin(rest, e);
}

static bool parse_size(struct slice rest, struct queue_entry *e)
{
	uint64_t sum;
	if (!number_take(&rest, DECIMAL, INT64_MAX, &e->message.facts.size) ||
	    !number_take(&rest, HEX, UINT32_MAX, &sum))
		return false;
	e->checksum = (uint32_t)sum;
	return true;
}

static bool parse_facts(struct slice rest, struct facts *f)
{
	uint64_t longest;
	if (!number_take(&rest, DECIMAL, INT64_MAX, &f->size) ||
	    !number_take(&rest, DECIMAL, SIZE_MAX, &longest) || rest.len != 3)
		return false;
	f->longest_line = (size_t)longest;
	f->eight_bit = rest.data[0] == '8';
	f->nul = rest.data[1] == '0';
	f->dot_line = rest.data[2] == '.';
	return true;
}

static bool parse_head(struct slice rest, struct queue_entry *e)
{
	return parse_facts(rest, &e->message.head);
}

static bool parse_body(struct slice rest, struct queue_entry *e)
{
	uint64_t size = e->message.facts.size;
	if (!parse_facts(rest, &e->message.body) ||
	    e->message.head.size + e->message.body.size != size)
		return false;
	e->message.facts = facts_sum(&e->message.head, &e->message.body);
	return true;
}

static bool parse_account(struct slice rest, struct queue_entry *e)
{
	e->account = slice_copy(rest);
	return rest.len != 0;
}

static bool parse_parent(struct slice rest, struct queue_entry *e)
{
	e->parent = slice_copy(rest);
	return queue_id_valid(rest);
}

static bool parse_message_id(struct slice rest, struct queue_entry *e)
{
	e->message.id = slice_copy(rest);
	return true;
}

static bool parse_notify(struct slice rest, struct queue_entry *e)
{
	static const char *const words[] = { "FULL", "HDRS" };
	uint64_t notify;
	if (!number_take(&rest, DECIMAL, 15, &notify))
		return false;
	e->envelope.notify = (unsigned)notify;
	for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
		if (slice_is(rest, words[i]))
			e->envelope.ret = words[i];
	}
	return e->envelope.ret != NULL || slice_is(rest, "-");
}

static bool parse_wishes(struct slice rest, struct queue_entry *e)
{
	struct wishes *w = &e->envelope.wishes;
	uint64_t require_tls;
	if (!number_take(&rest, DECIMAL, 1, &require_tls) ||
	    !take_signed(&rest, INT32_MAX, &w->hold_for) ||
	    !take_signed(&rest, INT32_MAX, &w->deliver_by) ||
	    !take_signed(&rest, 9, &w->priority))
		return false;
	w->require_tls = require_tls != 0;
	return rest.len == 0;
}

static bool parse_envelope_id(struct slice rest, struct queue_entry *e)
{
	e->envelope.envid = slice_copy(rest);
	return rest.len != 0;
}

static bool is_path(const char *text)
{
	struct status ignored;
	return address_check(text, &ignored) == 0;
}

static bool parse_sender(struct slice rest, struct queue_entry *e)
{
	e->envelope.sender = slice_copy(rest);
	return rest.len == 0 || is_path(e->envelope.sender);
}

/* Room doubles where the place of the new mark is a power of two, less one. */
static void add_mark(struct queue_entry *e, char mark)
{
	size_t at = e->envelope.count - 1;
	if ((at & (at + 1)) == 0)
		e->marks = mem_resize(e->marks, 2 * at + 2);
	e->marks[at] = mark;
}

static bool parse_recipient(struct slice rest, struct queue_entry *e)
{
	static const char marks[] = { MARK_PENDING, MARK_DELIVERED, MARK_FAILED, MARK_TOLD };
	size_t before = e->envelope.count;
	if (rest.len < QUEUE_MARK_AT + 1 || rest.data[1] != ' ' ||
	    memchr(marks, rest.data[0], sizeof marks) == NULL)
		return false;
	char *address = slice_copy(slice_cut(rest, QUEUE_MARK_AT, rest.len));
	if (is_path(address))
		envelope_add(&e->envelope, address);
	free(address);
	if (e->envelope.count == before)
		return false;
	add_mark(e, rest.data[0]);
	return true;
}

/* In this order; each once, unless the table says otherwise. */
static const struct line {
	char letter;
	bool (*parse)(struct slice rest, struct queue_entry *e);
	bool optional;
	bool repeats;
} lines[] = {
	{ 'A', parse_tries, false, false },      { 'T', parse_birth, false, false },
	{ 'B', parse_size, false, false },       { 'H', parse_head, false, false },
	{ 'M', parse_body, false, false },       { 'X', parse_account, false, false },
	{ 'P', parse_parent, true, false },      { 'I', parse_message_id, true, false },
	{ 'N', parse_notify, false, false },     { 'W', parse_wishes, false, false },
	{ 'V', parse_envelope_id, true, false }, { 'F', parse_sender, false, false },
	{ 'R', parse_recipient, false, true },
};

/* Texts of others were made printable, or checked, before they came here. */
static bool has_control(struct slice text)
{
	for (size_t i = 0; i < text.len; i++) {
		unsigned char c = (unsigned char)text.data[i];
		if (c < 0x20 || c == 0x7f)
			return true;
	}
	return false;
}

/* The next of the kind L: 1 if there is one, 0 if not, -1 if it is wrong. */
static int take_line(struct slice *rest, const struct line *l, struct queue_entry *e,
		     struct status *st)
{
	struct slice ahead = *rest, line = { 0 };
	if (!slice_next(&ahead, '\n', &line) || line.len < 2 || line.data[0] != l->letter ||
	    line.data[1] != ' ')
		return 0;
	*rest = ahead;
	bool clean = l->parse == parse_tries || !has_control(line);
	if (clean && l->parse(slice_cut(line, 2, line.len), e))
		return 1;
	return status_set(st, STATUS_BAD_MESSAGE, "its line '%c' makes no sense", l->letter);
}

static int parse_lines(struct slice *rest, struct queue_entry *e, struct status *st)
{
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		int found = take_line(rest, &lines[i], e, st);
		if (found == 0 && !lines[i].optional)
			return status_set(st, STATUS_BAD_MESSAGE, "it has no line '%c'",
					  lines[i].letter);
		while (found == 1 && lines[i].repeats)
			found = take_line(rest, &lines[i], e, st);
		if (found < 0)
			return -1;
	}
	return 0;
}

static bool same(struct slice a, struct slice b)
{
	return a.len == b.len && memcmp(a.data, b.data, a.len) == 0;
}

/* What stands behind the line that changes. */
static struct slice lasting(struct slice header)
{
	struct slice rest = slice_cut(header, QUEUE_TRIES_AT, header.len);
	return slice_cut(rest, slice_find(rest, '\n'), rest.len);
}

/* But for what changes, it is what we would write of E, checksum and all. */
static bool is_as_written(struct slice text, const struct queue_entry *e)
{
	struct buf expected = { 0 };
	queue_file_header(e, &expected);
	bool is = same(lasting(text), lasting(buf_slice(&expected)));
	buf_release(&expected);
	return is;
}

void queue_file_places(struct slice header, struct queue_entry *e)
{
	struct slice rest = header, line = { 0 };
	size_t at = 0;
	free(e->places);
	e->places = mem_zero(e->envelope.count + 1, sizeof *e->places);
	while (slice_next(&rest, '\n', &line)) {
		if (line.len >= QUEUE_MARK_AT && line.data[0] == 'R')
			e->places[at++] = (uint64_t)(line.data - header.data) + QUEUE_MARK_AT;
	}
	e->head = header.len;
	free(e->saved);
	e->saved = mem_copy_n(e->marks, e->envelope.count);
}

/* Who is marked is decided; who has it, and whose sender was told, concerns nobody any more. */
static void settle(struct queue_entry *e)
{
	struct status done = { .kind = STATUS_OK };
	struct status refused = { .kind = STATUS_REJECTED };
	for (size_t i = 0; i < e->envelope.count; i++) {
		bool failed = e->marks[i] == MARK_FAILED;
		if (e->marks[i] != MARK_PENDING)
			recipient_decide(&e->envelope.at[i], failed ? &refused : &done);
	}
}

int queue_file_read_lines(struct slice text, struct queue_entry *e, struct status *st)
{
	const size_t first = sizeof QUEUE_MAGIC - 1 + QUEUE_ID_LENGTH + 1;
	struct slice rest = slice_cut(text, first, text.len);
	if (text.len < first || memcmp(text.data, QUEUE_MAGIC, sizeof QUEUE_MAGIC - 1) != 0 ||
	    !parse_id(slice_cut(text, sizeof QUEUE_MAGIC - 1, first - 1), e) ||
	    text.data[first - 1] != '\n')
		return status_set(st, STATUS_BAD_MESSAGE,
				  "it does not begin as a message does");
	return parse_lines(&rest, e, st);
}

int queue_file_parse(struct slice text, struct queue_entry *e, struct status *st)
{
	if (queue_file_read_lines(text, e, st) != 0)
		return -1;
	if (!is_as_written(text, e))
		return status_set(st, STATUS_BAD_MESSAGE, "its header's checksum is wrong");
	queue_file_places(text, e);
	settle(e);
	return 0;
}
