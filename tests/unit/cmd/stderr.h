/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stderr - for tests: what is written to standard error
 */
#ifndef TEST_STDERR_H
#define TEST_STDERR_H

#include "base/buf.h"

struct stderr_catch {
	int real; /* where it goes otherwise */
	int file;
};

/* Until stderr_end, what is written to standard error is kept. */
void stderr_begin(struct stderr_catch *c);
/* Append it to OUT. */
void stderr_end(struct stderr_catch *c, struct buf *out);

#endif
