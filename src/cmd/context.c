/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/context.h"

#include "base/identity.h"

#include <sys/prctl.h>
#include <sys/resource.h>

int context_init(struct context *c, const struct request *r, struct status *st)
{
	*c = (struct context){ 0 };
	setrlimit(RLIMIT_CORE, &(struct rlimit){ 0, 0 });
	transcript_init(&c->transcript, r->verbose, r->json);
	identity_home(&c->home);
	const char *home = c->home.len != 0 ? buf_str(&c->home) : NULL;
	int result = config_load(&c->config, r->config_file, home, r->overrides,
				 r->override_count, st);
	prctl(PR_SET_DUMPABLE, 0);
	return result;
}

void context_release(struct context *c)
{
	config_release(&c->config);
	buf_release(&c->home);
}
