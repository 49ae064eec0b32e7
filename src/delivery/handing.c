/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/handing.h"

#include "base/clock.h"
#include "delivery/drop.h"
#include "delivery/rehearsal.h"
#include "delivery/service_socket.h"
#include "net/stream_fd.h"

#include <errno.h>
#include <unistd.h>

enum {
	CONNECT_SECONDS = 10,
	WRITE_SECONDS = 60,
	ANSWER_SECONDS = 300, /* it syncs a disk that others may keep busy */
};

/* Where a stream goes: to the service, or into a file. */
struct sink {
	int (*put)(void *to, struct slice bytes, struct status *st);
	void *to; /* borrowed */
};

void handing_init(struct handing *h, const struct request *r)
{
	*h = (struct handing){ .request = r };
	store_init(&h->content);
}

void handing_release(struct handing *h)
{
	store_release(&h->content);
}

bool handing_is_possible(const struct request *r)
{
	bool is_mail = r->mode == MODE_SEND || r->mode == MODE_SERVE;
	return access(SERVICE_SOCKET, F_OK) == 0 || (is_mail && drop_is_there());
}

int handing_feed(struct handing *h, struct slice piece, struct status *st)
{
	return store_add(&h->content, piece, st);
}

static int pass_on(struct frames_writer *w, const struct sink *sink, struct status *st)
{
	int result = sink->put(sink->to, buf_slice(&w->out), st);
	buf_reset(&w->out);
	return result;
}

static int write_content(const struct store *content, struct frames_writer *w,
			 const struct sink *sink, struct status *st)
{
	struct buf scratch = { 0 };
	struct slice piece = { 0 };
	int result = 0;
	for (uint64_t at = 0; at < content->size && result == 0; at += piece.len) {
		result = store_read(content, at, &scratch, &piece, st);
		if (result != 0)
			break;
		frames_body(w, piece);
		result = pass_on(w, sink, st);
	}
	buf_release(&scratch);
	return result;
}

static int write_stream(const struct handing *h, const struct sink *sink, struct status *st)
{
	struct frames_writer w = { 0 };
	int result = handoff_encode_request(h->request, &w, st);
	if (result == 0)
		result = write_content(&h->content, &w, sink, st);
	if (result == 0) {
		frames_end(&w);
		result = pass_on(&w, sink, st);
	}
	buf_release(&w.out);
	return result;
}

/* ---- the socket ---- */

static int put_to_stream(void *to, struct slice bytes, struct status *st)
{
	struct stream *s = to;
	stream_set_deadline(s, clock_in(WRITE_SECONDS));
	stream_put(s, bytes.data, bytes.len);
	return stream_flush(s, st);
}

struct answer {
	const struct handing *handing;
	struct handoff_reply *reply;
};

static int take_field(void *context, enum frame_type type, struct slice value,
		      struct status *st)
{
	struct answer *a = context;
	return handoff_decode_reply(a->reply, type, value, st);
}

static int take_body(void *context, struct slice piece, struct status *st)
{
	struct answer *a = context;
	if (a->handing->print == NULL)
		return 0;
	return a->handing->print(a->handing->context, piece, st);
}

static int broken_off(struct status *st)
{
	status_set(st, STATUS_TEMPORARY, "the service broke off without an answer");
	return status_hint(st, "its log may say why; try again");
}

static int read_answer(const struct handing *h, struct stream *s, struct handoff_reply *reply,
		       struct status *st)
{
	struct answer answer = { h, reply };
	const struct frames_handlers handlers = { &answer, take_field, take_body };
	struct frames f;
	struct slice bytes;
	int result = 0;
	frames_init(&f);
	*reply = (struct handoff_reply){ 0 };
	while (result == 0 && !frames_done(&f)) {
		stream_set_deadline(s, clock_in(ANSWER_SECONDS));
		result = stream_get(s, &bytes, st);
		if (result == 0 && bytes.len == 0)
			result = broken_off(st);
		if (result == 0)
			result = frames_feed(&f, bytes, &handlers, st);
		else if (st->sys == ECONNRESET)
			broken_off(st);
	}
	frames_release(&f);
	return result;
}

/* Who refuses a request does not read the rest of it, so an answer may be there even if not all
 * of it was taken. */
static int ask_service(const struct handing *h, int fd, struct handoff_reply *reply,
		       struct status *st)
{
	struct stream *s = stream_fd_new(fd);
	const struct sink sink = { put_to_stream, s };
	int result = write_stream(h, &sink, st);
	if (result == 0 || st->sys == ECONNRESET)
		result = read_answer(h, s, reply, st);
	stream_free(s);
	return result;
}

/* ---- the drop folder ---- */

static int put_to_drop(void *to, struct slice bytes, struct status *st)
{
	return drop_write(to, bytes, st);
}

static int leave(struct handing *h, struct handoff_reply *reply, struct status *st)
{
	struct drop d;
	const struct sink sink = { put_to_drop, &d };
	if (rehearse(h->request, &h->content, st) != 0)
		return -1;
	int result = drop_begin(&d, st);
	if (result == 0)
		result = write_stream(h, &sink, st);
	if (result == 0)
		result = drop_commit(&d, st);
	if (result == 0) {
		*reply = (struct handoff_reply){ .st.kind = STATUS_QUEUED, .id = d.id };
		h->dropped = true;
	}
	drop_release(&d);
	return result;
}

int handing_finish(struct handing *h, struct handoff_reply *reply, struct status *st)
{
	int fd;
	struct status no_folder;
	if (service_socket_connect(&fd, CONNECT_SECONDS, st) == 0)
		return ask_service(h, fd, reply, st);
	if (h->request->mode != MODE_SEND || leave(h, reply, &no_folder) == 0)
		return h->dropped ? 0 : -1;
	if (no_folder.sys != ENOENT)
		*st = no_folder;
	return -1;
}
