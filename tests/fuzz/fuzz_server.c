/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A session's input, after a byte that says how long the pieces are: every command gets one
 * reply, the messages are those that a slow reader finds, and the cut does not matter.
 */
#include "smtp/server.h"

#include "smtp/desk.h"
#include "smtp/slow_data.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void demand(bool holds)
{
	if (!holds)
		abort();
}

/* Take the next reply's code off CODES; 0 once there is none. */
static unsigned next_code(struct slice *codes)
{
	struct slice word;
	if (!slice_next(codes, ' ', &word) || word.len != 3)
		return 0;
	return (unsigned)((word.data[0] - '0') * 100 + (word.data[1] - '0') * 10 +
			  (word.data[2] - '0'));
}

/* Take content off *IN; false if it has no end. */
static bool take_content(struct slice *in, bool bare_lf, struct slice *codes,
			 struct buf *accepted)
{
	struct buf content = { 0 };
	size_t end = slow_data(*in, bare_lf, &content);
	*in = slice_cut(*in, end, in->len);
	if (end != 0 && next_code(codes) == 250)
		buf_add_slice(accepted, buf_slice(&content));
	buf_release(&content);
	return end != 0;
}

/* Take a command off *IN; false if it, or the session, ends here. */
static bool take_command(struct slice *in, struct slice *codes, struct buf *accepted)
{
	size_t lf = slice_find(*in, '\n');
	bool endless = (lf < in->len ? lf + 1 : lf) > SERVER_ENDLESS;
	bool bare_lf = lf == 0 || lf == in->len || in->data[lf - 1] != '\r';
	if (lf == in->len && !endless)
		return false;
	unsigned code = next_code(codes);
	demand(code != 0 && (!endless || code == 421));
	*in = slice_cut(*in, lf + 1, in->len);
	if (code == 354)
		return take_content(in, bare_lf, codes, accepted);
	return code != 421 && code != 221;
}

static void check_replies(const struct desk *d, struct slice in)
{
	struct buf accepted = { 0 };
	char *text = desk_codes(d);
	struct slice codes = text[0] != '\0' ? slice_of(text) : slice_n(NULL, 0);
	while (take_command(&in, &codes, &accepted))
		continue;
	demand(next_code(&codes) == 0 && codes.data == NULL);
	demand(accepted.len == d->accepted.len &&
	       memcmp(buf_str(&accepted), buf_str(&d->accepted), accepted.len) == 0);
	free(text);
	buf_release(&accepted);
}

static void start(struct desk *d, uint8_t options)
{
	desk_init(d);
	d->settings.max_size = (options & 1) != 0 ? 40 : 0;
	d->settings.max_recipients = (options & 2) != 0 ? 2 : 0;
	d->settings.dsn = (options & 4) == 0;
	if ((options & 8) != 0)
		d->refuses = "content";
	status_set(&d->refusal, STATUS_DISK, "no room");
}

static void demand_same(const struct buf *a, const struct buf *b)
{
	demand(a->len == b->len && memcmp(buf_str(a), buf_str(b), a->len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < 2)
		return 0;
	struct slice in = slice_n((const char *)data + 1, size - 1);
	struct desk whole, cut;
	start(&whole, data[0]);
	start(&cut, data[0]);
	desk_feed(&whole, in, in.len);
	desk_feed(&cut, in, data[0] / 16U + 1);
	demand_same(&whole.server.out, &cut.server.out);
	demand_same(&whole.log, &cut.log);
	check_replies(&whole, in);
	bool inside = whole.server.in_data;
	demand(server_eof(&whole.server) == !inside && !whole.open);
	demand(!whole.broken && !cut.broken);
	desk_release(&whole);
	desk_release(&cut);
	return 0;
}
