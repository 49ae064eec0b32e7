/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any text: lines are told in order, no value is longer than the limit or holds a control
 * character, and all of them together are no longer than the text. The text as a quoted value:
 * it comes back whole, or is refused for a reason.
 */
#include "config/ini.h"

#include "config/quote.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct told {
	unsigned line;
	unsigned values;
	size_t bytes;
	struct buf last;
};

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check_text(struct told *told, const char *text, unsigned line)
{
	must(line > told->line && strlen(text) <= INI_VALUE_MAX);
	told->line = line;
	told->bytes += strlen(text);
	for (; *text != '\0'; text++)
		must((unsigned char)*text >= 0x20 || *text == '\t');
}

static int on_section(void *context, const char *name, unsigned line, struct status *st)
{
	(void)st;
	check_text(context, name, line);
	return 0;
}

static int on_value(void *context, const struct ini_value *v, struct status *st)
{
	struct told *told = context;
	(void)st;
	check_text(told, v->value, v->line);
	told->values++;
	buf_reset(&told->last);
	buf_add_str(&told->last, v->value);
	return 0;
}

static int read_text(struct slice text, struct told *told)
{
	const struct ini_listener listener = { on_section, on_value, told };
	struct status st = { 0 };
	int result = ini_read("f", text, &listener, &st);
	must(result == 0 || (st.kind == STATUS_BAD_CONFIG && st.text[0] != '\0'));
	return result;
}

static bool is_allowed(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if ((unsigned char)s.data[i] < 0x20 && s.data[i] != '\t')
			return false;
	}
	return s.len <= INI_VALUE_MAX;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice all = slice_n((const char *)data, size);
	struct told any = { 0 }, quoted = { 0 };
	struct buf line = { 0 };
	read_text(all, &any);
	must(any.bytes <= size);
	buf_add_str(&line, "key = ");
	quote_write(all, &line);
	int result = read_text(buf_slice(&line), &quoted);
	if (is_allowed(all)) {
		must(result == 0 && quoted.values == 1 && quoted.last.len == size);
		must(memcmp(buf_str(&quoted.last), all.data, size) == 0);
	}
	buf_release(&line);
	buf_release(&any.last);
	buf_release(&quoted.last);
	return 0;
}
