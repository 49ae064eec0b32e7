/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/rehearsal.h"

#include "base/mem.h"
#include "config/config.h"
#include "config/options.h"
#include "delivery/submission.h"

/* One account, which takes everything and changes nothing that matters. */
static void make_config(struct config *c, const char *account)
{
	*c = (struct config){ .count = 1, .accounts = mem_alloc(sizeof *c->accounts) };
	account_init(&c->defaults, "");
	strings_release(&c->defaults.aliases);
	c->defaults.domain = mem_copy("localhost");
	account_copy(&c->accounts[0], &c->defaults, account != NULL ? account : "default");
}

static void note(void *context, struct submission *s)
{
	bool *addressed = context;
	(void)s;
	*addressed = true;
}

/* No further than to the envelope: bodies are refused for their size alone. */
static int feed(struct submission *s, const struct store *content, const bool *addressed,
		struct status *st)
{
	struct buf scratch = { 0 };
	struct slice piece = { 0 };
	int result = 0;
	for (uint64_t at = 0; result == 0 && !*addressed && at < content->size;
	     at += piece.len) {
		result = store_read(content, at, &scratch, &piece, st);
		if (result == 0)
			result = submission_feed(s, piece, st);
	}
	if (result == 0 && !*addressed)
		result = submission_finish(s, st);
	buf_release(&scratch);
	return result;
}

int rehearse(const struct request *r, const struct store *content, struct status *st)
{
	struct config c;
	struct submission s;
	struct status found = { 0 };
	bool addressed = false;
	make_config(&c, r->account);
	submission_init(&s, r, &c);
	s.addressed = note;
	s.context = &addressed;
	feed(&s, content, &addressed, &found);
	submission_release(&s);
	config_release(&c);
	if (found.kind != STATUS_BAD_MESSAGE && found.kind != STATUS_BAD_USAGE)
		return 0;
	*st = found;
	return -1;
}
