/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A header that is taken is one that we would have written, but for the line that changes; its
 * addresses may stand in MAIL and RCPT, and no text in it holds a control character. That goes
 * for what comes, and for the same with a checksum that is right.
 */
#include "message/path.h"
#include "queue/queue_file.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_text(const char *text)
{
	for (; text != NULL && *text != '\0'; text++)
		must((unsigned char)*text >= 0x20 && *text != 0x7f);
}

static void check_entry(const struct queue_entry *e, struct slice text)
{
	struct status st;
	must(queue_id_valid(slice_of(e->id.text)));
	must(e->account != NULL && e->account[0] != '\0' && e->envelope.count != 0);
	must(e->parent == NULL || queue_id_valid(slice_of(e->parent)));
	must(e->envelope.sender[0] == '\0' || address_check(e->envelope.sender, &st) == 0);
	must(e->message.head.size + e->message.body.size == e->message.facts.size);
	must(e->head == text.len && queue_file_size(e) > e->head + e->message.facts.size);
	must(e->attempts <= UINT16_MAX && e->next >= 0 && e->created >= 0);
	check_text(e->account);
	check_text(e->message.id);
	check_text(e->envelope.envid);
	for (size_t i = 0; i < e->envelope.count; i++) {
		must(address_check(e->envelope.at[i].address, &st) == 0);
		must(strchr("?DFB", e->marks[i]) != NULL && e->marks[i] == e->saved[i]);
		must(text.data[e->places[i]] == e->marks[i]);
		must(e->envelope.at[i].decided == (e->marks[i] != MARK_PENDING));
	}
}

/* Where the line that changes ends. */
static size_t end_of_tries(struct slice text)
{
	size_t line = slice_find(slice_cut(text, QUEUE_TRIES_AT, text.len), '\n');
	return QUEUE_TRIES_AT + line;
}

static void check_again(const struct queue_entry *e, struct slice text)
{
	struct queue_entry twin;
	struct buf again = { 0 };
	struct status st;
	queue_file_header(e, &again);
	size_t here = end_of_tries(text), there = end_of_tries(buf_slice(&again));
	must(memcmp(text.data, again.data, QUEUE_TRIES_AT) == 0);
	must(text.len - here == again.len - there);
	must(memcmp(text.data + here, again.data + there, text.len - here) == 0);
	queue_entry_init(&twin);
	must(queue_file_parse(buf_slice(&again), &twin, &st) == 0);
	must(twin.attempts == e->attempts && twin.state == e->state);
	must(twin.next == e->next || e->next > 999999999999);
	must(twin.warned == e->warned);
	queue_entry_release(&twin);
	buf_release(&again);
}

static void read_any(struct slice text)
{
	struct queue_entry e;
	struct status st = { 0 };
	queue_entry_init(&e);
	if (queue_file_parse(text, &e, &st) == 0) {
		check_entry(&e, text);
		check_again(&e, text);
	} else {
		must(st.kind == STATUS_BAD_MESSAGE && st.text[0] != '\0');
	}
	queue_entry_release(&e);
}

/* Nobody finds a checksum by trying. */
static void read_with_right_checksum(struct slice text)
{
	static const char last[] = "K 00000000\n\n";
	struct buf forged = { 0 };
	if (text.len < sizeof last - 1)
		return;
	buf_add(&forged, text.data, text.len - (sizeof last - 1));
	buf_addf(&forged, "K %08x\n\n", queue_file_check(buf_slice(&forged)));
	read_any(buf_slice(&forged));
	buf_release(&forged);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_n(size != 0 ? (const char *)data : "", size);
	size_t len = 0;
	bool found = queue_file_find_header(text, &len);
	must(!found ||
	     (len >= 2 && len <= size && memcmp(text.data + len - 2, "\n\n", 2) == 0));
	read_any(text);
	if (found) {
		read_any(slice_cut(text, 0, len));
		read_with_right_checksum(slice_cut(text, 0, len));
	}
	return 0;
}
