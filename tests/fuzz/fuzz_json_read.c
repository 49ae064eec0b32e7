/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any text: what is taken can be written again by our own writer and is then read as the same,
 * and nothing of what is refused gets into the sentence.
 */
#include "base/json_read.h"

#include "base/json.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void must(bool holds)
{
	if (!holds)
		abort();
}

static const struct json_member *find(const struct json_members *m, const char *name)
{
	for (size_t i = 0; i < m->count; i++) {
		if (strcmp(m->at[i].name, name) == 0)
			return &m->at[i];
	}
	return NULL;
}

/* Each name once, no NUL anywhere, and what can be asked for is what was read. */
static void check(const struct json_members *m)
{
	must(m->count <= JSON_MEMBERS_MAX);
	for (size_t i = 0; i < m->count; i++) {
		const struct json_member *one = &m->at[i];
		const char *text = json_text_of(m, one->name);
		int64_t number;
		must(find(m, one->name) == one);
		must(strlen(buf_str(&one->value)) == one->value.len);
		must((text != NULL) == (one->kind == JSON_TEXT));
		must(text == NULL || strcmp(text, buf_str(&one->value)) == 0);
		must(one->kind != JSON_OTHER || !json_number_of(m, one->name, &number));
	}
}

static bool has_c1(struct slice s)
{
	for (size_t i = 0; i + 1 < s.len; i++) {
		if ((unsigned char)s.data[i] == 0xc2 && (unsigned char)s.data[i + 1] < 0xa0)
			return true;
	}
	return false;
}

/* The writer spoils the control characters of C1, so a member with one is left out. */
static void write_again(const struct json_members *m, struct buf *out)
{
	struct json j = { .out = out };
	json_object(&j, NULL);
	for (size_t i = 0; i < m->count; i++) {
		const struct json_member *one = &m->at[i];
		if (one->kind == JSON_TEXT && !has_c1(slice_of(one->name)) &&
		    !has_c1(buf_slice(&one->value)))
			json_slice(&j, one->name, buf_slice(&one->value));
	}
	json_object_end(&j);
}

static void read_again(const struct json_members *m)
{
	struct buf text = { 0 };
	struct json_members again = { 0 };
	struct status st;
	write_again(m, &text);
	must(json_read(buf_slice(&text), &again, &st) == 0);
	for (size_t i = 0; i < again.count; i++)
		must(strcmp(json_text_of(m, again.at[i].name), buf_str(&again.at[i].value)) ==
		     0);
	json_members_release(&again);
	buf_release(&text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_n(size != 0 ? (const char *)data : "", size);
	struct json_members m = { 0 };
	struct status st = { 0 };
	if (json_read(text, &m, &st) == 0) {
		check(&m);
		read_again(&m);
	} else {
		must(st.kind == STATUS_BROKEN_PEER && strlen(st.text) < 100);
	}
	json_members_release(&m);
	return 0;
}
