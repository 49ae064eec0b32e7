/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/random.h"

#include "base/output.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/random.h>
#include <sysexits.h>
#include <unistd.h>

void random_bytes(void *into, size_t len)
{
	char *at = into;
	while (len != 0) {
		ssize_t got = getrandom(at, len, 0);
		if (got < 0 && errno != EINTR) {
			output_write(STDERR_FILENO,
				     slice_of("postrider: the kernel gives no random bytes\n"));
			exit(EX_TEMPFAIL);
		}
		if (got > 0) {
			at += got;
			len -= (size_t)got;
		}
	}
}

/* The bytes are put where the second half of the digits goes, and spread from the front. */
void random_hex(struct buf *out, size_t bytes)
{
	static const char digits[] = "0123456789abcdef";
	char *to = buf_reserve(out, 2 * bytes);
	const char *from = to + bytes;
	random_bytes(to + bytes, bytes);
	for (size_t i = 0; i < bytes; i++) {
		unsigned char byte = (unsigned char)from[i];
		to[2 * i] = digits[byte >> 4];
		to[2 * i + 1] = digits[byte & 15];
	}
	out->len += 2 * bytes;
	out->data[out->len] = '\0';
}
