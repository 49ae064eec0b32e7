/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * complain - say where a complaint about the configuration belongs
 */
#ifndef CONFIG_COMPLAIN_H
#define CONFIG_COMPLAIN_H

#include "base/status.h"

/* Put a printf-style text before the sentence of ST; the rest of it stays. Returns -1. */
int complain_before(struct status *st, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

/* Put "FILE:LINE: " before the sentence of ST. Returns -1. */
int complain_at(struct status *st, const char *file, unsigned line);

#endif
