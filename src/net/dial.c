/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/dial.h"

#include "net/stream_fd.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

static int use_source(const struct dialing *d, struct status *st)
{
	char text[SOCKADDR_TEXT_ROOM];
	if (d->source == NULL || bind(d->fd, &d->source->at.any, d->source->len) == 0)
		return 0;
	int errnum = errno;
	return status_sys(st, STATUS_TEMPORARY, errnum, "cannot use source-address %s",
			  sockaddr_text(&d->source->at.any, text));
}

static int start(struct dialing *d, struct status *st)
{
	int on = 1;
	if (d->type == SOCK_STREAM && d->address->sa_family != AF_UNIX)
		setsockopt(d->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (use_source(d, st) != 0)
		return -1;
	d->done = connect(d->fd, d->address, d->len) == 0;
	if (d->done || errno == EINPROGRESS)
		return 0;
	return status_sys(st, STATUS_TEMPORARY, errno, "cannot connect");
}

int dial_begin(struct dialing *d, struct status *st)
{
	d->done = false;
	d->fd = socket(d->address->sa_family, d->type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (d->fd < 0)
		return status_sys(st, STATUS_TEMPORARY, errno, "cannot make a socket");
	if (start(d, st) == 0)
		return 0;
	close(d->fd);
	d->fd = -1;
	return -1;
}

int dial_result(int fd, struct status *st)
{
	int errnum = 0;
	socklen_t len = sizeof errnum;
	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &errnum, &len) != 0)
		errnum = errno;
	return errnum == 0 ? 0 : status_sys(st, STATUS_TEMPORARY, errnum, "cannot connect");
}

int dial(int type, const struct sockaddr *address, socklen_t len, int64_t deadline,
	 struct stream **stream, struct status *st)
{
	struct dialing d = { .type = type, .address = address, .len = len };
	if (dial_begin(&d, st) != 0)
		return -1;
	struct stream *s = stream_fd_new(d.fd);
	stream_set_deadline(s, deadline);
	if (d.done || (stream_wait(s, true, st) == 0 && dial_result(d.fd, st) == 0)) {
		*stream = s;
		return 0;
	}
	stream_free(s);
	return -1;
}
