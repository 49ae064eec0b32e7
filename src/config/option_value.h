/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * option_value - the values of options, by type
 *
 * For the rooms that loop over the table (account.c, show.c); all others use options.h. Rows
 * without a field (OPTION_TOP_ONLY) are passed over: they have no value.
 */
#ifndef CONFIG_OPTION_VALUE_H
#define CONFIG_OPTION_VALUE_H

#include "config/options.h"

/* The field of O in A. */
const void *option_field(const struct account *a, const struct option *o);
/* The origin of O in A. */
struct origin *option_origin(const struct account *a, const struct option *o);

/* Append the value of O as option_set takes it; secrets as they are. */
void option_text(const struct account *a, const struct option *o, struct buf *out);
/* DST gets SRC's value of O and its origin. */
void option_copy(struct account *dst, const struct account *src, const struct option *o);
/* A is a copy of an account, byte by byte: give it a value of its own. */
void option_own(struct account *a, const struct option *o);
/* Free the value, which is not to be read again; a secret is wiped. */
void option_free(struct account *a, const struct option *o);
/* Give a zeroed field the table's default. */
void option_default(struct account *a, const struct option *o);

#endif
