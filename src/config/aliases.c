/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/aliases.h"

#include "base/mem.h"
#include "config/account.h"
#include "config/complain.h"
#include "message/address.h"

#include <stdlib.h>
#include <string.h>

#define INCLUDE ":include:"

/* Offset of the first WANTED that is outside of quotes and comments, or the length. */
static size_t find_outside(struct slice s, char wanted)
{
	bool quoted = false;
	size_t depth = 0, i;
	for (i = 0; i < s.len; i++) {
		char c = s.data[i];
		if (c == '\\')
			i++;
		else if (c == '"')
			quoted = !quoted;
		else if (!quoted && c == '(')
			depth++;
		else if (!quoted && c == ')' && depth != 0)
			depth--;
		else if (!quoted && depth == 0 && c == wanted)
			return i;
	}
	return s.len;
}

/* Read the one mailbox that TEXT is into M, whose strings are the caller's then. */
static int read_mailbox(struct slice text, struct mailbox *m, struct status *st)
{
	struct mailboxes list = { 0 };
	struct buf path = { 0 };
	int result = address_parse_list(text, &list, st);
	if (result == 0 && list.count != 1)
		result = status_set(st, STATUS_BAD_CONFIG, "'%.*s' is not one address",
				    (int)text.len, text.data);
	if (result == 0 && list.at[0].local[0] == '-')
		result = status_set(st, STATUS_BAD_CONFIG,
				    "'%s' is an address with a leading dash", list.at[0].local);
	if (result == 0) {
		mailbox_path(&list.at[0], "localhost", &path);
		result = address_check(buf_str(&path), st);
	}
	if (result == 0) {
		*m = list.at[0];
		list.count = 0;
	} else {
		st->kind = STATUS_BAD_CONFIG;
	}
	buf_release(&path);
	mailboxes_release(&list);
	return result;
}

static void target_add(struct targets *t, enum target_kind kind, char *text, char *domain)
{
	t->at = mem_grow(t->at, t->count, &t->room, sizeof *t->at);
	t->at[t->count++] = (struct target){ kind, text, domain };
}

static bool is_file(struct slice text)
{
	return text.len != 0 && text.data[0] == '/' && slice_find(text, '@') == text.len;
}

/* Without the quotes around it, if it is all one quoted word. */
static struct slice without_quotes(struct slice text)
{
	bool quoted = text.len >= 2 && text.data[0] == '"' && text.data[text.len - 1] == '"';
	return quoted ? slice_cut(text, 1, text.len - 1) : text;
}

static int add_include(struct targets *t, struct slice path, struct status *st)
{
	if (path.len == 0 || path.data[0] != '/')
		return status_set(st, STATUS_BAD_CONFIG,
				  INCLUDE " takes an absolute path, not '%.*s'", (int)path.len,
				  path.data);
	target_add(t, TARGET_INCLUDE, slice_copy(path), mem_copy(""));
	return 0;
}

static int add_address(struct targets *t, struct slice text, struct status *st)
{
	struct mailbox m;
	bool final = text.data[0] == '\\';
	if (read_mailbox(slice_cut(text, final, text.len), &m, st) != 0)
		return -1;
	target_add(t, final ? TARGET_FINAL : TARGET_ADDRESS, m.local, m.domain);
	return 0;
}

static int add_target(struct targets *t, struct slice text, struct status *st)
{
	struct slice bare = without_quotes(text);
	if (slice_starts_nocase(bare, INCLUDE))
		return add_include(t, slice_trim(slice_cut(bare, strlen(INCLUDE), bare.len)),
				   st);
	if (slice_starts_nocase(bare, "|"))
		target_add(t, TARGET_COMMAND, slice_copy(bare), mem_copy(""));
	else if (is_file(bare))
		target_add(t, TARGET_FILE, slice_copy(bare), mem_copy(""));
	else
		return add_address(t, text, st);
	return 0;
}

/* Add the targets of LIST, which commas separate. */
static int add_targets(struct targets *t, struct slice list, struct status *st)
{
	while (list.len != 0) {
		size_t comma = find_outside(list, ',');
		struct slice text = slice_trim(slice_cut(list, 0, comma));
		if (text.len != 0 && add_target(t, text, st) != 0)
			return -1;
		list = slice_cut(list, comma + 1, list.len);
	}
	return 0;
}

void targets_release(struct targets *t)
{
	for (size_t i = 0; i < t->count; i++) {
		free(t->at[i].text);
		free(t->at[i].domain);
	}
	free(t->at);
	*t = (struct targets){ 0 };
}

/* Take the next line that is neither empty nor a comment off the front of *REST. */
static bool next_line(struct slice *rest, struct slice *line, unsigned *number)
{
	while (slice_next(rest, '\n', line)) {
		struct slice text = slice_trim(*line);
		++*number;
		if (text.len != 0 && text.data[0] != '#')
			return true;
	}
	return false;
}

static int check_no_include(const struct targets *t, struct status *st)
{
	for (size_t i = 0; i < t->count; i++) {
		if (t->at[i].kind == TARGET_INCLUDE)
			return status_set(st, STATUS_BAD_CONFIG,
					  "a file that is included includes no other");
	}
	return 0;
}

int targets_parse(struct targets *t, const char *file, struct slice text, struct status *st)
{
	struct slice line;
	unsigned number = 0;
	while (next_line(&text, &line, &number)) {
		if (add_targets(t, slice_trim(line), st) != 0 || check_no_include(t, st) != 0)
			return complain_at(st, file, number);
	}
	return 0;
}

static void lower(struct buf *b)
{
	for (size_t i = 0; i < b->len; i++)
		b->data[i] = ascii_lower(b->data[i]);
}

static int read_name(struct slice text, struct buf *name, struct status *st)
{
	struct mailbox m;
	if (read_mailbox(text, &m, st) != 0)
		return -1;
	mailbox_path(&m, m.domain[0] != '\0' ? m.domain : NULL, name);
	lower(name);
	free(m.local);
	free(m.domain);
	return 0;
}

/* Add the alias that TEXT, its lines joined, is. */
static int add_alias(struct aliases *a, struct slice text, struct origin from,
		     struct status *st)
{
	size_t colon = find_outside(text, ':');
	struct buf name = { 0 };
	struct alias alias = { .file = from.file, .line = from.line };
	if (colon == text.len)
		return status_set(st, STATUS_BAD_CONFIG, "no ':' behind a name");
	int result = read_name(slice_cut(text, 0, colon), &name, st);
	if (result == 0)
		result = add_targets(&alias.to, slice_cut(text, colon + 1, text.len), st);
	if (result == 0 && alias.to.count == 0)
		result = status_set(st, STATUS_BAD_CONFIG, "'%s' stands for nothing",
				    buf_str(&name));
	if (result == 0) {
		alias.name = buf_take(&name);
		a->at = mem_grow(a->at, a->count, &a->room, sizeof *a->at);
		a->at[a->count++] = alias;
	} else {
		targets_release(&alias.to);
	}
	buf_release(&name);
	return result;
}

static int compare(const void *one, const void *other)
{
	const struct alias *a = one, *b = other;
	int order = strcmp(a->name, b->name);
	return order != 0 ? order : (a->line > b->line) - (a->line < b->line);
}

static void sort(struct aliases *a)
{
	if (a->count != 0)
		qsort(a->at, a->count, sizeof *a->at, compare);
}

/* A is sorted, so what is there twice is side by side. */
static int check_twice(const struct aliases *a, struct status *st)
{
	for (size_t i = 1; i < a->count; i++) {
		const struct alias *first = &a->at[i - 1], *again = &a->at[i];
		if (strcmp(first->name, again->name) != 0)
			continue;
		status_set(st, STATUS_BAD_CONFIG, "'%s' is already set in line %u", again->name,
			   first->line);
		return complain_at(st, again->file, again->line);
	}
	return 0;
}

/* Add the alias that the lines in JOINED, if any, are, and empty JOINED. */
static int end_alias(struct aliases *a, const char *file, struct buf *joined, unsigned begin,
		     struct status *st)
{
	struct slice text = slice_trim(buf_slice(joined));
	if (text.len == 0)
		return 0;
	int result = add_alias(a, text, (struct origin){ file, begin }, st);
	buf_reset(joined);
	return result == 0 ? 0 : complain_at(st, file, begin);
}

/* Add all of TEXT, double or not, in its order. */
static int read_all(struct aliases *a, const char *file, struct slice text, struct status *st)
{
	struct buf joined = { 0 };
	struct slice line;
	unsigned number = 0, begin = 0;
	int result = 0;
	while (result == 0 && next_line(&text, &line, &number)) {
		bool continues = line.data[0] == ' ' || line.data[0] == '\t';
		if (!continues) {
			result = end_alias(a, file, &joined, begin, st);
			begin = number;
		} else if (joined.len == 0) {
			status_set(st, STATUS_BAD_CONFIG, "continues a line that is not there");
			result = complain_at(st, file, number);
		}
		buf_add_char(&joined, ' ');
		buf_add_slice(&joined, line);
	}
	if (result == 0)
		result = end_alias(a, file, &joined, begin, st);
	buf_release(&joined);
	return result;
}

static void alias_release(struct alias *alias)
{
	free(alias->name);
	targets_release(&alias->to);
}

/* Move to A those of FRESH that it has no alias of the same name for; FRESH is empty then. */
static void move_new(struct aliases *a, struct aliases *fresh)
{
	size_t known = a->count;
	for (size_t i = 0; i < fresh->count; i++) {
		const struct aliases before = { .at = a->at, .count = known };
		if (aliases_find(&before, fresh->at[i].name) != NULL) {
			alias_release(&fresh->at[i]);
			continue;
		}
		a->at = mem_grow(a->at, a->count, &a->room, sizeof *a->at);
		a->at[a->count++] = fresh->at[i];
	}
	fresh->count = 0;
	sort(a);
}

int aliases_parse(struct aliases *a, const char *file, struct slice text, struct status *st)
{
	struct aliases fresh = { 0 };
	strings_add(&a->files, file);
	int result = read_all(&fresh, a->files.at[a->files.count - 1], text, st);
	sort(&fresh);
	if (result == 0)
		result = check_twice(&fresh, st);
	if (result == 0)
		move_new(a, &fresh);
	aliases_release(&fresh);
	return result;
}

void aliases_release(struct aliases *a)
{
	for (size_t i = 0; i < a->count; i++)
		alias_release(&a->at[i]);
	free(a->at);
	strings_release(&a->files);
	*a = (struct aliases){ 0 };
}

const struct alias *aliases_find(const struct aliases *a, const char *name)
{
	struct buf key = { 0 };
	buf_add_str(&key, name);
	lower(&key);
	size_t from = 0, to = a->count;
	while (from < to) {
		size_t middle = from + (to - from) / 2;
		if (strcmp(a->at[middle].name, buf_str(&key)) < 0)
			from = middle + 1;
		else
			to = middle;
	}
	bool found = from < a->count && strcmp(a->at[from].name, buf_str(&key)) == 0;
	buf_release(&key);
	return found ? &a->at[from] : NULL;
}
