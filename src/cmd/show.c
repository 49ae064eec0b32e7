/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/cmd.h"
#include "cmd/context.h"
#include "cmd/say.h"

#ifndef VERSION
#	define VERSION "unknown"
#endif

int cmd_help(const struct request *r)
{
	(void)r;
	struct buf out = { 0 };
	cmdline_help(&out);
	return say_output(&out);
}

int cmd_version(const struct request *r)
{
	(void)r;
	struct buf out = { 0 };
	buf_add_str(&out, "postrider Version " VERSION "\n");
	return say_output(&out);
}

int cmd_show_config(const struct request *r)
{
	struct context c;
	struct status st;
	struct buf out = { 0 };
	int code;
	if (context_init(&c, r, &st) != 0) {
		code = say_status(&st);
	} else {
		if (r->json) {
			config_show_json(&c.config, &out);
			buf_add_char(&out, '\n');
		} else {
			config_show(&c.config, &out);
		}
		code = say_output(&out);
	}
	context_release(&c);
	return code;
}
