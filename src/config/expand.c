/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/expand.h"

#include <stdlib.h>

static bool is_name_char(char c, bool first)
{
	char lower = ascii_lower(c);
	bool digit = c >= '0' && c <= '9';
	return c == '_' || (lower >= 'a' && lower <= 'z') || (digit && !first);
}

static size_t name_length(struct slice s)
{
	size_t len = 0;
	while (len < s.len && is_name_char(s.data[len], len == 0))
		len++;
	return len;
}

static const char *lookup(struct slice name)
{
	char *copy = slice_copy(name);
	const char *value = getenv(copy);
	free(copy);
	return value;
}

/* INSIDE stands between the braces. */
static int expand_one(struct slice inside, struct buf *out, bool *literal, struct status *st)
{
	struct slice name = slice_cut(inside, 0, name_length(inside));
	struct slice behind = slice_cut(inside, name.len, inside.len);
	bool has_default = slice_starts_nocase(behind, ":-");
	if (name.len == 0 || (behind.len != 0 && !has_default)) {
		status_set(st, STATUS_BAD_CONFIG, "'${' is followed by no variable's name");
		return status_hint(st, "write ${NAME} or ${NAME:-default}");
	}
	const char *value = lookup(name);
	if (has_default && (value == NULL || *value == '\0')) {
		*literal = *literal || behind.len > 2;
		buf_add_slice(out, slice_cut(behind, 2, behind.len));
		return 0;
	}
	if (value == NULL) {
		status_set(st, STATUS_BAD_CONFIG, "the environment has no '%.*s'",
			   (int)name.len, name.data);
		return status_hint(st, "set it, or write ${%.*s:-default}", (int)name.len,
				   name.data);
	}
	buf_add_str(out, value);
	return 0;
}

/* Offset of the first "${", or the length. */
static size_t find_variable(struct slice s)
{
	size_t at = slice_find(s, '$');
	while (at < s.len && !slice_starts_nocase(slice_cut(s, at, s.len), "${"))
		at += 1 + slice_find(slice_cut(s, at + 1, s.len), '$');
	return at;
}

int expand_env(struct slice value, struct buf *out, bool *literal, struct status *st)
{
	*literal = false;
	while (value.len != 0) {
		size_t start = find_variable(value);
		*literal = *literal || start != 0;
		buf_add_slice(out, slice_cut(value, 0, start));
		value = slice_cut(value, start, value.len);
		if (value.len == 0)
			break;
		size_t end = slice_find(value, '}');
		if (end == value.len)
			return status_set(st, STATUS_BAD_CONFIG, "a '${' has no '}'");
		if (expand_one(slice_cut(value, 2, end), out, literal, st) != 0)
			return -1;
		value = slice_cut(value, end + 1, value.len);
	}
	return 0;
}

int expand_home(const char *path, const char *home, struct buf *out, struct status *st)
{
	if (path[0] != '~' || path[1] != '/') {
		buf_add_str(out, path);
		return 0;
	}
	if (home == NULL)
		return status_set(st, STATUS_BAD_CONFIG, "'%s': there is no home directory",
				  path);
	buf_add_str(out, home);
	buf_add_str(out, path + 1);
	return 0;
}
