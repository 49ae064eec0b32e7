/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/server.h"

#include "smtp/server_command.h"
#include "smtp/server_reply.h"

#include <inttypes.h>

void server_init(struct server *s, const struct server_settings *settings,
		 const struct server_handler *handler)
{
	*s = (struct server){ .settings = settings, .handler = handler };
}

void server_release(struct server *s)
{
	server_forget(s);
	buf_release(&s->out);
	buf_release(&s->hello);
	buf_release(&s->line);
	*s = (struct server){ 0 };
}

void server_greet(struct server *s)
{
	struct buf text = { 0 };
	buf_addf(&text, "%s ESMTP postrider", s->settings->name);
	server_reply(&s->out, 220, NULL, buf_slice(&text));
	buf_release(&text);
}

/* The transaction is over now, so that what was stored can be thrown away; the client hears of
 * it at the end of the content. */
static void refuse_content(struct server *s, const struct status *why)
{
	s->refused = true;
	s->refusal = *why;
	server_forget(s);
}

/* What still fits goes to the handler, so that it sees the same however the input was cut. */
static void take_content(struct server *s, struct slice content)
{
	struct status st;
	uint64_t limit = s->settings->max_size;
	if (s->refused || content.len == 0)
		return;
	bool fits = limit == 0 || content.len <= limit - s->size;
	struct slice piece = fits ? content : slice_cut(content, 0, (size_t)(limit - s->size));
	s->size += piece.len;
	int result = 0;
	if (piece.len != 0)
		result = s->handler->content(s->handler->context, piece, &st);
	if (result == 0 && !fits)
		result = server_refuse(&st, 552, 3, 4, "the message is larger than %" PRIu64,
				       limit);
	if (result != 0)
		refuse_content(s, &st);
}

static void end_content(struct server *s)
{
	struct buf text = { 0 };
	s->in_data = false;
	if (!s->refused && s->handler->end(s->handler->context, &text, &s->refusal) != 0)
		s->refused = true;
	if (s->refused) {
		server_reply_status(&s->out, &s->refusal);
	} else {
		s->bad = 0;
		server_reply(&s->out, 250, text.len != 0 ? NULL : "2.0.0",
			     text.len != 0 ? buf_slice(&text) : slice_of("Ok"));
	}
	server_forget(s);
	buf_release(&text);
}

static void feed_data(struct server *s, struct slice *rest)
{
	struct slice content;
	while (server_data_next(&s->data, rest, &content))
		take_content(s, content);
	if (s->data.ended)
		end_content(s);
}

/* Keep the beginning of a line that goes on. */
static void keep_line(struct server *s, struct slice part)
{
	buf_add_slice(&s->line, slice_cut(part, 0, SERVER_MAX_LINE - s->line.len));
	s->line_len += part.len;
}

/* Of a line that was not kept whole, what is cut off here does not matter: it is refused. */
static void run_line(struct server *s)
{
	struct slice line = buf_slice(&s->line);
	size_t len = line.len - 1;
	s->bare_lf = len == 0 || line.data[len - 1] != '\r';
	if (!s->bare_lf)
		len--;
	server_command(s, slice_cut(line, 0, len), s->line_len);
	buf_reset(&s->line);
	s->line_len = 0;
}

static void feed_line(struct server *s, struct slice *rest)
{
	size_t lf = slice_find(*rest, '\n');
	bool ends = lf < rest->len;
	size_t len = ends ? lf + 1 : lf;
	keep_line(s, slice_cut(*rest, 0, len));
	*rest = slice_cut(*rest, len, rest->len);
	if (s->line_len > SERVER_ENDLESS)
		server_give_up(s, "4.7.0", "The command has no end");
	else if (ends)
		run_line(s);
}

void server_feed(struct server *s, struct slice bytes)
{
	while (bytes.len != 0 && !s->closed) {
		if (s->in_data)
			feed_data(s, &bytes);
		else
			feed_line(s, &bytes);
	}
}

/* Returns whether no message was cut off. */
static bool stop(struct server *s)
{
	server_forget(s);
	s->closed = true;
	return !s->in_data;
}

bool server_eof(struct server *s)
{
	return stop(s);
}

bool server_timeout(struct server *s)
{
	if (!s->closed)
		server_give_up(s, "4.4.2", "You were silent for too long");
	return stop(s);
}

bool server_stop(struct server *s)
{
	if (!s->closed)
		server_give_up(s, "4.3.2", "The service is stopping");
	return stop(s);
}
