/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/address.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define DOMAIN "qualified.example"

static void demand(bool holds)
{
	if (!holds)
		abort();
}

/* Is M the mailbox that WANTED is once its bare local part got a domain? */
static void demand_same(const struct mailbox *m, const struct mailbox *wanted)
{
	const char *domain = wanted->domain[0] != '\0' ? wanted->domain : DOMAIN;
	demand(strcmp(m->local, wanted->local) == 0 && strcmp(m->domain, domain) == 0);
}

/* A path is one line, and reads back as what it was written from. */
static void demand_path(const struct mailbox *m)
{
	struct mailboxes list = { 0 };
	struct status st;
	struct buf path = { 0 };
	mailbox_path(m, DOMAIN, &path);
	for (size_t i = 0; i < path.len; i++)
		demand((unsigned char)path.data[i] >= ' ' && path.data[i] != 0x7f);
	demand(address_parse_list(buf_slice(&path), &list, &st) == 0 && list.count == 1);
	demand_same(&list.at[0], m);
	mailboxes_release(&list);
	buf_release(&path);
}

/* With "@domain" put in where the offsets say, the text names the same people. */
static void demand_qualified(struct slice text, const struct mailboxes *wanted)
{
	struct mailboxes list = { 0 };
	struct status st;
	struct buf out = { 0 };
	size_t done = 0;
	for (size_t i = 0; i < wanted->count; i++) {
		const struct mailbox *m = &wanted->at[i];
		demand(done <= m->spec_start && m->spec_start < m->spec_end);
		demand(m->spec_end <= text.len);
		buf_add_slice(&out, slice_cut(text, done, m->spec_end));
		buf_add_str(&out, m->domain[0] == '\0' ? "@" DOMAIN : "");
		done = m->spec_end;
	}
	buf_add_slice(&out, slice_cut(text, done, text.len));
	demand(address_parse_list(buf_slice(&out), &list, &st) == 0);
	demand(list.count == wanted->count);
	for (size_t i = 0; i < list.count; i++) {
		demand_same(&list.at[i], &wanted->at[i]);
		demand(slice_same_nocase(list.at[i].name, wanted->at[i].name));
	}
	mailboxes_release(&list);
	buf_release(&out);
}

/* What passes the check cannot leave its < >, and the parser knows it as one address. */
static void demand_checked(const char *path)
{
	struct status st;
	struct buf once = { 0 }, twice = { 0 };
	if (address_check(path, &st) == 0) {
		demand(strpbrk(path, "<>\r\n") == NULL && strlen(path) <= 254);
		demand(address_same(path, path));
		demand(address_parse_one(slice_of(path), NULL, false, &once, &st) == 0);
		demand(address_parse_one(buf_slice(&once), NULL, false, &twice, &st) == 0);
		demand(strcmp(buf_str(&once), buf_str(&twice)) == 0);
		demand(address_is_ascii(path) == address_is_ascii(buf_str(&once)));
	}
	buf_release(&once);
	buf_release(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_n((const char *)data, size);
	struct mailboxes list = { 0 };
	struct status st = { 0 };
	if (address_parse_list(text, &list, &st) == 0) {
		for (size_t i = 0; i < list.count; i++)
			demand_path(&list.at[i]);
		demand_qualified(text, &list);
	} else {
		demand(list.count == 0 && st.kind == STATUS_BAD_MESSAGE);
	}
	mailboxes_release(&list);
	char *path = slice_copy(text);
	demand_checked(path);
	free(path);
	return 0;
}
