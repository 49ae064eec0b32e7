/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/server_path.h"

#include "message/address.h"
#include "smtp/server_reply.h"

#include <string.h>

/* Stands in for the domain of a bare local part while it is checked. */
#define NO_DOMAIN "@localhost"

/* Offset of the first of the bytes in STOPS outside quotes, from FROM on, or the length. */
static size_t find_unquoted(struct slice s, size_t from, const char *stops)
{
	bool quoted = false;
	for (size_t i = from; i < s.len; i++) {
		char c = s.data[i];
		if (c == '"')
			quoted = !quoted;
		else if (c == '\\' && quoted)
			i++;
		else if (!quoted && strchr(stops, c) != NULL)
			return i;
	}
	return s.len;
}

static struct slice skip_blanks(struct slice s)
{
	size_t at = 0;
	while (at < s.len && (s.data[at] == ' ' || s.data[at] == '\t'))
		at++;
	return slice_cut(s, at, s.len);
}

int server_path_take(struct slice *rest, struct slice *path, struct status *st)
{
	struct slice text = skip_blanks(*rest);
	if (text.len == 0)
		return server_refuse(st, 501, 5, 4, "the address is missing");
	bool angle = text.data[0] == '<';
	size_t end = find_unquoted(text, angle ? 1 : 0, angle ? ">" : " \t<>");
	if (angle && end == text.len)
		return server_refuse(st, 501, 5, 4, "the '>' of the address is missing");
	*path = slice_trim(slice_cut(text, angle ? 1 : 0, end));
	*rest = slice_cut(text, end + (angle ? 1 : 0), text.len);
	if (rest->len != 0 && rest->data[0] != ' ' && rest->data[0] != '\t')
		return server_refuse(st, 501, 5, 4, "there must be a blank behind the address");
	return 0;
}

/* Without "@a,@b:" in front (RFC 5321, appendix C). */
static struct slice without_route(struct slice path)
{
	if (path.len == 0 || path.data[0] != '@')
		return path;
	return slice_cut(path, find_unquoted(path, 0, ":") + 1, path.len);
}

/* No @ behind the quotes of the local part? */
static bool is_bare(struct slice path)
{
	return find_unquoted(path, 0, "@") == path.len;
}

/*
 * Checked as it stands first, so that the parser, which reads headers and drops quotes that
 * nobody needs, meets none of the comments, names and folds that it would take.
 */
static int read_whole(const struct buf *path, struct buf *out, struct status *st)
{
	if (address_check(buf_str(path), st) != 0 ||
	    address_parse_one(buf_slice(path), NULL, false, out, st) != 0)
		return -1;
	if (out->data[0] == '-')
		return status_set(st, STATUS_BAD_MESSAGE,
				  "cannot use an address that begins with a dash");
	return 0;
}

int server_path_read(struct slice path, enum server_path_detail detail, char **address,
		     struct status *st)
{
	struct slice plain = without_route(path);
	if (plain.len == 0)
		return server_refuse(st, 553, 1, detail, "the address is empty");
	struct buf text = { 0 }, whole = { 0 };
	size_t added = is_bare(plain) ? sizeof NO_DOMAIN - 1 : 0;
	buf_add_slice(&text, plain);
	buf_add_str(&text, added != 0 ? NO_DOMAIN : "");
	int result = read_whole(&text, &whole, st);
	if (result == 0) {
		*address = slice_copy(slice_cut(buf_slice(&whole), 0, whole.len - added));
	} else {
		struct status why = *st;
		server_refuse(st, 553, 1, detail, "%s", why.text);
	}
	buf_release(&text);
	buf_release(&whole);
	return result;
}
