/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * stream_fd - a stream over a connected socket, or any descriptor that can be polled
 */
#ifndef NET_STREAM_FD_H
#define NET_STREAM_FD_H

#include "net/stream.h"

/* Takes FD, makes it non-blocking, and closes it with the stream. */
struct stream *stream_fd_new(int fd);

#endif
