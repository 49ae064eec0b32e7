/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * A hostile server: the input is its two messages, a LF between them. Only the right signature
 * ends in success, and what leaves is a proof for a nonce that begins with ours.
 */
#include "base/base64.h"
#include "base/digest.h"
#include "smtp/sasl.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static void demand(bool holds)
{
	if (!holds)
		abort();
}

static const struct sasl_credentials credentials = { .user = "user",
						     .password = "pencil",
						     .nonce = "abc" };
/* "p=" and the base64 of a SHA-1. */
enum { PROOF_LEN = 2 + 28 };

/* A count that is allowed but takes long would only slow the search down. */
static bool is_slow(struct slice message)
{
	const char *count = memmem(message.data, message.len, ",i=", 3);
	struct slice digits = slice_cut(message, 0, 0);
	if (count != NULL)
		digits = slice_n(count + 3, (size_t)(message.data + message.len - count - 3));
	size_t len = slice_find(digits, ',');
	return len >= 5 && len <= 7;
}

/* The last message of an honest server, by the formula of RFC 5802, 3. */
static void sign(struct slice first, struct slice proof, struct buf *out)
{
	struct slice rest = first, part[3];
	struct buf salt = { 0 }, text = { 0 };
	struct digest key, server_key, signature;
	struct status st;
	for (size_t i = 0; i < 3; i++)
		demand(slice_next(&rest, ',', &part[i]));
	demand(base64_decode(&salt, slice_cut(part[1], 2, part[1].len)) == 0);
	unsigned count = (unsigned)strtoul(part[2].data + 2, NULL, 10);
	struct digest_stretch how = { DIGEST_SHA1, buf_slice(&salt), count };
	digest_pbkdf2(&how, slice_of("pencil"), &key, &st);
	digest_hmac(DIGEST_SHA1, digest_slice(&key), slice_of("Server Key"), &server_key, &st);
	buf_add_str(&text, "n=user,r=abc,");
	buf_add_slice(&text, first);
	buf_add_char(&text, ',');
	buf_add_slice(&text, slice_cut(proof, 0, proof.len - 1 - PROOF_LEN));
	digest_hmac(DIGEST_SHA1, digest_slice(&server_key), buf_slice(&text), &signature, &st);
	buf_add_str(out, "v=");
	base64_encode(out, digest_slice(&signature));
	buf_release(&salt);
	buf_release(&text);
}

static void go_on(struct sasl *s, struct slice first, struct slice proof, struct slice last)
{
	struct buf right = { 0 }, none = { 0 };
	struct status st;
	demand(slice_is(slice_cut(first, 0, 5), "r=abc"));
	demand(slice_is(slice_cut(proof, 0, 12), "c=biws,r=abc") && !sasl_finished(s));
	sign(first, proof, &right);
	bool accepted = sasl_step(s, last, &none, &st) == 0;
	demand(!accepted || slice_is(slice_cut(last, 0, right.len), buf_str(&right)));
	demand(accepted || !slice_is(last, buf_str(&right)));
	demand(none.len == 0 && sasl_finished(s) == accepted);
	buf_release(&right);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice input = slice_n(size != 0 ? (const char *)data : "", size);
	size_t cut = slice_find(input, '\n');
	struct slice first = slice_cut(input, 0, cut), last = slice_cut(input, cut + 1, size);
	if (is_slow(first))
		return 0;
	struct sasl *s = sasl_new(sasl_find("SCRAM-SHA-1"), &credentials);
	struct buf out = { 0 };
	struct status st;
	demand(sasl_step(s, slice_of(""), &out, &st) == 0);
	buf_reset(&out);
	if (sasl_step(s, first, &out, &st) == 0)
		go_on(s, first, buf_slice(&out), last);
	else
		demand(out.len == 0 && sasl_step(s, last, &out, &st) != 0 && !sasl_finished(s));
	buf_release(&out);
	sasl_free(s);
	return 0;
}
