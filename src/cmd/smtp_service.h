/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * smtp_service - one session of our own SMTP server, over two descriptors
 */
#ifndef CMD_SMTP_SERVICE_H
#define CMD_SMTP_SERVICE_H

#include "cmd/context.h"

#include <stdbool.h>

/*
 * Serve the client who writes to IN and reads from OUT, to the end of the session. R is the
 * command line; STOP, if not NULL, says that the service ends. Returns the exit code: EX_OK, or
 * EX_TEMPFAIL if a message was cut off.
 */
int smtp_serve(int in, int out, const struct request *r, const struct context *c,
	       const volatile bool *stop);

#endif
