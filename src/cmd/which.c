/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/cmd.h"
#include "cmd/context.h"
#include "cmd/say.h"
#include "delivery/addressing.h"

int cmd_which(const struct request *r)
{
	struct context c;
	struct status st;
	struct buf out = { 0 };
	const struct header none = { 0 };
	int code;
	if (context_init(&c, r, &st) == 0 && addressing_explain(r, &c.config, &out, &st) == 0) {
		code = say_output(&out);
		if (addressing_account(r, &c.config, &none, &st) == NULL)
			code = say_status(&st);
	} else {
		code = say_status(&st);
	}
	buf_release(&out);
	context_release(&c);
	return code;
}
