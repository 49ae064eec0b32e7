/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * private - a file that holds a password is for its owner's eyes
 */
#ifndef CONFIG_PRIVATE_H
#define CONFIG_PRIVATE_H

#include "base/status.h"

#include <sys/stat.h>

/*
 * Pass PATH if nobody but its owner may read it. With ROOT_SHARES a file of root's may also be
 * read by its group: so the system's file is opened to the service. What is no regular file has
 * no mode that says anything, and passes. Errors: STATUS_BAD_CONFIG, with the chmod that mends
 * it as the hint.
 */
int private_check(const char *path, const struct stat *facts, bool root_shares,
		  struct status *st);

#endif
