/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Every alias that is read is found by its name in any case, stands for something, and its
 * addresses can be sent. A second file takes none away.
 */
#include "config/aliases.h"
#include "message/address.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_target(const struct target *t)
{
	const struct mailbox m = { .local = t->text, .domain = t->domain };
	struct buf path = { 0 };
	struct status st;
	bool address = t->kind == TARGET_ADDRESS || t->kind == TARGET_FINAL;
	mailbox_path(&m, "localhost", &path);
	must(!address || (address_check(buf_str(&path), &st) == 0 && t->text[0] != '-'));
	must(t->kind != TARGET_INCLUDE || t->text[0] == '/');
	must(t->kind != TARGET_FILE || t->text[0] == '/');
	must(t->kind != TARGET_COMMAND || t->text[0] == '|');
	buf_release(&path);
}

static void check_alias(const struct aliases *a, const struct alias *one)
{
	must(aliases_find(a, one->name) == one && one->to.count != 0 && one->line != 0);
	for (size_t i = 0; i < one->to.count; i++)
		check_target(&one->to.at[i]);
}

static void read_list(struct slice text)
{
	struct targets t = { 0 };
	struct status st;
	if (targets_parse(&t, "list", text, &st) == 0) {
		for (size_t i = 0; i < t.count; i++)
			check_target(&t.at[i]);
	}
	targets_release(&t);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = slice_n((const char *)data, size);
	struct aliases a = { 0 };
	struct status st;
	int result = aliases_parse(&a, "f", text, &st);
	must(result == 0 ? a.count <= size : a.count == 0 && st.kind == STATUS_BAD_CONFIG);
	must(result == 0 || strncmp(st.text, "f:", 2) == 0);
	must(result != 0 || aliases_parse(&a, "again", text, &st) == 0);
	for (size_t i = 0; i < a.count; i++) {
		check_alias(&a, &a.at[i]);
		must(strcmp(a.at[i].file, "f") == 0);
	}
	aliases_release(&a);
	read_list(text);
	return 0;
}
