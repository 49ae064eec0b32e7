/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/cmd.h"
#include "cmd/say.h"

#include <sysexits.h>

int cmd_list(const struct request *r)
{
	struct buf out = { 0 };
	if (!r->json)
		buf_add_str(&out, "Mail queue is empty\n");
	return say_output(&out);
}
