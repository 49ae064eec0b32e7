/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * digest - hashes, keyed hashes and stretched passwords: the one door to GnuTLS for them
 *
 * A struct digest holds no memory; whoever keeps a secret in one wipes it (mem_wipe). The
 * functions that can fail return 0 or -1. They fail, with STATUS_SYSTEM, only where GnuTLS does
 * without the algorithm (MD5 under FIPS rules).
 */
#ifndef BASE_DIGEST_H
#define BASE_DIGEST_H

#include "base/buf.h"
#include "base/status.h"

#include <stdbool.h>
#include <stddef.h>

enum digest_kind {
	DIGEST_MD5,
	DIGEST_SHA1,
	DIGEST_SHA256,
};

/* Of the longest one. */
#define DIGEST_MAX 32

struct digest {
	unsigned char bytes[DIGEST_MAX];
	size_t len;
};

/* How to make a password expensive to guess. */
struct digest_stretch {
	enum digest_kind kind;
	struct slice salt;
	unsigned iterations; /* at least 1 */
};

/* The hash of DATA. */
int digest_hash(enum digest_kind kind, struct slice data, struct digest *out,
		struct status *st);

/* HMAC of DATA under KEY (RFC 2104), both of any length. */
int digest_hmac(enum digest_kind kind, struct slice key, struct slice data, struct digest *out,
		struct status *st);

/* PBKDF2 with HMAC (RFC 8018, 5.2); as long as one hash. */
int digest_pbkdf2(const struct digest_stretch *how, struct slice password, struct digest *out,
		  struct status *st);

/* Its bytes; valid as long as D. */
struct slice digest_slice(const struct digest *d);
/* Append D in lower-case hex. */
void digest_hex(const struct digest *d, struct buf *out);

/* Are both the same? How long this takes depends on their lengths alone. */
bool digest_same(struct slice a, struct slice b);

#endif
