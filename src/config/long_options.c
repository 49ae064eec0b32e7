/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/long_options.h"

#include "base/mem.h"
#include "base/suggest.h"
#include "config/queue_request.h"

#include <stdlib.h>

static int act_which(struct request *r, const char *value, struct status *st)
{
	r->mode = MODE_WHICH;
	return request_set_sender(r, value, st);
}

/* clang-format off */
#define QUEUED(what) { .mode = (what), .act = request_queue_id }

const struct long_option long_options[] = {
	{ "account",     VALUE_NEEDED, TAKES(account),     "NAME", "send by this account" },
	{ "config",      VALUE_NEEDED, TAKES(config_file), "FILE", "read this file alone" },
	{ "check",       VALUE_JOINED,
	  { .text = offsetof(struct request, account), .mode = MODE_CHECK },
	  "ACCOUNT", "connect and log in, send nothing" },
	{ "dry-run",     VALUE_NONE,   SETS(dry_run),      NULL, "do everything but connect" },
	{ "show-config", VALUE_NONE,   { .mode = MODE_SHOW_CONFIG }, NULL,
	  "print every account's settings and where they come from" },
	{ "which",       VALUE_NEEDED, { .act = act_which }, "ADDRESS",
	  "say which account this sender's message goes by, and why" },
	{ "oauth-login", VALUE_JOINED,
	  { .text = offsetof(struct request, account), .mode = MODE_OAUTH_LOGIN },
	  "ACCOUNT", "log in by a web browser, and keep the token for later" },
	{ "list",        VALUE_NONE,   { .mode = MODE_LIST }, NULL, "list the queue" },
	{ "flush",       VALUE_JOINED,
	  { .flag = offsetof(struct request, all), .mode = MODE_FLUSH, .act = request_queue_id },
	  "ID", "try all messages in the queue now, or this one" },
	{ "show",        VALUE_NEEDED, QUEUED(MODE_SHOW_MESSAGE), "ID",
	  "print a message in the queue" },
	{ "hold",        VALUE_NEEDED, QUEUED(MODE_HOLD),    "ID",
	  "keep it in the queue untried until --release" },
	{ "release",     VALUE_NEEDED, QUEUED(MODE_RELEASE), "ID", "end --hold" },
	{ "remove",      VALUE_NEEDED, QUEUED(MODE_REMOVE),  "ID", "throw it away" },
	{ "listen",      VALUE_NEEDED, { .act = request_listen }, "ADDRESS:PORT",
	  "speak SMTP there, too; without an address on loopback" },
	{ "json",        VALUE_NONE,   SETS(json),         NULL, "print JSON" },
	{ "verbose",     VALUE_NONE,   SETS(verbose),      NULL, "show each step on stderr" },
	{ "help",        VALUE_NONE,   { .mode = MODE_HELP }, NULL, "print this text" },
	{ "version",     VALUE_NONE,   { .mode = MODE_VERSION }, NULL, "print the version" },
};
/* clang-format on */
const size_t long_option_count = sizeof long_options / sizeof long_options[0];

bool long_option_allowed(const struct option *o)
{
	return (o->where & (OPTION_FILE_ONLY | OPTION_TOP_ONLY)) == 0;
}

/* A key that is either yes or no may go without its value, so the next argument is not it. */
enum value_rule long_option_rule(const struct option *o)
{
	return o->type == OPTION_YES_NO ? VALUE_JOINED : VALUE_NEEDED;
}

static const struct long_option *find_own(const char *name)
{
	for (size_t i = 0; i < long_option_count; i++) {
		if (slice_is(slice_of(name), long_options[i].name))
			return &long_options[i];
	}
	return NULL;
}

static int unknown(const char *name, struct status *st)
{
	struct suggest nearest = { .text = name };
	for (size_t i = 0; i < long_option_count; i++)
		suggest_offer(&nearest, long_options[i].name);
	for (size_t i = 0; i < option_count; i++) {
		if (long_option_allowed(&options[i]))
			suggest_offer(&nearest, options[i].key);
	}
	status_set(st, STATUS_BAD_USAGE, "unknown option '--%s'", name);
	if (nearest.best != NULL)
		status_hint(st, "did you mean '--%s'?", nearest.best);
	return -1;
}

static int needs_value(const char *name, struct status *st)
{
	return status_set(st, STATUS_BAD_USAGE, "'--%s' needs a value", name);
}

static int take_own(struct request *r, const struct long_option *own, const char *joined,
		    struct args *rest, struct status *st)
{
	const char *value = args_value(rest, own->value, joined);
	if (value == NULL && own->value == VALUE_NEEDED)
		return needs_value(own->name, st);
	if (value != NULL && own->value == VALUE_NONE)
		return status_set(st, STATUS_BAD_USAGE, "'--%s' takes no value", own->name);
	return effect_apply(&own->does, r, value, st);
}

static int take_key(struct request *r, const struct option *o, const char *joined,
		    struct args *rest, struct status *st)
{
	enum value_rule rule = long_option_rule(o);
	if (!long_option_allowed(o))
		return status_set(st, STATUS_BAD_USAGE,
				  "'--%s' is no option: this key comes from a config file only",
				  o->key);
	const char *value = args_value(rest, rule, joined);
	if (value == NULL && rule == VALUE_NEEDED)
		return needs_value(o->key, st);
	r->overrides = mem_grow(r->overrides, r->override_count, &r->override_room,
				sizeof *r->overrides);
	r->overrides[r->override_count++] = (struct override){
		.option = o,
		.value = mem_copy(value != NULL ? value : "yes"),
	};
	return 0;
}

/* NAME is what stands before the "=", so that no sentence can tell a value. */
static int take_named(struct request *r, const char *name, const char *joined,
		      struct args *rest, struct status *st)
{
	const struct long_option *own = find_own(name);
	if (own != NULL)
		return take_own(r, own, joined, rest, st);
	const struct option *o = option_find(name);
	if (o != NULL)
		return take_key(r, o, joined, rest, st);
	return unknown(name, st);
}

int long_option_parse(struct request *r, const char *arg, struct args *rest, struct status *st)
{
	struct slice text = slice_of(arg);
	size_t equals = slice_find(text, '=');
	char *name = slice_copy(slice_cut(text, 2, equals));
	int result = take_named(r, name, equals < text.len ? arg + equals + 1 : NULL, rest, st);
	free(name);
	return result;
}

int long_option_check(const struct request *r, struct status *st)
{
	struct account scratch = { 0 };
	int result = 0;
	if (r->override_count == 0)
		return 0;
	account_init(&scratch, "");
	for (size_t i = 0; result == 0 && i < r->override_count; i++)
		result = option_set(&scratch, r->overrides[i].option, r->overrides[i].value,
				    (struct origin){ .file = "" }, st);
	account_release(&scratch);
	if (result != 0)
		st->kind = STATUS_BAD_USAGE;
	return result;
}
