/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/cmd.h"
#include "cmd/context.h"
#include "cmd/say.h"
#include "cmd/smtp_service.h"

#include <unistd.h>

int cmd_serve(const struct request *r)
{
	struct context c;
	struct status st;
	int code = context_init(&c, r, &st) != 0
			   ? say_status(&st)
			   : smtp_serve(STDIN_FILENO, STDOUT_FILENO, r, &c, NULL);
	context_release(&c);
	return code;
}
