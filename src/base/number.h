/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * number - numbers in files of our own, which somebody else may have written
 */
#ifndef BASE_NUMBER_H
#define BASE_NUMBER_H

#include "base/buf.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * Take what stands before the first blank off the front of *REST: 1 to 15 digits in BASE, 10 or
 * 16 (lower case), and no more than MOST. False for anything else.
 */
bool number_take(struct slice *rest, int base, uint64_t most, uint64_t *into);

/* Append VALUE with zeros in front, so that there are at least WIDTH digits, 20 at most. */
void number_add(struct buf *out, int base, size_t width, uint64_t value);

/* Append VALUE as it is. */
void number_add_signed(struct buf *out, int64_t value);

#endif
