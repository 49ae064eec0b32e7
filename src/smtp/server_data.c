/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/server_data.h"

void server_data_start(struct server_data *d, bool bare_lf)
{
	*d = (struct server_data){ .bare_lf = bare_lf,
				   .before = { bare_lf ? '\0' : '\r', '\n' } };
}

static void take(struct server_data *d, struct slice *rest, size_t len)
{
	if (len == 0)
		return;
	d->before[0] = len > 1 ? rest->data[len - 2] : d->before[1];
	d->before[1] = rest->data[len - 1];
	*rest = slice_cut(*rest, len, rest->len);
}

/* The byte BACK (1 or 2) before offset AT of REST. */
static char byte_before(const struct server_data *d, struct slice rest, size_t at, size_t back)
{
	return at >= back ? rest.data[at - back] : d->before[2 + at - back];
}

static bool begins_line(const struct server_data *d, struct slice rest, size_t at)
{
	return byte_before(d, rest, at, 1) == '\n' &&
	       (d->bare_lf || byte_before(d, rest, at, 2) == '\r');
}

/* Dots are rarer than line ends, so jump from dot to dot; offset of the first that begins a
 * line, or the length of REST. */
static size_t find_dot(const struct server_data *d, struct slice rest)
{
	size_t at = slice_find(rest, '.');
	while (at < rest.len && !begins_line(d, rest, at))
		at += 1 + slice_find(slice_cut(rest, at + 1, rest.len), '.');
	return at;
}

/* Content up to a dot that begins a line, and that dot. */
static struct slice take_content(struct server_data *d, struct slice *rest)
{
	size_t dot = find_dot(d, *rest);
	struct slice content = slice_cut(*rest, 0, dot);
	take(d, rest, dot);
	if (rest->len == 0)
		return content;
	bool may_end = !d->bare_lf || d->before[0] != '\r';
	take(d, rest, 1);
	d->held = may_end ? 1 : 0;
	return content;
}

/* A dot was taken, perhaps a CR too: either the end goes on, or the CR was content. */
static struct slice take_end(struct server_data *d, struct slice *rest)
{
	bool last = d->bare_lf || d->held == 2;
	struct slice nothing = slice_n(rest->data, 0);
	if (rest->data[0] != (last ? '\n' : '\r')) {
		bool had_cr = d->held == 2;
		d->held = 0;
		return had_cr ? slice_of("\r") : nothing;
	}
	take(d, rest, 1);
	d->held++;
	d->ended = last;
	return nothing;
}

bool server_data_next(struct server_data *d, struct slice *rest, struct slice *content)
{
	if (d->ended || rest->len == 0)
		return false;
	*content = d->held != 0 ? take_end(d, rest) : take_content(d, rest);
	return true;
}
