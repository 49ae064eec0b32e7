/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/cmd.h"
#include "cmd/context.h"
#include "cmd/hand_over.h"
#include "cmd/smtp_service.h"

#include <sysexits.h>
#include <unistd.h>

int cmd_serve(const struct request *r)
{
	struct context c;
	struct status st;
	int code = EX_OK;
	if (context_init(&c, r, &st) != 0) {
		c.away = hand_over_fits(r, &c.config, &st);
		code = c.away ? EX_OK : hand_over(r, &c.config, &st);
	}
	if (code == EX_OK)
		code = smtp_serve(STDIN_FILENO, STDOUT_FILENO, r, &c, NULL);
	context_release(&c);
	return code;
}
