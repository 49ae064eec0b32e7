/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * However the octets are cut, the same is heard, and the end is the same. What is accepted is,
 * frame by frame, what the writer makes of it again. A request that is accepted can be written
 * and read again without becoming another one, and asks for nothing that is not the caller's to
 * ask for.
 *
 * No fuzzer guesses a checksum, so the input is tried with the right end, too.
 */
#include "delivery/handoff.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* What came of a stream. */
struct outcome {
	struct buf heard; /* a line for each field; bodies joined */
	struct buf body;
	struct request request;
	struct handoff_reply reply;
	bool is_reply;
	int result;
	struct status st;
};

static int hear_field(void *context, enum frame_type type, struct slice value,
		      struct status *st)
{
	struct outcome *o = context;
	buf_addf(&o->heard, "%d %zu ", (int)type, value.len);
	buf_add_slice(&o->heard, value);
	must(memchr(value.data, '\n', value.len) == NULL || value.len == 1);
	if (type == FRAME_VERB)
		o->is_reply = value.data[0] == VERB_REPLY;
	return o->is_reply ? handoff_decode_reply(&o->reply, type, value, st)
			   : handoff_decode_request(&o->request, type, value, st);
}

static int hear_body(void *context, struct slice piece, struct status *st)
{
	struct outcome *o = context;
	(void)st;
	must(piece.len != 0);
	buf_add_slice(&o->body, piece);
	return 0;
}

static void read_stream(struct slice stream, size_t step, struct outcome *o)
{
	struct frames f;
	const struct frames_handlers h = { o, hear_field, hear_body };
	*o = (struct outcome){ 0 };
	frames_init(&f);
	for (size_t at = 0; o->result == 0 && at < stream.len; at += step)
		o->result = frames_feed(&f, slice_cut(stream, at, at + step), &h, &o->st);
	if (o->result == 0)
		o->result = frames_finish(&f, &o->st);
	must(o->result == 0 ? frames_done(&f) && f.sum.octets == o->body.len
			    : o->st.text[0] != '\0');
	frames_release(&f);
}

static void outcome_release(struct outcome *o)
{
	buf_release(&o->heard);
	buf_release(&o->body);
	request_release(&o->request);
}

static void must_be_same(const struct buf *a, const struct buf *b)
{
	must(a->len == b->len && memcmp(buf_str(a), buf_str(b), a->len) == 0);
}

static void check_cuts(struct slice stream, const struct outcome *whole)
{
	static const size_t steps[] = { 1, 3, 64 };
	for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
		struct outcome o;
		read_stream(stream, steps[i], &o);
		must(o.result == whole->result && o.st.kind == whole->st.kind &&
		     strcmp(o.st.text, whole->st.text) == 0);
		must_be_same(&o.heard, &whole->heard);
		must_be_same(&o.body, &whole->body);
		outcome_release(&o);
	}
}

/* Take a frame off *REST in the simplest way. */
static bool next_frame(struct slice *rest, unsigned *type, struct slice *value)
{
	const unsigned char *head = (const unsigned char *)rest->data;
	if (rest->len < 5)
		return false;
	size_t len =
		(size_t)head[1] << 24 | (size_t)head[2] << 16 | (size_t)head[3] << 8 | head[4];
	if (rest->len - 5 < len)
		return false;
	*type = head[0];
	*value = slice_cut(*rest, 5, 5 + len);
	*rest = slice_cut(*rest, 5 + len, rest->len);
	return true;
}

/* What the writer makes of the frames that STREAM begins with, and a right end. */
static void write_again(struct slice stream, struct frames_writer *w)
{
	struct slice rest = slice_cut(stream, 4, stream.len), value;
	unsigned type;
	*w = (struct frames_writer){ 0 };
	if (!next_frame(&rest, &type, &value) || type != FRAME_VERB || value.len != 1)
		return;
	frames_begin(w, (enum frame_verb)value.data[0]);
	while (next_frame(&rest, &type, &value) && type != FRAME_END) {
		if (type == FRAME_BODY && value.len <= FRAMES_BODY_MAX && value.len != 0)
			frames_body(w, value);
		else
			frames_field(w, (enum frame_type)type, value);
	}
	frames_end(w);
}

static void check_recipients(const struct request *r)
{
	must(r->recipients.count <= FRAMES_REPEATS_MAX);
	for (size_t i = 0; i < r->recipients.count; i++) {
		must(r->recipients.at[i][0] != '-');
		for (const char *c = r->recipients.at[i]; *c != '\0'; c++)
			must((unsigned char)*c >= 0x20 && *c != 0x7f);
	}
}

static void check_request(const struct request *r)
{
	must(r->as == AS_SENDMAIL && r->config_file == NULL && r->override_count == 0);
	must(!r->dry_run && r->interval == 0 && r->listen.count == 0);
	must(r->delivery >= -1 && r->delivery <= 2);
	must(r->queue_id == NULL || strpbrk(r->queue_id, "./") == NULL);
	must(r->sender == NULL || r->sender[0] != '-');
	check_recipients(r);
}

/* The first writing may differ from what came: "Never" becomes "never". */
static void check_meaning(const struct request *r)
{
	struct frames_writer once = { 0 }, twice = { 0 };
	struct outcome o;
	struct status st;
	if (handoff_encode_request(r, &once, &st) != 0) {
		must(st.kind == STATUS_BAD_USAGE && strstr(st.text, "too many") != NULL);
		buf_release(&once.out);
		return;
	}
	frames_end(&once);
	read_stream(buf_slice(&once.out), once.out.len, &o);
	must(o.result == 0 && handoff_encode_request(&o.request, &twice, &st) == 0);
	frames_end(&twice);
	must_be_same(&once.out, &twice.out);
	outcome_release(&o);
	buf_release(&once.out);
	buf_release(&twice.out);
}

static void check_stream(struct slice stream)
{
	struct outcome o;
	read_stream(stream, stream.len + 1, &o);
	check_cuts(stream, &o);
	if (o.result == 0) {
		struct frames_writer w;
		write_again(stream, &w);
		must(w.out.len == stream.len &&
		     memcmp(w.out.data, stream.data, stream.len) == 0);
		buf_release(&w.out);
	}
	if (o.result == 0 && !o.is_reply) {
		check_request(&o.request);
		check_meaning(&o.request);
	}
	outcome_release(&o);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct frames_writer ended;
	struct slice stream = slice_n(size != 0 ? (const char *)data : "", size);
	check_stream(stream);
	write_again(stream, &ended);
	check_stream(buf_slice(&ended.out));
	buf_release(&ended.out);
	return 0;
}
