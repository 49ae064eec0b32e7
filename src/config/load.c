/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/load.h"

#include "base/mem.h"
#include "base/suggest.h"
#include "config/complain.h"
#include "config/expand.h"
#include "config/include.h"
#include "config/ini.h"
#include "config/option_value.h"
#include "config/private.h"

#include <stdlib.h>
#include <string.h>

enum { DEPTH_MAX = 10 };

/* A file that is being read, while those that include it wait. */
struct source {
	struct config *config;
	const struct config_file *file;
	const char *home;
	const struct source *parent; /* the file that includes this one, or NULL */
	unsigned depth;
	const char *name; /* borrowed from config->files */
	bool in_section;  /* of the last of the config's accounts */
};

static int read_source(struct source *s, struct status *st);

static int complain(const struct source *s, unsigned line, struct status *st)
{
	return complain_at(st, s->name, line);
}

/* NAME without WORD, its first, which is not "account" but may have been meant so. */
static int unknown_section(const char *name, struct slice word, struct status *st)
{
	const char *const known[] = { "account" };
	char *first = slice_copy(word);
	bool misspelt = suggest_nearest(first, known, 1) != NULL;
	const char *account = misspelt && name[word.len] != '\0' ? name + word.len + 1 : name;
	free(first);
	status_set(st, STATUS_BAD_CONFIG, "unknown section '[%s]'", name);
	return status_hint(st, "did you mean '[account %s]'?", account);
}

static int add_account(struct source *s, const char *name, unsigned line, struct status *st)
{
	struct config *c = s->config;
	const struct account *same = config_find(c, name);
	if (*name == '\0')
		return status_set(st, STATUS_BAD_CONFIG, "the account has no name");
	if (same != NULL)
		return status_set(st, STATUS_BAD_CONFIG, "account '%s' is already there: %s:%u",
				  name, same->section.file, same->section.line);
	c->accounts = mem_grow(c->accounts, c->count, &c->room, sizeof *c->accounts);
	account_init(&c->accounts[c->count], name);
	c->accounts[c->count].section = (struct origin){ s->name, line };
	c->count++;
	s->in_section = true;
	return 0;
}

static int on_section(void *context, const char *section, unsigned line, struct status *st)
{
	struct source *s = context;
	struct slice all = slice_of(section);
	struct slice word = slice_n(section, strcspn(section, " \t"));
	char *name = slice_copy(slice_trim(slice_cut(all, word.len, all.len)));
	int result = slice_is(word, "account") ? add_account(s, name, line, st)
					       : unknown_section(section, word, st);
	free(name);
	return result == 0 ? 0 : complain(s, line, st);
}

/* Where the present line's setting goes to. */
static struct account *target(const struct source *s)
{
	struct config *c = s->config;
	return s->in_section ? &c->accounts[c->count - 1] : &c->defaults;
}

/* The row of KEY, if the key may stand here; else NULL, and ST says why. */
static const struct option *find_option(const struct source *s, const char *key,
					struct status *st)
{
	const struct option *o = option_find(key);
	if (o == NULL) {
		const char *nearest = option_nearest(key);
		status_set(st, STATUS_BAD_CONFIG, "unknown key '%s'", key);
		if (nearest != NULL)
			status_hint(st, "did you mean '%s'?", nearest);
		return NULL;
	}
	if (s->in_section && (o->where & OPTION_TOP_ONLY) != 0) {
		status_set(st, STATUS_BAD_CONFIG, "'%s' has to stand before the first section",
			   key);
		return NULL;
	}
	const struct origin *before = option_origin(target(s), o);
	if (before->file == s->name && strcmp(key, "include") != 0) {
		status_set(st, STATUS_BAD_CONFIG, "'%s' is already set in line %u", key,
			   before->line);
		return NULL;
	}
	return o;
}

/* A password wants a file that nobody else reads, and to be certainly whole. */
static int guard_secret(const struct source *s, const struct ini_value *v, struct status *st)
{
	const struct config_file *f = s->file;
	if (private_check(s->name, &f->facts, f->system, st) != 0)
		return -1;
	if (!v->cut)
		return 0;
	status_set(st, STATUS_BAD_CONFIG, "'%s' is followed by what may be a comment", v->key);
	return status_hint(st, "put the value in double quotes");
}

/* Fill OUT with what the value stands for; it may be filled on failure, too. */
static int spell_out(const struct source *s, const struct option *o, const struct ini_value *v,
		     struct buf *out, struct status *st)
{
	struct buf text = { 0 };
	int result = 0;
	bool literal = v->value[0] != '\0';
	if (s->file->system)
		buf_add_str(&text, v->value);
	else
		result = expand_env(slice_of(v->value), &text, &literal, st);
	if (result == 0 && o->type == OPTION_SECRET && (literal || v->cut))
		result = guard_secret(s, v, st);
	if (result != 0 || o->type != OPTION_PATH) {
		*out = text;
		return result;
	}
	result = expand_home(buf_str(&text), s->home, out, st);
	buf_release_secret(&text);
	return result;
}

/* A file that includes itself, by whatever names and detours. */
static bool is_cycle(const struct source *s)
{
	const struct stat *facts = &s->file->facts;
	for (const struct source *up = s->parent; up != NULL; up = up->parent) {
		if (up->file->facts.st_dev == facts->st_dev &&
		    up->file->facts.st_ino == facts->st_ino)
			return true;
	}
	return false;
}

static int open_include(struct source *s, struct config_file *file, const char *path,
			struct status *st)
{
	if (s->depth > DEPTH_MAX)
		return status_set(st, STATUS_BAD_CONFIG, "more than %d files inside each other",
				  DEPTH_MAX);
	if (config_file_read(file, path, st) != 0)
		return -1;
	s->file = file;
	if (is_cycle(s))
		return status_set(st, STATUS_BAD_CONFIG, "'%s' includes itself", path);
	return 0;
}

static int include_one(const struct source *s, const char *path, unsigned line,
		       struct status *st)
{
	struct config_file file = { .system = s->file->system };
	struct source child = *s;
	child.parent = s;
	child.depth++;
	int result = open_include(&child, &file, path, st);
	if (result == 0)
		result = read_source(&child, st);
	else
		complain(s, line, st);
	config_file_release(&file);
	return result;
}

static int include(const struct source *s, const char *pattern, unsigned line,
		   struct status *st)
{
	struct strings paths = { 0 };
	int result = include_paths(s->name, pattern, &paths, st);
	if (result != 0)
		complain(s, line, st);
	for (size_t i = 0; result == 0 && i < paths.count; i++)
		result = include_one(s, paths.at[i], line, st);
	strings_release(&paths);
	return result;
}

static int set(const struct source *s, const struct option *o, const char *text, unsigned line,
	       struct status *st)
{
	struct config *c = s->config;
	if (option_set(target(s), o, text, (struct origin){ s->name, line }, st) != 0)
		return complain(s, line, st);
	if (strcmp(o->key, "account") == 0) {
		free(c->account);
		c->account = *text != '\0' ? mem_copy(text) : NULL;
	}
	return 0;
}

static int on_value(void *context, const struct ini_value *v, struct status *st)
{
	struct source *s = context;
	struct buf text = { 0 };
	const struct option *o = find_option(s, v->key, st);
	int result = o != NULL ? spell_out(s, o, v, &text, st) : -1;
	if (result != 0)
		complain(s, v->line, st);
	else if (strcmp(o->key, "include") == 0)
		result = include(s, buf_str(&text), v->line, st);
	else
		result = set(s, o, buf_str(&text), v->line, st);
	buf_release_secret(&text);
	return result;
}

static int read_source(struct source *s, struct status *st)
{
	struct ini_listener listener = { on_section, on_value, s };
	struct strings *files = &s->config->files;
	strings_add(files, s->file->path);
	s->name = files->at[files->count - 1];
	s->in_section = false;
	return ini_read(s->name, buf_slice(&s->file->text), &listener, st);
}

int load_file(struct config *c, const struct config_file *f, const char *home,
	      struct status *st)
{
	struct source s = { .config = c, .file = f, .home = home };
	return read_source(&s, st);
}
