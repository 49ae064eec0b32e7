/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report_world.h"

#include "base/mem.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define HOUR 3600
#define DAY  (24 * HOUR)

void world_open(struct world *w, const char *head, const char *body)
{
	struct status st;
	*w = (struct world){ 0 };
	store_init(&w->original);
	store_init(&w->out.content);
	assert_int_equal(store_add(&w->original, slice_of(head), &st), 0);
	assert_int_equal(store_add(&w->original, slice_of("\r\n"), &st), 0);
	assert_int_equal(store_add(&w->original, slice_of(body), &st), 0);
	w->envelope.sender = mem_copy("a@x.test");
	w->report = (struct report){
		.kind = REPORT_FAILED,
		.id = "06DNGP8ZS5XJ4K2W7QH3M9AB",
		.parent_id = "06DNGP0000ABCDEFGHJKMNPQ",
		.host = "mail.x.test",
		.from = "MAILER-DAEMON@x.test",
		.to = "a@x.test",
		.now = NOW,
		.arrived = NOW - HOUR,
		.attempted = NOW - 1,
		.expires = NOW + 2 * DAY,
		.envelope = &w->envelope,
		.original = &w->original,
		.head_size = strlen(head) + 2,
	};
}

struct recipient *world_add(struct world *w, const char *address, const struct status *st)
{
	envelope_add(&w->envelope, address);
	struct recipient *r = &w->envelope.at[w->envelope.count - 1];
	if (st != NULL)
		recipient_decide(r, st);
	return r;
}

/* One that a server does not know. */
void world_add_unknown(struct world *w, const char *address)
{
	struct status st = { .kind = STATUS_NO_USER,
			     .code = 550,
			     .enhanced = { 5, 1, 1 },
			     .peer = "mx.y.test:25",
			     .text = "RCPT TO:<b@y.test>: 550 5.1.1 No such user",
			     .hint = "see whether the address is spelled right" };
	world_add(w, address, &st);
}

static void read_back(const struct store *s, struct buf *out)
{
	struct buf scratch = { 0 };
	struct slice piece;
	struct status st;
	do {
		assert_int_equal(store_read(s, out->len, &scratch, &piece, &st), 0);
		buf_add_slice(out, piece);
	} while (piece.len != 0);
	buf_release(&scratch);
}

/* For readers by other hands: tests/e2e/test_report.py lets Python's read them. */
static void save(const struct world *w)
{
	static int count;
	const char *folder = getenv("REPORT_SAMPLES");
	char path[4096];
	if (folder == NULL)
		return;
	snprintf(path, sizeof path, "%s/%s-%03d.eml", folder, program_invocation_short_name,
		 count++);
	FILE *f = fopen(path, "wb");
	assert_non_null(f);
	assert_int_equal(fwrite(w->text.data, 1, w->text.len, f), w->text.len);
	assert_int_equal(fclose(f), 0);
}

static void check_same_facts(const struct facts *a, const struct facts *b)
{
	assert_int_equal(a->size, b->size);
	assert_int_equal(a->longest_line, b->longest_line);
	assert_int_equal(a->eight_bit, b->eight_bit);
	assert_int_equal(a->nul, b->nul);
	assert_int_equal(a->dot_line, b->dot_line);
}

static void check_facts(const struct world *w)
{
	struct facts head = { 0 }, body = { 0 }, all = { 0 };
	size_t end = (size_t)w->out.head.size;
	facts_add(&head, slice_cut(buf_slice(&w->text), 0, end));
	facts_add(&body, slice_cut(buf_slice(&w->text), end, w->text.len));
	facts_add(&all, buf_slice(&w->text));
	assert_memory_equal(w->text.data + end - 4, "\r\n\r\n", 4);
	check_same_facts(&w->out.head, &head);
	check_same_facts(&w->out.body, &body);
	check_same_facts(&w->out.facts, &all);
	assert_int_equal(w->out.content.size, w->text.len);
}

void world_write(struct world *w)
{
	struct status st = { 0 };
	assert_int_equal(report_write(&w->report, &w->out, &st), 0);
	read_back(&w->out.content, &w->text);
	save(w);
	const char *fault = report_parts_read(&w->parts, buf_slice(&w->text));
	if (fault != NULL)
		fail_msg("%s in\n%s", fault, buf_str(&w->text));
	check_facts(w);
}

void world_release(struct world *w)
{
	report_parts_release(&w->parts);
	buf_release(&w->text);
	buf_release(&w->value);
	free(w->out.id);
	store_release(&w->out.content);
	store_release(&w->original);
	envelope_release(&w->envelope);
}

const char *world_field(struct world *w, const struct header *h, const char *name)
{
	buf_reset(&w->value);
	return report_field(h, name, &w->value) == 0 ? buf_str(&w->value) : "";
}

bool world_text_has(const struct world *w, const char *words)
{
	return strstr(buf_str(&w->text), words) != NULL;
}
