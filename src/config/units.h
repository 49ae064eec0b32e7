/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * units - numbers with and without a unit: 587, 5m, 1h30m, 25M
 *
 * All parsers take the whole text or fail; they know no signs, no blanks and no fractions. A
 * result that does not fit into int64_t is a failure. On failure *VALUE is unchanged.
 */
#ifndef CONFIG_UNITS_H
#define CONFIG_UNITS_H

#include "base/buf.h"

#include <stdint.h>

bool number_parse(const char *text, int64_t *value);

/* Seconds: a sum of numbers, each with one of s m h d w; a number alone is seconds. Case does
 * not count. */
bool duration_parse(const char *text, int64_t *value);
/* The same, but a number alone is minutes, as in sendmail's -q. */
bool minutes_parse(const char *text, int64_t *value);
/* In the largest unit that holds it without a rest: 90 is "90s", 300 is "5m". */
void duration_format(int64_t seconds, struct buf *out);

/* Octets: a number and one of K M G, powers of 1024; a number alone is octets. Case does not
 * count. */
bool size_parse(const char *text, int64_t *value);
void size_format(int64_t octets, struct buf *out);

#endif
