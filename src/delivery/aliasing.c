/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/aliasing.h"

#include "base/file.h"
#include "base/identity.h"
#include "base/mem.h"
#include "config/complain.h"
#include "config/expand.h"
#include "config/options.h"
#include "message/idn.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
	FILE_MAX = 16 * 1024 * 1024,
	DEPTH_MAX = 30, /* aliases inside each other */
};

enum progress { UNTOUCHED, OPEN, DONE };

/* One envelope in the making. */
struct walk {
	struct aliasing *g;
	struct envelope *envelope;
	unsigned depth;
};

static int read_file(const char *path, struct buf *text, struct status *st)
{
	struct stat facts;
	if (file_read_all(path, FILE_MAX, text, &facts, st) == 0)
		return 0;
	st->kind = STATUS_BAD_CONFIG;
	return -1;
}

static bool is_missing(const char *path)
{
	return access(path, F_OK) != 0 && errno == ENOENT;
}

static int read_aliases(struct aliasing *g, const char *path, bool optional, struct status *st)
{
	struct buf text = { 0 };
	struct status why;
	if (optional && is_missing(path))
		return 0;
	int result = read_file(path, &text, &why);
	if (result == 0)
		result = aliases_parse(&g->aliases, path, buf_slice(&text), &why);
	buf_release(&text);
	if (result == 0)
		return 0;
	if (!optional)
		*st = why;
	else if (g->trouble.kind == STATUS_OK)
		g->trouble = why;
	return optional ? 0 : -1;
}

static int read_all(struct aliasing *g, struct status *st)
{
	const struct account *a = g->account;
	bool optional = !option_is_set(a, option_find("aliases"));
	struct buf home = { 0 }, path = { 0 };
	int result = 0;
	for (size_t i = 0; i < a->aliases.count && result == 0; i++) {
		const char *file = a->aliases.at[i];
		if (file[0] == '~' && home.len == 0)
			identity_home(&home);
		buf_reset(&path);
		result = expand_home(file, home.len != 0 ? buf_str(&home) : NULL, &path, st);
		if (result == 0)
			result = read_aliases(g, buf_str(&path), optional, st);
	}
	buf_release(&home);
	buf_release(&path);
	return result;
}

int aliasing_open(struct aliasing *g, const struct account *a, const char *domain,
		  struct status *st)
{
	g->account = a;
	g->domain = domain;
	if (read_all(g, st) != 0)
		return -1;
	g->progress = mem_zero(g->aliases.count + 1, 1);
	return 0;
}

void aliasing_release(struct aliasing *g)
{
	aliases_release(&g->aliases);
	free(g->progress);
	*g = (struct aliasing){ 0 };
}

void aliasing_reset(struct aliasing *g)
{
	memset(g->progress, UNTOUCHED, g->aliases.count);
}

static bool is_ours(const struct aliasing *g, const struct mailbox *m)
{
	return m->domain[0] == '\0' || ascii_same_nocase(m->domain, g->domain);
}

static const struct alias *find(const struct aliasing *g, const struct mailbox *m)
{
	struct buf path = { 0 };
	if (g->aliases.count == 0)
		return NULL;
	mailbox_path(m, g->domain, &path);
	const struct alias *found = aliases_find(&g->aliases, buf_str(&path));
	if (found == NULL && is_ours(g, m))
		found = aliases_find(&g->aliases, m->local);
	buf_release(&path);
	return found;
}

static int add_path(const struct walk *w, const char *path, struct status *st)
{
	struct buf final = { 0 };
	int result = idn_path(path, &final, st);
	if (result == 0)
		result = address_check(buf_str(&final), st);
	if (result == 0)
		envelope_add(w->envelope, buf_str(&final));
	buf_release(&final);
	return result;
}

static int add_itself(const struct walk *w, const struct mailbox *m, struct status *st)
{
	struct buf path = { 0 };
	mailbox_path(m, w->g->domain, &path);
	int result = add_path(w, buf_str(&path), st);
	buf_release(&path);
	return result;
}

static int add_unknown(const struct walk *w, const struct mailbox *m, struct status *st)
{
	const struct strings *local_to = &w->g->account->local_to;
	int result = 0;
	if (m->domain[0] != '\0' || local_to->count == 0)
		return add_itself(w, m, st);
	for (size_t i = 0; i < local_to->count && result == 0; i++)
		result = add_path(w, local_to->at[i], st);
	return result;
}

/*
 * The alias's own name stands for the command or the file, so that somebody is told; if it gets
 * mail itself, that comes first.
 */
static int add_refused(const struct walk *w, const struct mailbox *m, const struct alias *alias,
		       const struct target *t, struct status *st)
{
	bool command = t->kind == TARGET_COMMAND;
	size_t before = w->envelope->count;
	struct status why;
	if (add_itself(w, m, st) != 0)
		return -1;
	status_set(&why, STATUS_NO_USER, "%s:%u: the alias '%s' names a %s, which is never %s",
		   alias->file, alias->line, alias->name, command ? "command" : "file",
		   command ? "run" : "written to");
	status_hint(&why, "put an address in its place");
	if (w->envelope->count != before)
		recipient_decide(&w->envelope->at[before], &why);
	return 0;
}

static int add_mailbox(struct walk *w, const struct mailbox *m, struct status *st);

static int add_target(struct walk *w, const struct target *t, struct status *st)
{
	const struct mailbox m = { .local = t->text, .domain = t->domain };
	return t->kind == TARGET_FINAL ? add_itself(w, &m, st) : add_mailbox(w, &m, st);
}

int aliasing_include(const struct target *t, struct targets *out, struct status *st)
{
	struct buf text = { 0 };
	int result = read_file(t->text, &text, st);
	if (result == 0)
		result = targets_parse(out, t->text, buf_slice(&text), st);
	buf_release(&text);
	return result;
}

static bool is_address(const struct target *t)
{
	return t->kind == TARGET_ADDRESS || t->kind == TARGET_FINAL;
}

/* Whom TARGETS, of ALIAS or of a file that it includes, name: first those with an address. */
static int add_targets(struct walk *w, const struct mailbox *m, const struct alias *alias,
		       const struct targets *targets, struct status *st)
{
	int result = 0;
	for (size_t i = 0; i < targets->count && result == 0; i++) {
		const struct target *t = &targets->at[i];
		if (is_address(t))
			result = add_target(w, t, st);
	}
	for (size_t i = 0; i < targets->count && result == 0; i++) {
		const struct target *t = &targets->at[i];
		struct targets inside = { 0 };
		if (t->kind == TARGET_INCLUDE) {
			result = aliasing_include(t, &inside, st);
			if (result != 0)
				complain_at(st, alias->file, alias->line);
			else
				result = add_targets(w, m, alias, &inside, st);
		} else if (!is_address(t)) {
			result = add_refused(w, m, alias, t, st);
		}
		targets_release(&inside);
	}
	return result;
}

static int follow(struct walk *w, const struct mailbox *m, const struct alias *alias,
		  struct status *st)
{
	unsigned char *progress = &w->g->progress[alias - w->g->aliases.at];
	if (*progress == DONE)
		return 0;
	if (*progress == OPEN)
		return add_itself(w, m, st);
	if (w->depth == DEPTH_MAX) {
		status_set(st, STATUS_BAD_CONFIG,
			   "'%s': more than %d aliases inside each other", alias->name,
			   DEPTH_MAX);
		return complain_at(st, alias->file, alias->line);
	}
	*progress = OPEN;
	w->depth++;
	int result = add_targets(w, m, alias, &alias->to, st);
	w->depth--;
	*progress = DONE;
	return result;
}

static int add_mailbox(struct walk *w, const struct mailbox *m, struct status *st)
{
	if (is_ours(w->g, m) && w->g->trouble.kind != STATUS_OK) {
		*st = w->g->trouble;
		return -1;
	}
	const struct alias *alias = find(w->g, m);
	return alias != NULL ? follow(w, m, alias, st) : add_unknown(w, m, st);
}

int aliasing_add(struct aliasing *g, struct envelope *e, const struct mailbox *m,
		 struct status *st)
{
	struct walk w = { .g = g, .envelope = e };
	return add_mailbox(&w, m, st);
}

/* The only target of M's alias, if it has one, and that is an address. */
static const struct target *find_single(const struct aliasing *g, const struct mailbox *m)
{
	const struct alias *alias = find(g, m);
	bool single = alias != NULL && alias->to.count == 1 && is_address(&alias->to.at[0]);
	return single ? &alias->to.at[0] : NULL;
}

bool aliasing_sender(const struct aliasing *g, const struct mailbox *m, struct buf *out)
{
	struct mailbox now = *m;
	const struct target *t = find_single(g, m), *last = NULL;
	for (unsigned depth = 0; t != NULL && depth < DEPTH_MAX; depth++) {
		last = t;
		now.local = t->text;
		now.domain = t->domain;
		t = t->kind == TARGET_ADDRESS ? find_single(g, &now) : NULL;
	}
	if (last == NULL || t != NULL)
		return false;
	mailbox_path(&now, g->domain, out);
	return true;
}
