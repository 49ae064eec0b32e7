/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * command - run a shell command for what it prints
 */
#ifndef CONFIG_COMMAND_H
#define CONFIG_COMMAND_H

#include "base/buf.h"
#include "base/status.h"

#include <stdint.h>

/*
 * Run COMMAND by /bin/sh -c in a process group of its own, with nothing on its standard input,
 * and append what it prints to OUT, which the caller releases with buf_release_secret: it may
 * be a secret. KEY names the command in sentences. At DEADLINE (clock_now() terms) the whole
 * group is killed. What the command leaves behind in the background keeps running and is not
 * waited for.
 *
 * Descriptors 0 to 2 are open: main sees to that.
 *
 * Errors: STATUS_NOT_ALLOWED for a command that exits with other than 0, with the last line of
 * its standard error in the sentence; for one that is killed, is late, or prints more than 64
 * KiB. OUT may hold a part then.
 */
int command_output(const char *key, const char *command, int64_t deadline, struct buf *out,
		   struct status *st);

#endif
