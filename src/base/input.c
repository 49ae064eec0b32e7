/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/input.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

ssize_t input_read(int fd, void *into, size_t room)
{
	for (;;) {
		ssize_t n = read(fd, into, room);
		if (n >= 0 || (errno != EINTR && errno != EAGAIN))
			return n;
		struct pollfd p = { .fd = fd, .events = POLLIN };
		if (errno == EAGAIN)
			poll(&p, 1, -1);
	}
}
