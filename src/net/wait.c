/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/wait.h"

#include "base/clock.h"

#include <errno.h>
#include <limits.h>

int wait_ready(struct pollfd *fds, size_t count, int64_t deadline)
{
	for (;;) {
		int64_t left = deadline - clock_now();
		if (left <= 0)
			return 0;
		int n = poll(fds, (nfds_t)count, left < INT_MAX ? (int)left : INT_MAX);
		if (n > 0 || (n < 0 && errno != EINTR))
			return n;
	}
}
