/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Fixing a header section up twice is fixing it up once; who gets the mail does not change. */
#include "message/fixup.h"
#include "message/lines.h"
#include "message/phrase.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int read_section(struct header *h, struct slice section)
{
	struct status st;
	return header_parse(h, section, &st);
}

/* Sender and recipients, one a line; only "-" if they cannot be read. */
static struct buf envelope_of(const struct header *h)
{
	struct mailboxes list = { 0 };
	struct status st;
	struct buf out = { 0 };
	fixup_from_address(h, "example.com", &out);
	if (fixup_recipients(h, &list, &st) != 0)
		buf_add_char(&out, '-');
	for (size_t i = 0; i < list.count; i++) {
		buf_add_char(&out, '\n');
		mailbox_path(&list.at[i], "example.com", &out);
	}
	mailboxes_release(&list);
	return out;
}

static void check_same(struct buf a, struct buf b)
{
	if (a.len != b.len || memcmp(buf_str(&a), buf_str(&b), a.len) != 0)
		abort();
	buf_release(&a);
	buf_release(&b);
}

static struct buf written(const struct header *h)
{
	struct buf out = { 0 };
	header_write(h, &out);
	return out;
}

static void check_section(struct header *h)
{
	const struct strings nothing = { 0 };
	const struct fixup f = { .domain = "example.com",
				 .id_domain = "example.com",
				 .from = "me@example.com",
				 .remove = &nothing };
	bool had_from = header_find(h, "From", 0) != NULL;
	struct buf before = envelope_of(h);
	fixup_apply(h, &f);
	if (had_from)
		check_same(before, envelope_of(h));
	else
		buf_release(&before);
	struct buf once = written(h);
	struct header again = { 0 };
	if (read_section(&again, buf_slice(&once)) != 0 || again.count != h->count)
		abort();
	fixup_apply(&again, &f);
	check_same(once, written(&again));
	header_release(&again);
}

/* A phrase is printable ASCII, folds aside, and reads as the name of one address. */
static void check_phrase(struct slice text)
{
	char *name = slice_copy(text);
	struct buf out = { 0 };
	struct mailboxes list = { 0 };
	struct status st;
	phrase_write(&out, name);
	buf_add_str(&out, " <a@x>");
	for (size_t i = 0; i < out.len; i++) {
		bool fold = strncmp(out.data + i, "\r\n =?", 5) == 0;
		if (!fold && (out.data[i] < ' ' || out.data[i] > '~'))
			abort();
		i += fold;
	}
	if (address_parse_list(buf_slice(&out), &list, &st) != 0 || list.count != 1)
		abort();
	mailboxes_release(&list);
	buf_release(&out);
	free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice in = slice_n((const char *)data, size);
	struct lines l = { 0 };
	struct buf section = { 0 };
	struct header h = { 0 };
	lines_feed(&l, in, &section);
	lines_finish(&l, &section);
	if (read_section(&h, buf_slice(&section)) == 0)
		check_section(&h);
	check_phrase(in);
	header_release(&h);
	buf_release(&section);
	return 0;
}
