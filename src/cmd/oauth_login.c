/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/oauth_login.h"

#include "cmd/cmd.h"
#include "cmd/context.h"
#include "cmd/say.h"

#include <inttypes.h>
#include <sysexits.h>

static int show_way(const struct oauth_login *l)
{
	struct buf out = { 0 };
	buf_addf(&out, "open   %s\nenter  %s\n", buf_str(&l->page), buf_str(&l->code));
	if (l->full_page.len != 0)
		buf_addf(&out, "or open %s\n", buf_str(&l->full_page));
	buf_addf(&out, "waiting for you, for %" PRId64 " minutes at most\n",
		 (l->seconds + 59) / 60);
	return say_output(&out);
}

static int show_end(const struct account *a)
{
	struct buf out = { 0 };
	buf_addf(&out, "account '%s' is logged in; the refresh token is in ", a->name);
	oauth_token_path(a, &out);
	buf_add_char(&out, '\n');
	return say_output(&out);
}

/* Returns the exit code. */
static int log_in(const struct context *c, const struct account *a)
{
	struct oauth_login l = { 0 };
	struct status st;
	int code = EX_OK;
	int result = oauth_login_begin(&l, a, &c->transcript.tap, &st);
	if (result == 0) {
		code = show_way(&l);
		if (code == EX_OK)
			result = oauth_login_wait(&l, &st);
	}
	oauth_login_release(&l);
	if (result != 0)
		return say_status(&st);
	return code == EX_OK ? show_end(a) : code;
}

int cmd_oauth_login(const struct request *r)
{
	struct context c;
	struct status st;
	const struct account *a = NULL;
	if (context_init(&c, r, &st) == 0)
		a = config_choose(&c.config, &(struct occasion){ .name = r->account }, &st);
	int code = a != NULL ? log_in(&c, a) : say_status(&st);
	context_release(&c);
	return code;
}
