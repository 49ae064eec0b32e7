/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/config.h"

#include "base/mem.h"
#include "config/choose.h"
#include "config/complain.h"
#include "config/config_file.h"
#include "config/expand.h"
#include "config/load.h"
#include "config/oauth.h"
#include "config/option_value.h"
#include "config/own_folder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Is O one of the keys that say where the password or the token comes from? */
static bool is_credential(const struct option *o)
{
	static const size_t fields[] = {
		offsetof(struct account, password),
		offsetof(struct account, password_command),
		offsetof(struct account, password_file),
		offsetof(struct account, token_command),
		offsetof(struct account, oauth),
	};
	for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
		if (o->offset == fields[i])
			return true;
	}
	return false;
}

static bool has_credential(const struct account *a)
{
	for (size_t i = 0; i < option_count; i++) {
		if (is_credential(&options[i]) && option_is_set(a, &options[i]))
			return true;
	}
	return false;
}

/*
 * Put UPPER on top of LOWER: what UPPER does not set is taken from below. The credentials go
 * together, so that the password-command of an account is not beaten by a password of the
 * defaults.
 */
static void lay_over(struct account *upper, const struct account *lower)
{
	bool own_credential = has_credential(upper);
	for (size_t i = 0; i < option_count; i++) {
		const struct option *o = &options[i];
		bool kept = option_is_set(upper, o) || (own_credential && is_credential(o));
		if (!kept && option_is_set(lower, o))
			option_copy(upper, lower, o);
	}
}

/* The layer of the command line. */
static int read_overrides(struct account *top, const struct override *overrides, size_t count,
			  const char *home, struct status *st)
{
	struct buf text = { 0 };
	int result = 0;
	for (size_t i = 0; result == 0 && i < count; i++) {
		const struct option *o = overrides[i].option;
		buf_reset(&text);
		if (o->type == OPTION_PATH)
			result = expand_home(overrides[i].value, home, &text, st);
		else
			buf_add_str(&text, overrides[i].value);
		if (result == 0)
			result = option_set(top, o, buf_str(&text), (struct origin){ "", 0 },
					    st);
	}
	if (result != 0)
		st->kind = STATUS_BAD_USAGE;
	buf_release_secret(&text);
	return result;
}

/* Put the command line, TOP, over LAYER in place; its credentials hide all others, too. */
static void overrule(struct account *layer, const struct account *top)
{
	bool own_credential = has_credential(top);
	for (size_t i = 0; i < option_count; i++) {
		const struct option *o = &options[i];
		if (option_is_set(top, o) || (own_credential && is_credential(o)))
			option_copy(layer, top, o);
	}
}

/* A file without sections that names a host is one account. */
static void add_default_account(struct config *c)
{
	const struct option *host = option_find("host");
	if (c->count != 0 || c->defaults.host.count == 0)
		return;
	c->accounts = mem_grow(c->accounts, c->count, &c->room, sizeof *c->accounts);
	account_copy(&c->accounts[0], &c->defaults, "default");
	c->accounts[0].section = *option_origin(&c->defaults, host);
	c->count = 1;
}

static int check_choice(const struct config *c, struct status *st)
{
	const struct origin *origin = option_origin(&c->defaults, option_find("account"));
	if (c->account == NULL || config_find(c, c->account) != NULL)
		return 0;
	choose_unknown(c, c->account, STATUS_BAD_CONFIG, st);
	return complain_at(st, origin->file, origin->line);
}

static int check_hosts(const struct config *c, struct status *st)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct account *a = &c->accounts[i];
		if (a->host.count != 0)
			continue;
		status_set(st, STATUS_BAD_CONFIG, "account '%s' has no 'host'", a->name);
		return complain_at(st, a->section.file, a->section.line);
	}
	return 0;
}

static int check_fallback(const struct config *c, const struct account *a, struct status *st)
{
	const struct origin *origin = option_origin(a, option_find("fallback"));
	for (size_t i = 0; i < a->fallback.count; i++) {
		if (config_find(c, a->fallback.at[i]) != NULL)
			continue;
		if (origin->file[0] == '\0')
			return choose_unknown(c, a->fallback.at[i], STATUS_BAD_USAGE, st);
		choose_unknown(c, a->fallback.at[i], STATUS_BAD_CONFIG, st);
		return complain_at(st, origin->file, origin->line);
	}
	return 0;
}

static int check_fallbacks(const struct config *c, struct status *st)
{
	for (size_t i = 0; i < c->count; i++) {
		if (check_fallback(c, &c->accounts[i], st) != 0)
			return -1;
	}
	return 0;
}

static int check_oauth(const struct config *c, struct status *st)
{
	for (size_t i = 0; i < c->count; i++) {
		const struct account *a = &c->accounts[i];
		if (oauth_check(a, st) != 0)
			return complain_at(st, a->section.file, a->section.line);
	}
	return 0;
}

/* Make of the layers that were read what a delivery goes by. */
static int finish(struct config *c, const struct account *top, struct status *st)
{
	for (size_t i = 0; i < c->count; i++) {
		overrule(&c->accounts[i], top);
		lay_over(&c->accounts[i], &c->defaults);
	}
	overrule(&c->defaults, top);
	add_default_account(c);
	if (check_choice(c, st) != 0 || check_fallbacks(c, st) != 0 || check_hosts(c, st) != 0)
		return -1;
	return check_oauth(c, st);
}

static void place_folders(struct config *c, const char *home)
{
	bool system = c->source == CONFIG_SYSTEM;
	c->cache = own_folder(FOLDER_CACHE, system, home);
	c->state = own_folder(FOLDER_STATE, system, home);
	for (size_t i = 0; i < c->count; i++) {
		c->accounts[i].cache = c->cache;
		c->accounts[i].state = c->state;
	}
}

/* Read what FILE or the default files say. Without any, a host on the command line, in TOP,
 * will do. */
static int load_layers(struct config *c, struct config_file *f, const char *file,
		       const char *home, const struct account *top, struct status *st)
{
	struct status missing;
	int found = config_file_find(f, file, home, CONFIG_SYSTEM_FILE, &missing);
	if (f->system && (found == 0 || missing.sys != ENOENT))
		c->source = CONFIG_SYSTEM;
	if (found == 0)
		return load_file(c, f, home, st);
	if (file == NULL && missing.sys == ENOENT && top->host.count != 0)
		return 0;
	*st = missing;
	return -1;
}

int config_load(struct config *c, const char *file, const char *home,
		const struct override *overrides, size_t override_count, struct status *st)
{
	struct config_file f = { 0 };
	struct account top;
	*c = (struct config){ 0 };
	account_init(&c->defaults, "");
	account_blank(&top, "");
	int result = read_overrides(&top, overrides, override_count, home, st);
	if (result == 0)
		result = load_layers(c, &f, file, home, &top, st);
	if (result == 0)
		result = finish(c, &top, st);
	place_folders(c, home);
	account_release(&top);
	config_file_release(&f);
	return result;
}

void config_release(struct config *c)
{
	for (size_t i = 0; i < c->count; i++)
		account_release(&c->accounts[i]);
	free(c->accounts);
	account_release(&c->defaults);
	free(c->account);
	free(c->cache);
	free(c->state);
	strings_release(&c->files);
	*c = (struct config){ 0 };
}

static bool is_to_be_forgotten(const struct option *o)
{
	return o->type == OPTION_SECRET ||
	       (is_credential(o) && (o->type == OPTION_TEXT || o->type == OPTION_PATH));
}

static void forget(struct account *a)
{
	for (size_t i = 0; i < option_count; i++) {
		char **text = (char **)((char *)a + options[i].offset);
		if (!is_to_be_forgotten(&options[i]) || *text == NULL)
			continue;
		mem_wipe(*text, strlen(*text));
		free(*text);
		*text = NULL;
	}
}

void config_forget_secrets(struct config *c)
{
	forget(&c->defaults);
	for (size_t i = 0; i < c->count; i++)
		forget(&c->accounts[i]);
}

const struct account *config_find(const struct config *c, const char *name)
{
	for (size_t i = 0; i < c->count; i++) {
		if (strcmp(c->accounts[i].name, name) == 0)
			return &c->accounts[i];
	}
	return NULL;
}
