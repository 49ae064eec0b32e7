/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cmd/cmd.h"
#include "cmd/context.h"
#include "cmd/say.h"
#include "config/options.h"
#include "delivery/aliasing.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

static int complain(const struct alias *a, const char *problem, const char *what)
{
	struct buf line = { 0 };
	buf_addf(&line, "%s:%u: '%s': %s '%s'", a->file, a->line, a->name, problem, what);
	say_line(NULL, buf_str(&line));
	buf_release(&line);
	return EX_CONFIG;
}

static int check_targets(const struct alias *a, const struct targets *targets);

static int check_include(const struct alias *a, const struct target *t)
{
	struct targets inside = { 0 };
	struct status st;
	int code = aliasing_include(t, &inside, &st) == 0 ? check_targets(a, &inside)
							  : complain(a, st.text, t->text);
	targets_release(&inside);
	return code;
}

/* What a message would not get past. */
static int check_target(const struct alias *a, const struct target *t)
{
	switch (t->kind) {
	case TARGET_INCLUDE:
		return check_include(a, t);
	case TARGET_COMMAND:
		return complain(a, "commands are never run:", t->text);
	case TARGET_FILE:
		return complain(a, "files are never written to:", t->text);
	default:
		return EX_OK;
	}
}

static int check_targets(const struct alias *a, const struct targets *targets)
{
	int worst = EX_OK;
	for (size_t i = 0; i < targets->count; i++) {
		int code = check_target(a, &targets->at[i]);
		worst = code != EX_OK ? code : worst;
	}
	return worst;
}

static int check_account(const struct account *a)
{
	struct aliasing g = { 0 };
	struct status st;
	int worst = EX_OK;
	if (aliasing_open(&g, a, "localhost", &st) != 0)
		worst = say_status(&st);
	else if (g.trouble.kind != STATUS_OK)
		worst = say_status(&g.trouble);
	for (size_t i = 0; i < g.aliases.count; i++) {
		int code = check_targets(&g.aliases.at[i], &g.aliases.at[i].to);
		worst = code != EX_OK ? code : worst;
	}
	aliasing_release(&g);
	return worst;
}

static bool same_files(const struct account *a, const struct account *b)
{
	bool same = a->aliases.count == b->aliases.count;
	for (size_t i = 0; same && i < a->aliases.count; i++)
		same = strcmp(a->aliases.at[i], b->aliases.at[i]) == 0;
	return same;
}

/* Were the files of the account at index LAST looked at already? */
static bool is_known(const struct config *c, size_t last)
{
	for (size_t i = 0; i < last; i++) {
		if (same_files(&c->accounts[i], &c->accounts[last]))
			return true;
	}
	return false;
}

static int check_all(const struct config *c)
{
	int worst = c->count == 0 ? check_account(&c->defaults) : EX_OK;
	for (size_t i = 0; i < c->count; i++) {
		int code = is_known(c, i) ? EX_OK : check_account(&c->accounts[i]);
		worst = code != EX_OK ? code : worst;
	}
	return worst;
}

/* Packages call newaliases when they are installed, which may be before there are settings. */
static bool has_no_settings(const struct request *r, const struct config *c,
			    const struct status *st)
{
	return r->config_file == NULL && r->override_count == 0 && c->files.count == 0 &&
	       (st->sys == ENOENT || st->sys == EACCES);
}

int cmd_aliases(const struct request *r)
{
	struct context c;
	struct status st;
	int code;
	if (context_init(&c, r, &st) == 0 || has_no_settings(r, &c.config, &st))
		code = check_all(&c.config);
	else
		code = say_status(&st);
	context_release(&c);
	return code;
}
