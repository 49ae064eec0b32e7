/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_file.h"

#include "base/crc32c.h"
#include "base/number.h"

#include <string.h>

enum {
	TRAILER = 1 + 4 + QUEUE_ID_LENGTH + 1 + 15 + 1 + 8 + 1,
	ID_TEXT = 998, /* octets kept of a Message-ID field */
	MOST_TRIES = 65535,
	DECIMAL = 10,
	HEX = 16,
	WIDE = 15,      /* digits of a size */
	SUM = 8,        /* digits of a checksum */
	ROOM = 512,     /* octets of most headers, but for the recipients */
	ROOM_EACH = 48, /* octets of most recipients' lines */
};

static const int64_t MOST_TIME = 999999999999;

const char *const queue_origins[QUEUE_ORIGINS] = {
	[FROM_SENDMAIL] = "sendmail",
	[FROM_SMTP] = "smtp",
	[FROM_SERVICE] = "service",
	[FROM_REPORT] = "report",
};

static void add_letter(struct buf *out, char letter)
{
	buf_add_char(out, letter);
	buf_add_char(out, ' ');
}

static void add_facts(struct buf *out, char letter, const struct facts *f)
{
	const char flags[] = { ' ', f->eight_bit ? '8' : '-', f->nul ? '0' : '-',
			       f->dot_line ? '.' : '-', '\n' };
	add_letter(out, letter);
	number_add(out, DECIMAL, WIDE, f->size);
	buf_add_char(out, ' ');
	number_add(out, DECIMAL, WIDE, f->longest_line);
	buf_add(out, flags, sizeof flags);
}

static void add_text(struct buf *out, char letter, const char *text)
{
	if (text == NULL)
		return;
	add_letter(out, letter);
	buf_add_str(out, text);
	buf_add_char(out, '\n');
}

static void add_size(struct buf *out, const struct queue_entry *e)
{
	number_add(out, DECIMAL, WIDE, e->message.facts.size);
	buf_add_char(out, ' ');
	number_add(out, HEX, SUM, e->checksum);
	buf_add_char(out, '\n');
}

static void add_message_id(struct buf *out, const char *id)
{
	if (id == NULL)
		return;
	buf_add_str(out, "I ");
	text_printable(out, slice_of(id), ID_TEXT);
	buf_add_char(out, '\n');
}

static void add_wishes(struct buf *out, const struct envelope *e)
{
	const struct wishes *w = &e->wishes;
	const int64_t times[] = { w->hold_for, w->deliver_by, w->priority };
	add_letter(out, 'N');
	number_add(out, DECIMAL, 1, e->notify);
	buf_add_char(out, ' ');
	buf_add_str(out, e->ret != NULL ? e->ret : "-");
	buf_add_str(out, w->require_tls ? "\nW 1" : "\nW 0");
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		buf_add_char(out, ' ');
		number_add_signed(out, times[i]);
	}
	buf_add_char(out, '\n');
	add_text(out, 'V', e->envid);
}

static int64_t within(int64_t number, int64_t most)
{
	if (number < 0)
		return 0;
	return number < most ? number : most;
}

/* Of one width, whatever the numbers are: it is written over the one before. */
void queue_file_tries(const struct queue_entry *e, struct buf *out)
{
	const char flags[] = { ' ', (char)e->state, ' ', e->warned ? 'w' : '-' };
	number_add(out, DECIMAL, 5, (uint64_t)within(e->attempts, MOST_TRIES));
	buf_add_char(out, ' ');
	number_add(out, DECIMAL, 12, (uint64_t)within(e->next, MOST_TIME));
	buf_add(out, flags, sizeof flags);
}

uint32_t queue_file_check(struct slice text)
{
	struct slice line = { 0 };
	uint32_t sum = 0;
	while (slice_next(&text, '\n', &line)) {
		if (line.len != 0 && line.data[0] == 'A')
			continue;
		bool marked = line.len > QUEUE_MARK_AT && line.data[0] == 'R';
		sum = crc32c(sum, slice_cut(line, marked ? QUEUE_MARK_AT + 1 : 0, line.len));
	}
	return sum;
}

static void add_birth(struct buf *out, const struct queue_entry *e)
{
	buf_add_str(out, "\nT ");
	number_add(out, DECIMAL, 12, (uint64_t)within(e->created, MOST_TIME));
	buf_add_char(out, ' ');
	number_add(out, DECIMAL, 10, e->uid);
	buf_add_char(out, ' ');
	buf_add_str(out, queue_origins[e->origin]);
	buf_add_char(out, '\n');
}

static void add_recipient(struct buf *out, char mark, const char *address)
{
	add_letter(out, 'R');
	add_text(out, mark, address);
}

void queue_file_header(const struct queue_entry *e, struct buf *out)
{
	size_t start = out->len;
	buf_reserve(out, ROOM + e->envelope.count * ROOM_EACH);
	buf_add_str(out, QUEUE_MAGIC);
	buf_add_str(out, e->id.text);
	buf_add_str(out, "\nA ");
	queue_file_tries(e, out);
	add_birth(out, e);
	add_letter(out, 'B');
	add_size(out, e);
	add_facts(out, 'H', &e->message.head);
	add_facts(out, 'M', &e->message.body);
	add_text(out, 'X', e->account);
	add_text(out, 'P', e->parent);
	add_message_id(out, e->message.id);
	add_wishes(out, &e->envelope);
	add_text(out, 'F', e->envelope.sender);
	for (size_t i = 0; i < e->envelope.count; i++)
		add_recipient(out, e->marks[i], e->envelope.at[i].address);
	uint32_t check = queue_file_check(slice_cut(buf_slice(out), start, out->len));
	add_letter(out, 'K');
	number_add(out, HEX, SUM, check);
	buf_add_str(out, "\n\n");
}

void queue_file_trailer(const struct queue_entry *e, struct buf *out)
{
	buf_add_str(out, "\nEND ");
	buf_add_str(out, e->id.text);
	buf_add_char(out, ' ');
	add_size(out, e);
}

uint64_t queue_file_size(const struct queue_entry *e)
{
	return e->head + e->message.facts.size + TRAILER;
}

bool queue_file_trailer_is(const struct queue_entry *e, struct slice text)
{
	struct buf expected = { 0 };
	queue_file_trailer(e, &expected);
	bool same = text.len == expected.len && memcmp(text.data, expected.data, text.len) == 0;
	buf_release(&expected);
	return same;
}
