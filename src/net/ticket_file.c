/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/ticket_file.h"

#include <inttypes.h>
#include <string.h>

static const char magic[] = "postrider-ticket-1";

/* Octets of a number: 16 hex digits and a line end. */
enum { NUMBER = 17 };

static void add_line(struct buf *out, const char *text)
{
	buf_add_slice(out, slice_cut(slice_of(text), 0, slice_find(slice_of(text), '\n')));
	buf_add_char(out, '\n');
}

/* FNV-1a, 64 bits. */
static uint64_t check_sum(struct slice s)
{
	uint64_t sum = 0xcbf29ce484222325;
	for (size_t i = 0; i < s.len; i++)
		sum = (sum ^ (unsigned char)s.data[i]) * 0x100000001b3;
	return sum;
}

static void add_number(struct buf *out, uint64_t number)
{
	buf_addf(out, "%016" PRIx64 "\n", number);
}

void ticket_file_write(const struct ticket_file *f, struct buf *out)
{
	size_t start = out->len;
	add_line(out, magic);
	add_line(out, f->name);
	add_number(out, (uint64_t)f->until);
	add_number(out, (uint64_t)f->facts.expires);
	add_line(out, f->facts.subject);
	add_line(out, f->facts.issuer);
	add_line(out, f->facts.verified);
	buf_add_slice(out, f->session);
	add_number(out, check_sum(slice_cut(buf_slice(out), start, out->len)));
}

static int hex_digit(char c)
{
	static const char digits[] = "0123456789abcdef";
	const char *at = memchr(digits, c, sizeof digits - 1);
	return at != NULL ? (int)(at - digits) : -1;
}

static bool read_number(struct slice *rest, uint64_t *into)
{
	struct slice line = { 0 };
	*into = 0;
	if (!slice_next(rest, '\n', &line) || line.len != NUMBER - 1)
		return false;
	for (size_t i = 0; i < line.len; i++) {
		int digit = hex_digit(line.data[i]);
		if (digit < 0)
			return false;
		*into = *into << 4 | (uint64_t)digit;
	}
	return true;
}

static bool read_time(struct slice *rest, time_t *into)
{
	uint64_t number;
	bool done = read_number(rest, &number);
	*into = (time_t)number;
	return done;
}

/* Take the sum off the end of *CONTENT; does it fit the rest? */
static bool is_whole(struct slice *content)
{
	uint64_t sum;
	if (content->len < NUMBER)
		return false;
	size_t end = content->len - NUMBER;
	struct slice last = slice_cut(*content, end, content->len);
	*content = slice_cut(*content, 0, end);
	return read_number(&last, &sum) && sum == check_sum(*content);
}

static bool read_text(struct slice *rest, char *into, size_t room)
{
	struct slice line = { 0 };
	if (!slice_next(rest, '\n', &line) || line.len >= room ||
	    slice_find(line, '\0') != line.len)
		return false;
	memcpy(into, line.data, line.len);
	into[line.len] = '\0';
	return true;
}

static bool read_word(struct slice *rest, const char *expected)
{
	struct slice line = { 0 };
	return slice_next(rest, '\n', &line) && slice_is(line, expected);
}

bool ticket_file_read(struct ticket_file *f, struct slice content, time_t now)
{
	struct tls_facts *facts = &f->facts;
	struct slice rest = content;
	bool whole = is_whole(&rest) && read_word(&rest, magic) && read_word(&rest, f->name) &&
		     read_time(&rest, &f->until) && read_time(&rest, &facts->expires) &&
		     read_text(&rest, facts->subject, sizeof facts->subject) &&
		     read_text(&rest, facts->issuer, sizeof facts->issuer) &&
		     read_text(&rest, facts->verified, sizeof facts->verified);
	f->session = rest;
	return whole && rest.len != 0 && f->until > now && f->until - now <= TICKET_SECONDS;
}
