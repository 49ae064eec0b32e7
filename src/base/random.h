/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * random - bytes that nobody can guess, from the kernel
 */
#ifndef BASE_RANDOM_H
#define BASE_RANDOM_H

#include "base/buf.h"

/* Fill LEN bytes at INTO. Cannot fail: without them the program ends, as in mem.h. */
void random_bytes(void *into, size_t len);
/* Append BYTES random bytes to OUT as twice as many hex digits, in lower case. */
void random_hex(struct buf *out, size_t bytes);

#endif
