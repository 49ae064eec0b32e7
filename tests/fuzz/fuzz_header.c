/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/header.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void demand(bool holds)
{
	if (!holds)
		abort();
}

/* The header's bytes are exactly TEXT. */
static void demand_written(const struct header *h, struct slice text)
{
	struct buf out = { 0 };
	header_write(h, &out);
	demand(out.len == text.len &&
	       (text.len == 0 || memcmp(out.data, text.data, text.len) == 0));
	buf_release(&out);
}

/* Its parts make up a field, no line of which could pass for another one. */
static void demand_field(const struct header *h, const struct field *f)
{
	struct slice text = slice_n(f->text, f->len), body = field_body(f);
	demand(header_is_field(text) && f->name_len != 0 && f->text[f->body - 1] == ':');
	demand(text.data[text.len - 2] == '\r' && text.data[text.len - 1] == '\n');
	demand(slice_find(text, '\0') == text.len);
	for (size_t i = 0; i < body.len; i++) {
		if (body.data[i] == '\r')
			demand(i + 2 < body.len && body.data[i + 1] == '\n' &&
			       strchr(" \t", body.data[i + 2]) != NULL);
		else if (body.data[i] == '\n')
			demand(i > 0 && body.data[i - 1] == '\r');
	}
	char *name = slice_copy(field_name(f));
	demand(header_find(h, name, 0) <= f && header_find(h, name, (size_t)(f - h->at)) == f);
	free(name);
}

/* A field put in and removed again leaves no trace; then all of one name can go. */
static void demand_changes(struct header *h, struct slice section)
{
	static const char name[] = "a name no section has";
	size_t middle = h->count / 2;
	header_insert(h, middle, name, slice_of("1\r\n 2"));
	field_replace_body(&h->at[middle], slice_of(" 3"));
	demand(slice_is(field_body(&h->at[middle]), " 3"));
	demand(header_remove(h, name) == 1);
	demand_written(h, section);
	if (h->count == 0)
		return;
	char *first = slice_copy(field_name(&h->at[0]));
	size_t count = h->count;
	demand(header_remove(h, first) == count - h->count && count > h->count);
	demand(header_find(h, first, 0) == NULL);
	free(first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice section = slice_n((const char *)data, size);
	struct header h = { 0 };
	struct status st = { 0 };
	if (header_parse(&h, section, &st) == 0) {
		demand_written(&h, section);
		for (size_t i = 0; i < h.count; i++)
			demand_field(&h, &h.at[i]);
		demand_changes(&h, section);
	} else {
		demand(h.count == 0 && st.kind == STATUS_BAD_MESSAGE);
	}
	header_release(&h);
	return 0;
}
