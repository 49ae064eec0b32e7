/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"
#include "base/file.h"
#include "cmd/cmd.h"
#include "cmd/queue_set.h"
#include "cmd/queue_view.h"
#include "cmd/say.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

static int gone(const char *id, struct status *st)
{
	return status_set(st, STATUS_REJECTED, "the message '%s' has left the queue", id);
}

/* In a message CR occurs nowhere but in CRLF. */
static void add_without_cr(struct slice text, struct buf *out)
{
	struct slice part = { 0 };
	while (slice_next(&text, '\r', &part))
		buf_add_slice(out, part);
}

static int print_content(const struct store *content, bool as_it_is)
{
	struct buf scratch = { 0 }, out = { 0 };
	struct slice piece = { 0 };
	struct status st;
	int code = EX_OK;
	for (uint64_t at = 0; at < content->size && code == EX_OK; at += piece.len) {
		if (store_read(content, at, &scratch, &piece, &st) != 0) {
			code = say_status(&st);
			break;
		}
		if (as_it_is)
			buf_add_slice(&out, piece);
		else
			add_without_cr(piece, &out);
		code = say_output(&out);
	}
	buf_release(&scratch);
	return code;
}

/* A file that is none of ours, or damaged, but not a device or the like. */
static int print_file(const struct queue_view *v)
{
	struct queue_path path = queue_path(v->folder, v->name);
	struct store content;
	struct stat facts;
	int code = EX_OK;
	int fd = file_open(v->queue->fd, path.text, O_RDONLY | O_NONBLOCK, 0);
	store_init(&content);
	if (fd >= 0 && fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode)) {
		store_show(&content, fd, 0, (uint64_t)facts.st_size);
		code = print_content(&content, true);
	}
	store_release(&content);
	if (fd >= 0)
		close(fd);
	return code;
}

static int print(struct queue_view *v, bool as_json)
{
	struct buf out = { 0 };
	if (as_json) {
		queue_view_json(v, &out);
		return say_output(&out);
	}
	queue_view_sheet(v, clock_wall(), &out);
	buf_add_char(&out, '\n');
	int code = say_output(&out);
	if (code != EX_OK)
		return code;
	if (!v->readable || strcmp(v->folder, QUEUE_CORRUPT) == 0)
		return print_file(v);
	queue_peek_content(&v->entry);
	return print_content(&v->entry.message.content, false);
}

int queue_show(const struct queue_set *s, const struct request *r)
{
	struct queue_place place;
	struct queue_view v;
	struct status st;
	if (queue_set_find(s, r->queue_id, &place, &st) != 0)
		return s->code != EX_OK ? s->code : say_status(&st);
	enum queue_taken taken =
		queue_view_load(&v, place.queue, place.folder, r->queue_id, &st);
	if (taken == QUEUE_GONE)
		gone(r->queue_id, &st);
	int code = taken == QUEUE_TAKEN ? print(&v, r->json) : say_status(&st);
	queue_view_release(&v);
	return code;
}

int cmd_show_message(const struct request *r)
{
	return queue_set_use(r, queue_show);
}
