/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * file - whole files, with a limit
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buf.h"
#include "base/status.h"

#include <sys/stat.h>

/*
 * Append what PATH holds to OUT. The file is opened first and looked at then, so FACTS are
 * those of the very file that was read. PATH may also be a pipe or a device.
 *
 * Errors: STATUS_DISK with errno in `sys`, EFBIG for more than LIMIT bytes; OUT is as it was.
 * OUT may hold part of a secret behind its end then: who reads secrets uses buf_release_secret
 * in either case.
 */
int file_read_all(const char *path, size_t limit, struct buf *out, struct stat *facts,
		  struct status *st);

#endif
