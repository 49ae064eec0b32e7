/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A proxy says anything, in pieces of any size. What is behind its answer stays in the stream.
 */
#include "net/socks5.h"

#include "base/clock.h"
#include "net/stream_mem.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
	if (!holds)
		abort();
}

/* How long the proxy's part is in DATA, which was taken for a yes. */
static size_t answer_length(const uint8_t *data)
{
	must(data[0] == 5 && data[1] == 0 && data[2] == 5 && data[3] == 0);
	must(data[5] == 1 || data[5] == 3 || data[5] == 4);
	return 6 + (data[5] == 1 ? 4 : data[5] == 4 ? 16 : 1u + data[6]) + 2;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0)
		return 0;
	struct script p = { .read_max = data[0] % 8, .hangs_up = true };
	struct status st = { 0 };
	struct slice rest;
	data++, size--;
	script_says_n(&p, data, size);
	script_ends(&p);
	struct stream *s = stream_mem_new(&p);
	stream_set_deadline(s, clock_in(5));
	int result = socks5_connect(s, "mail.test", 587, &st);
	must((result == 0) == (st.kind == STATUS_OK));
	must(p.sent.len >= 3 && memcmp(p.sent.data, "\5\1\0", 3) == 0);
	for (size_t at = result == 0 ? answer_length(data) : size; at < size; at += rest.len) {
		must(stream_get(s, &rest, &st) == 0 && rest.len != 0);
		must(memcmp(rest.data, data + at, rest.len) == 0);
	}
	stream_free(s);
	script_release(&p);
	return 0;
}
