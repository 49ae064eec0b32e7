/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * CRAM-MD5 (RFC 2195): the user name, and the challenge hashed under the password.
 */
#include "base/mem.h"
#include "smtp/sasl_mechanism.h"

int cram_md5_step(struct sasl *s, struct slice challenge, struct buf *response,
		  struct status *st)
{
	struct digest d;
	if (challenge.len == 0)
		return sasl_broken(s, "the server's challenge is empty", st);
	if (digest_hmac(s->mechanism->digest, slice_of(s->credentials.password), challenge, &d,
			st) != 0)
		return -1;
	buf_add_str(response, s->credentials.user);
	buf_add_char(response, ' ');
	digest_hex(&d, response);
	mem_wipe(&d, sizeof d);
	return 0;
}
