/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * slow_data - what server_data.h should make of content, found in the plainest way
 */
#ifndef TEST_SLOW_DATA_H
#define TEST_SLOW_DATA_H

#include "base/buf.h"

#include <stdbool.h>

/*
 * Append to CONTENT what of IN, all that follows upon DATA, is content; returns the offset
 * behind the end of the content, or 0 if IN has none.
 */
size_t slow_data(struct slice in, bool bare_lf, struct buf *content);

#endif
