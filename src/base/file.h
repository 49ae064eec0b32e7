/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * file - whole files, with a limit; and system calls that go on where a signal came between
 */
#ifndef BASE_FILE_H
#define BASE_FILE_H

#include "base/buf.h"
#include "base/status.h"

#include <stdbool.h>
#include <stdint.h>
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

/*
 * These leave the reason for a failure in errno, and never fail with EINTR. file_open adds
 * O_CLOEXEC; a link in the place of the file does not count.
 */
int file_open(int folder, const char *name, int flags, mode_t mode);
bool file_write_at(int fd, uint64_t offset, struct slice bytes);
/* All of SIZE bytes from OFFSET on, appended to OUT; EIO where the file ends before. */
bool file_read_at(int fd, uint64_t offset, size_t size, struct buf *out);
/* Data and facts, or data alone, are on the disk afterwards. Not to be tried again after a
 * failure: the kernel may have dropped what it could not write. */
bool file_sync(int fd);
bool file_sync_data(int fd);

#endif
