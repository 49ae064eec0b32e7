/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_reply.h"

#include "base/file.h"
#include "base/number.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	LONGEST = 8 * 1024 * 1024, /* octets of such a file that are looked at */
	TEXT = 512,                /* octets kept of each reply */
};

/* Between two tabs: text of other parties, made printable, holds none. */
static void add_words(struct buf *out, const char *text)
{
	buf_add_char(out, '\t');
	text_printable(out, slice_of(text != NULL ? text : ""), TEXT);
}

static void add_line(struct buf *out, size_t first, size_t last, const struct recipient *r)
{
	buf_addf(out, "%zu %zu %d %d %u %u %u %u", first, last, (int)r->kind, (int)r->stage,
		 r->code, r->enhanced[0], r->enhanced[1], r->enhanced[2]);
	add_words(out, r->peer);
	add_words(out, r->reply);
	add_words(out, r->hint);
	buf_add_char(out, '\n');
}

/* Who has the message needs no words. */
static bool has_none(const struct queue_entry *e, size_t i)
{
	return e->marks[i] != MARK_DELIVERED;
}

static bool is_told_of(const struct queue_entry *e, size_t i)
{
	return e->envelope.at[i].reply != NULL && has_none(e, i);
}

static bool same_text(const char *a, const char *b)
{
	return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static bool same(const struct recipient *a, const struct recipient *b)
{
	return a->kind == b->kind && a->code == b->code && same_text(a->reply, b->reply) &&
	       same_text(a->peer, b->peer);
}

/* A server that cannot be reached gives one line, not one for each of ten thousand. */
static void write_lines(const struct queue_entry *e, struct buf *out)
{
	const struct recipient *at = e->envelope.at;
	size_t last;
	for (size_t i = 0; i < e->envelope.count; i = last + 1) {
		last = i;
		if (!is_told_of(e, i))
			continue;
		while (last + 1 < e->envelope.count && is_told_of(e, last + 1) &&
		       same(&at[i], &at[last + 1]))
			last++;
		add_line(out, i, last, &at[i]);
	}
}

void queue_reply_save(const struct queue *q, const struct queue_entry *e)
{
	struct buf text = { 0 };
	struct queue_path path = queue_path(QUEUE_REPLIES, e->id.text);
	write_lines(e, &text);
	int fd = text.len == 0 ? -1
			       : queue_open_file(q, path.text,
						 O_WRONLY | O_CREAT | O_TRUNC | O_NONBLOCK);
	if (fd >= 0) {
		file_write_at(fd, 0, buf_slice(&text));
		close(fd);
	}
	buf_release(&text);
}

/* The numbers that add_line wrote. */
struct numbers {
	uint64_t first, last, kind, stage, code, enhanced[3];
};

static bool take_numbers(struct slice text, struct numbers *n)
{
	const struct {
		uint64_t most;
		uint64_t *into;
	} rows[] = {
		{ SIZE_MAX, &n->first },
		{ SIZE_MAX, &n->last },
		{ STATUS_KINDS - 1, &n->kind },
		{ STAGE_QUIT, &n->stage },
		{ 999, &n->code },
		{ 5, &n->enhanced[0] },
		{ 999, &n->enhanced[1] },
		{ 999, &n->enhanced[2] },
	};
	for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
		if (!number_take(&text, 10, rows[i].most, rows[i].into))
			return false;
	}
	return n->kind != STATUS_OK;
}

static void copy_words(char *into, size_t room, struct slice *rest)
{
	struct slice words = { 0 };
	struct buf clean = { 0 };
	slice_next(rest, '\t', &words);
	text_printable(&clean, words, room - 1);
	memcpy(into, buf_str(&clean), clean.len + 1);
	buf_release(&clean);
}

static void apply(struct queue_entry *e, size_t first, size_t last, const struct status *st)
{
	for (size_t i = first; i <= last && i < e->envelope.count; i++) {
		struct recipient *r = &e->envelope.at[i];
		bool decided = r->decided;
		if (r->reply != NULL || !has_none(e, i))
			continue;
		recipient_note(r, st);
		r->decided = decided;
	}
}

/* Lines are in order, none of them below FROM: reading takes no longer than there are bytes and
 * recipients. Gives where the next one may begin. */
static size_t read_line(struct queue_entry *e, struct slice line, size_t from)
{
	struct numbers n;
	struct slice numbers = { 0 };
	slice_next(&line, '\t', &numbers);
	if (!take_numbers(numbers, &n) || n.first < from || n.last < n.first)
		return from;
	struct status st = {
		.kind = (enum status_kind)n.kind,
		.stage = (enum stage)n.stage,
		.code = (unsigned short)n.code,
	};
	for (size_t i = 0; i < sizeof st.enhanced / sizeof st.enhanced[0]; i++)
		st.enhanced[i] = (unsigned short)n.enhanced[i];
	copy_words(st.peer, sizeof st.peer, &line);
	copy_words(st.text, sizeof st.text, &line);
	copy_words(st.hint, sizeof st.hint, &line);
	apply(e, (size_t)n.first, (size_t)n.last, &st);
	return (size_t)n.last + 1;
}

void queue_reply_load(const struct queue *q, struct queue_entry *e)
{
	struct queue_path path = queue_path(QUEUE_REPLIES, e->id.text);
	struct slice rest, line = { 0 };
	size_t from = 0;
	struct stat facts;
	struct buf text = { 0 };
	int fd = file_open(q->fd, path.text, O_RDONLY | O_NONBLOCK, 0);
	if (fd < 0)
		return;
	if (fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) && facts.st_size <= LONGEST)
		file_read_at(fd, 0, (size_t)facts.st_size, &text);
	close(fd);
	rest = buf_slice(&text);
	while (slice_next(&rest, '\n', &line))
		from = read_line(e, line, from);
	buf_release(&text);
}

void queue_reply_remove(const struct queue *q, const char *id)
{
	unlinkat(q->fd, queue_path(QUEUE_REPLIES, id).text, 0);
}
