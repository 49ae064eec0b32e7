/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What a web server answers: how it was cut does not matter, the limits hold, the body is some
 * of what was said, and nothing of it gets into a sentence.
 */
#include "net/http.h"

#include "base/clock.h"
#include "net/stream_mem.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { BODY_MAX = 64 * 1024 };

static const struct url here = {
	.host = "a.test", .authority = "a.test", .target = "/", .port = 443
};

static void must(bool holds)
{
	if (!holds)
		abort();
}

static void check(const struct http_response *r, struct slice input)
{
	must(r->code >= 200 && r->code <= 599);
	must(r->body.len <= BODY_MAX && r->body.len <= input.len);
	must(input.len >= 12 && memcmp(input.data, "HTTP/1.", 7) == 0);
	if (memmem(input.data, input.len, "hunked", 6) == NULL)
		must(memmem(input.data, input.len, buf_str(&r->body), r->body.len) != NULL);
}

/* The answer in INPUT, or how it fails, written down. */
static void ask(struct slice input, size_t read_max, struct buf *out)
{
	struct script peer = { .read_max = read_max };
	struct http_response r = { 0 };
	struct status st = { 0 };
	script_says_n(&peer, input.data, input.len);
	script_ends(&peer);
	struct stream *s = stream_mem_new(&peer);
	stream_set_deadline(s, clock_in(60));
	if (http_post(s, &here, slice_of("secret=hunter2"), &r, &st) == 0) {
		check(&r, input);
		buf_addf(out, "%u ", r.code);
		buf_add_slice(out, buf_slice(&r.body));
	} else {
		must(st.kind == STATUS_TEMPORARY || st.kind == STATUS_BROKEN_PEER);
		must(strlen(st.text) < 100 && strstr(st.text, "hunter2") == NULL);
		buf_addf(out, "%d %s", (int)st.kind, st.text);
	}
	stream_free(s);
	script_release(&peer);
	http_response_release(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_n(size != 0 ? (const char *)data : "", size);
	struct buf whole = { 0 }, cut = { 0 };
	ask(input, 0, &whole);
	ask(input, 1 + size % 7, &cut);
	must(whole.len == cut.len && memcmp(whole.data, cut.data, whole.len) == 0);
	buf_release(&whole);
	buf_release(&cut);
	return 0;
}
