/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * output - what is said to the caller, past stdio: a line is one write, and stays whole
 */
#ifndef BASE_OUTPUT_H
#define BASE_OUTPUT_H

#include "base/buf.h"

#include <stdbool.h>

/*
 * Write all of TEXT to FD. A signal does not end it, and a descriptor that somebody made
 * non-blocking is waited for, 10 seconds each time. False with errno: it was not written, or
 * not all of it.
 */
bool output_write(int fd, struct slice text);

#endif
