/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * input - reading what a caller writes, however he writes it
 */
#ifndef BASE_INPUT_H
#define BASE_INPUT_H

#include <stddef.h>
#include <sys/types.h>

/*
 * As read(2), but a signal does not end it, and a descriptor that somebody made non-blocking is
 * waited for. The caller may take as long as he likes: it is his message.
 */
ssize_t input_read(int fd, void *into, size_t room);

#endif
