/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/stream_fd.h"

#include "base/mem.h"

#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

static int fd_of(const struct stream *s)
{
	return *(const int *)s->self;
}

static ssize_t fd_read(struct stream *s, void *into, size_t room)
{
	return read(fd_of(s), into, room);
}

static ssize_t fd_write(struct stream *s, const void *from, size_t len)
{
	return write(fd_of(s), from, len);
}

static short fd_wants(const struct stream *s, bool writing)
{
	(void)s;
	return writing ? POLLOUT : POLLIN;
}

static void fd_close(struct stream *s)
{
	close(fd_of(s));
	free(s->self);
}

static const struct stream_ops fd_ops = {
	.read = fd_read,
	.write = fd_write,
	.wants = fd_wants,
	.fd = fd_of,
	.close = fd_close,
};

struct stream *stream_fd_new(int fd)
{
	int *self = mem_alloc(sizeof *self);
	*self = fd;
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	return stream_new(&fd_ops, self, NULL);
}
