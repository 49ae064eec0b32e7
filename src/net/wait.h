/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * wait - the one place that polls
 */
#ifndef NET_WAIT_H
#define NET_WAIT_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>

/*
 * Wait until one of the COUNT descriptors in FDS is ready, but not longer than until DEADLINE
 * (clock_now() terms). Gives how many are, 0 at the deadline, -1 with errno. No signal ends it.
 */
int wait_ready(struct pollfd *fds, size_t count, int64_t deadline);

#endif
