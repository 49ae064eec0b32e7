/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cache - a private folder of small files that anybody may throw away at any time
 *
 * What is in it only saves time, so there are no errors: what cannot be read is not there, what
 * cannot be written is not kept. Only files of our own, for our eyes alone, are read; they hold
 * secrets and decide about trust. The folder is ours, too, and nobody else may write to it;
 * root, who shares the system's folder with the service, takes any owner. Symbolic links in the
 * place of either do not count.
 *
 * A NAME is one component of a path and does not begin with a dot.
 */
#ifndef BASE_CACHE_H
#define BASE_CACHE_H

#include "base/buf.h"

#include <stdbool.h>
#include <time.h>

/*
 * Take the file NAME out of FOLDER, and append what it held to OUT: all of it, LIMIT bytes at
 * most, or nothing. Of several that take it at the same time one gets it.
 */
bool cache_take(const char *folder, const char *name, size_t limit, struct buf *out);

/* As cache_take, and leave the file where it is. */
bool cache_read(const char *folder, const char *name, size_t limit, struct buf *out);

/*
 * Put CONTENT into FOLDER as NAME, at once: whoever takes it has all of it. FOLDER is made if
 * it is not there and what is above it is ours. Nothing is synced.
 */
void cache_put(const char *folder, const char *name, struct slice content);

/* Remove what ends in SUFFIX and was written more than AGE seconds ago. */
void cache_sweep(const char *folder, const char *suffix, time_t age);

#endif
