/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/phrase.h"

#include "base/utf8.h"
#include "message/encoded_word.h"
#include "message/quoted_string.h"

#include <stdbool.h>
#include <string.h>

#define ALNUM "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
#define ATOMS ALNUM "!#$%&'*+-/=?^_`{|}~ " /* RFC 5322, 3.2.3, and blanks between them */

enum {
	/* Quoted, with escapes, and an address behind it, this fits a line of 998 octets. */
	PLAIN_MAX = 256,
	/* Columns of the longest name of a field with a phrase: "Resent-Reply-To: ". */
	NAME_COLUMNS = 17,
};

static bool all_of(struct slice s, const char *set)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.data[i] == '\0' || strchr(set, s.data[i]) == NULL)
			return false;
	}
	return true;
}

/* Valid UTF-8 without control characters is what the rest of this file works on. */
static void clean(struct buf *out, struct slice text)
{
	while (text.len != 0) {
		unsigned char c = (unsigned char)text.data[0];
		size_t len = c < 0x80 ? 1 : utf8_length(text);
		if (len == 0)
			buf_add_char(out, '?');
		else if (c < ' ' || c == 0x7f)
			buf_add_char(out, ' ');
		else
			buf_add(out, text.data, len);
		text = slice_cut(text, len != 0 ? len : 1, text.len);
	}
}

void phrase_write(struct buf *out, const char *text)
{
	struct buf cleaned = { 0 };
	clean(&cleaned, slice_of(text));
	struct slice name = slice_trim(buf_slice(&cleaned));
	if (name.len > PLAIN_MAX || !ascii_only(name))
		encoded_words_write(out, NAME_COLUMNS, "UTF-8", name);
	else if (all_of(name, ATOMS))
		buf_add_slice(out, name);
	else
		quoted_string_write(out, name);
	buf_release(&cleaned);
}
