/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * desk - takes the messages that an SMTP client brings, and answers with what becomes of them
 *
 * The answer to the end of a message is the truth about it (contract, section 7): 250 once a
 * server has it or it is safe in the queue, a server's own refusal where nobody gets it, and
 * 250 and a bounce where some do.
 */
#ifndef CMD_DESK_H
#define CMD_DESK_H

#include "cmd/context.h"
#include "cmd/sending.h"
#include "delivery/handing.h"
#include "smtp/server.h"

#include <stdbool.h>

struct desk {
	const struct request *asked;   /* borrowed: the command line */
	const struct context *context; /* borrowed */
	struct request request; /* of the present message; owned but for what it shares */
	struct sending sending;
	struct handing handing; /* in its place, where the service does the work */
	bool is_open;           /* content of a message is coming in */
	struct server_handler handler;
};

/* ASKED and C must outlive D, which must not move. */
void desk_init(struct desk *d, const struct request *asked, const struct context *c);
/* Between messages; a message that is under way has been given up by a reset. */
void desk_release(struct desk *d);

#endif
