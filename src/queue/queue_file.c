/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_file.h"

#include "base/crc32c.h"

#include <inttypes.h>
#include <string.h>

enum {
	TRAILER = 1 + 4 + QUEUE_ID_LENGTH + 1 + 15 + 1 + 8 + 1,
	ID_TEXT = 998, /* octets kept of a Message-ID field */
	MOST_TRIES = 65535,
};

static const int64_t MOST_TIME = 999999999999;

const char *const queue_origins[QUEUE_ORIGINS] = {
	[FROM_SENDMAIL] = "sendmail",
	[FROM_SMTP] = "smtp",
	[FROM_SERVICE] = "service",
	[FROM_REPORT] = "report",
};

static void add_facts(struct buf *out, char letter, const struct facts *f)
{
	buf_addf(out, "%c %015" PRIu64 " %015zu %c%c%c\n", letter, f->size, f->longest_line,
		 f->eight_bit ? '8' : '-', f->nul ? '0' : '-', f->dot_line ? '.' : '-');
}

static void add_text(struct buf *out, char letter, const char *text)
{
	if (text != NULL)
		buf_addf(out, "%c %s\n", letter, text);
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
	buf_addf(out, "N %u %s\n", e->notify, e->ret != NULL ? e->ret : "-");
	buf_addf(out, "W %d %" PRId64 " %" PRId64 " %" PRId64 "\n", w->require_tls ? 1 : 0,
		 w->hold_for, w->deliver_by, w->priority);
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
	buf_addf(out, "%05" PRId64 " %012" PRId64 " %c %c", within(e->attempts, MOST_TRIES),
		 within(e->next, MOST_TIME), (char)e->state, e->warned ? 'w' : '-');
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

void queue_file_header(const struct queue_entry *e, struct buf *out)
{
	size_t start = out->len;
	buf_addf(out, QUEUE_MAGIC "%s\nA ", e->id.text);
	queue_file_tries(e, out);
	buf_addf(out, "\nT %012" PRId64 " %010" PRIu32 " %s\n", e->created, e->uid,
		 queue_origins[e->origin]);
	buf_addf(out, "B %015" PRIu64 " %08" PRIx32 "\n", e->message.facts.size, e->checksum);
	add_facts(out, 'H', &e->message.head);
	add_facts(out, 'M', &e->message.body);
	add_text(out, 'X', e->account);
	add_text(out, 'P', e->parent);
	add_message_id(out, e->message.id);
	add_wishes(out, &e->envelope);
	add_text(out, 'F', e->envelope.sender);
	for (size_t i = 0; i < e->envelope.count; i++)
		buf_addf(out, "R %c %s\n", e->marks[i], e->envelope.at[i].address);
	buf_addf(out, "K %08" PRIx32 "\n\n",
		 queue_file_check(slice_cut(buf_slice(out), start, out->len)));
}

void queue_file_trailer(const struct queue_entry *e, struct buf *out)
{
	buf_addf(out, "\nEND %s %015" PRIu64 " %08" PRIx32 "\n", e->id.text,
		 e->message.facts.size, e->checksum);
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
