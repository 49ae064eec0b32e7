/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * include - the files that the key `include` means
 */
#ifndef CONFIG_INCLUDE_H
#define CONFIG_INCLUDE_H

#include "base/buf.h"
#include "base/status.h"

/*
 * Add to PATHS the files that PATTERN, a path or a glob, means in the file INCLUDER: relative
 * ones start at its folder. A plain path is added whether the file exists or not; a glob may
 * match nothing, and its matches are sorted. Errors: STATUS_BAD_CONFIG for a folder that a glob
 * cannot read.
 */
int include_paths(const char *includer, const char *pattern, struct strings *paths,
		  struct status *st);

#endif
