/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/desk.h"

#include "smtp/reply.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static int note(struct desk *d, struct buf *entry, struct status *st)
{
	bool refused = d->refuses != NULL && strcmp(buf_str(entry), d->refuses) == 0;
	buf_add_slice(&d->log, buf_slice(entry));
	buf_add_char(&d->log, '|');
	buf_release(entry);
	if (!refused)
		return 0;
	*st = d->refusal;
	return -1;
}

static int note_word(struct desk *d, const char *word, struct status *st)
{
	struct buf entry = { 0 };
	buf_add_str(&entry, word);
	return note(d, &entry, st);
}

static int on_mail(void *context, const struct server_mail *m, struct status *st)
{
	struct desk *d = context;
	struct buf entry = { 0 };
	d->broken = d->broken || d->open;
	buf_addf(&entry, "mail %s", m->sender);
	if (m->size != 0)
		buf_addf(&entry, " size=%" PRIu64, m->size);
	buf_addf(&entry, "%s%s", m->eight_bit ? " 8bit" : "", m->smtputf8 ? " utf8" : "");
	if (m->ret != NULL)
		buf_addf(&entry, " ret=%s", m->ret);
	if (m->envid != NULL)
		buf_addf(&entry, " envid=%s", m->envid);
	int result = note(d, &entry, st);
	d->open = result == 0;
	d->begun = d->over = false;
	return result;
}

static int on_rcpt(void *context, const struct server_rcpt *r, struct status *st)
{
	struct desk *d = context;
	struct buf entry = { 0 };
	d->broken = d->broken || !d->open || d->begun;
	buf_addf(&entry, "rcpt %s", r->address);
	if (r->notify != 0)
		buf_addf(&entry, " notify=%u", r->notify);
	if (r->orcpt != NULL)
		buf_addf(&entry, " orcpt=%s", r->orcpt);
	return note(d, &entry, st);
}

static int on_begin(void *context, struct status *st)
{
	struct desk *d = context;
	d->broken = d->broken || !d->open || d->begun;
	buf_reset(&d->content);
	int result = note_word(d, "begin", st);
	d->begun = result == 0;
	return result;
}

static int on_content(void *context, struct slice piece, struct status *st)
{
	struct desk *d = context;
	d->broken = d->broken || !d->begun || d->over || piece.len == 0;
	buf_add_slice(&d->content, piece);
	if (d->refuses == NULL || strcmp(d->refuses, "content") != 0)
		return 0;
	d->over = true;
	*st = d->refusal;
	return -1;
}

static int on_end(void *context, struct buf *reply, struct status *st)
{
	struct desk *d = context;
	d->broken = d->broken || !d->begun || d->over;
	d->over = true;
	if (d->refuses != NULL && strcmp(d->refuses, "end") == 0)
		return note_word(d, "end", st);
	struct buf entry = { 0 };
	buf_add_str(&entry, "end ");
	buf_add_slice(&entry, buf_slice(&d->content));
	buf_add_slice(&d->accepted, buf_slice(&d->content));
	buf_addf(reply, "Ok: queued as ID%zu", ++d->messages);
	return note(d, &entry, st);
}

static void on_reset(void *context)
{
	struct desk *d = context;
	d->broken = d->broken || !d->open;
	d->open = false;
	note_word(d, "reset", NULL);
}

void desk_init(struct desk *d)
{
	*d = (struct desk){
		.settings = { .name = "mail.test", .dsn = true },
		.handler = { d, on_mail, on_rcpt, on_begin, on_content, on_end, on_reset },
	};
	server_init(&d->server, &d->settings, &d->handler);
}

void desk_release(struct desk *d)
{
	server_release(&d->server);
	buf_release(&d->log);
	buf_release(&d->content);
	buf_release(&d->accepted);
}

void desk_feed(struct desk *d, struct slice in, size_t step)
{
	for (size_t at = 0; at < in.len; at += step)
		server_feed(&d->server, slice_cut(in, at, at + step));
}

/* What clients read, our own too (smtp/reply.h), and printable ASCII of less than 512 octets.
 */
static bool take_line(struct reply *r, struct slice line)
{
	struct status st;
	if (line.len < 5 || line.len > 511 || line.data[line.len - 1] != '\r')
		return false;
	line = slice_cut(line, 0, line.len - 1);
	for (size_t i = 0; i < line.len; i++) {
		if (line.data[i] < ' ' || line.data[i] == 0x7f)
			return false;
	}
	return reply_line(r, line, &st) == 0;
}

char *desk_codes(const struct desk *d)
{
	struct buf codes = { 0 };
	struct reply r = { 0 };
	struct slice rest = buf_slice(&d->server.out), line;
	bool fine = true;
	while (fine && rest.len != 0 && slice_next(&rest, '\n', &line)) {
		fine = take_line(&r, line);
		if (!fine || !r.complete)
			continue;
		buf_addf(&codes, "%s%u", codes.len != 0 ? " " : "", (unsigned)r.code);
		reply_reset(&r);
	}
	if (!fine || r.lines != 0)
		buf_add_str(&codes, "?");
	reply_release(&r);
	return codes.data != NULL ? buf_take(&codes) : slice_copy(slice_of(""));
}
