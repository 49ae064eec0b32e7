/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * What is encoded comes back; what is accepted is the one way to write it; and GnuTLS reads it
 * as we do.
 */
#include "base/base64.h"
#include "base/gnutls_lib.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static bool same(struct slice a, struct slice b)
{
	return a.len == b.len && (a.len == 0 || memcmp(a.data, b.data, a.len) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_n((const char *)data, size);
	struct buf encoded = { 0 }, decoded = { 0 };

	base64_encode(&encoded, input);
	demand(encoded.len == (size + 2) / 3 * 4);
	demand(base64_decode(&decoded, buf_slice(&encoded)) == 0);
	demand(same(buf_slice(&decoded), input));

	buf_reset(&encoded);
	buf_reset(&decoded);
	if (base64_decode(&decoded, input) == 0) {
		base64_encode(&encoded, buf_slice(&decoded));
		demand(same(buf_slice(&encoded), input));
		gnutls_datum_t theirs = { 0 }, text = { (unsigned char *)data, (unsigned)size };
		if (size != 0)
			demand(gnutls_base64_decode2(&text, &theirs) == 0);
		demand(same(buf_slice(&decoded), slice_n((char *)theirs.data, theirs.size)));
		free(theirs.data);
	} else {
		demand(decoded.len == 0);
	}
	buf_release(&encoded);
	buf_release(&decoded);
	return 0;
}
