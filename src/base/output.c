/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/output.h"

#include <errno.h>
#include <poll.h>
#include <unistd.h>

enum { PATIENCE_MS = 10 * 1000 };

/* Has FD room, or will it never have any? Then write says why. */
static bool has_room(int fd)
{
	struct pollfd p = { .fd = fd, .events = POLLOUT };
	int n = poll(&p, 1, PATIENCE_MS);
	return n > 0 || (n < 0 && errno == EINTR);
}

bool output_write(int fd, struct slice text)
{
	while (text.len != 0) {
		ssize_t n = write(fd, text.data, text.len);
		if (n >= 0)
			text = slice_cut(text, (size_t)n, text.len);
		else if (errno != EINTR && !(errno == EAGAIN && has_room(fd)))
			return false;
	}
	return true;
}
