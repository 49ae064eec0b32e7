/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/report_words.h"

#include <stdio.h>
#include <string.h>

enum { COLUMNS = 76 };

void report_wrap(struct buf *out, size_t indent, size_t column, struct slice text)
{
	struct slice word;
	while (slice_next(&text, ' ', &word)) {
		if (word.len == 0)
			continue;
		if (column > indent && column + 1 + word.len > COLUMNS) {
			buf_add_str(out, "\r\n");
			column = 0;
		}
		size_t blanks = column == 0 ? indent : 1;
		buf_addf(out, "%*s", (int)blanks, "");
		buf_add_slice(out, word);
		column += blanks + word.len;
	}
	buf_add_str(out, "\r\n");
}

/*
 * Where in TEXT the reply with CODE begins: at its front, or behind the command that it is the
 * answer to. NULL if it does not stand there.
 */
static const char *find_reply(const char *text, unsigned code)
{
	char mark[16];
	int len = snprintf(mark, sizeof mark, ": %u", code);
	if (strncmp(text, mark + 2, (size_t)len - 2) == 0)
		return text;
	for (const char *at = strstr(text, mark); at != NULL; at = strstr(at + 1, mark)) {
		if (at[len] == ' ' || at[len] == '\0')
			return at + 2;
	}
	return NULL;
}

void report_reason(const struct recipient *r, struct buf *out)
{
	struct buf said = { 0 };
	const char *reply = r->code != 0 ? find_reply(r->reply, r->code) : r->reply;
	if (reply == NULL)
		buf_addf(&said, "%u ", (unsigned)r->code);
	buf_add_str(&said, reply != NULL ? reply : r->reply);
	text_printable(out, buf_slice(&said), REPORT_WORDS);
	buf_release(&said);
}

static bool all_digits(struct slice s)
{
	size_t n = 0;
	while (n < s.len && s.data[n] >= '0' && s.data[n] <= '9')
		n++;
	return n == s.len;
}

struct slice report_peer(const struct recipient *r)
{
	struct slice peer = slice_of(r->peer != NULL ? r->peer : "");
	const char *colon = strrchr(r->peer != NULL ? r->peer : "", ':');
	size_t name = colon != NULL ? (size_t)(colon - peer.data) : peer.len;
	bool is_address = slice_find(peer, ':') < name && peer.data[name - 1] != ']';
	return is_address || !all_digits(slice_cut(peer, name + 1, peer.len))
		       ? peer
		       : slice_cut(peer, 0, name);
}

void report_ascii(struct buf *out, struct slice text, size_t limit)
{
	size_t from = out->len;
	text_printable(out, text, limit);
	for (size_t i = from; i < out->len; i++) {
		if ((unsigned char)out->data[i] > 127)
			out->data[i] = '?';
	}
}
