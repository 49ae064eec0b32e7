/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * config - the files that say which accounts there are
 *
 * Owns all that was read; accounts stay valid as long as the config does.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include "base/buf.h"
#include "base/status.h"
#include "config/account.h"

#include <stdbool.h>

/* Whose settings these are: it decides which folders go with them. */
enum config_source {
	CONFIG_USER,   /* the user's file, a -C file, or no file at all */
	CONFIG_SYSTEM, /* the system's file; also where it may not be read */
};

struct config {
	enum config_source source;
	struct account defaults;  /* keys before the first section, over the table's defaults */
	struct account *accounts; /* owned, in the order of the file */
	size_t count;
	size_t room;
	char *account; /* value of the key `account`, or NULL */
	char *cache;   /* own_folder's FOLDER_CACHE, or NULL; accounts borrow from here */
	char *state;   /* its FOLDER_STATE, or NULL; accounts borrow from here */
	struct strings files; /* every file that was read; origins borrow from here */
};

/* One setting of the command line: `key` is a row's key. */
struct override {
	const struct option *option;
	char *value; /* owned */
};

/*
 * Read FILE (from -C) or, if FILE is NULL, the user's file, or, if there is none, the system's.
 * OVERRIDES stand over all accounts. A config with `host` and no section has one account,
 * "default".
 *
 * HOME is the home directory for the user's file and ~/ (NULL: there is none). Environment
 * variables are replaced in user and -C files, not in the system's.
 *
 * Errors: STATUS_BAD_CONFIG with "FILE:LINE: ..." and the nearest valid name; a missing or
 * unreadable -C file too. If neither default file is there, and OVERRIDES name no host:
 * STATUS_BAD_CONFIG with ENOENT in `sys` and a hint how to write one. If the system's file may
 * not be read, EACCES is in `sys`. STATUS_BAD_USAGE for a bad override. C is to be released in
 * any case.
 */
int config_load(struct config *c, const char *file, const char *home,
		const struct override *overrides, size_t override_count, struct status *st);
void config_release(struct config *c);

/*
 * Wipe what gives access to an account: passwords, tokens, and where these come from. For a
 * process that will not log in anywhere.
 */
void config_forget_secrets(struct config *c);

/* Drop the accounts that are for other users than LOGIN: those that `users` does not give to
 * him. */
void config_keep_for(struct config *c, const char *login);

/* The account called NAME, or NULL. */
const struct account *config_find(const struct config *c, const char *name);

/* What is known of a message when its account is chosen; NULL or "": nothing. All borrowed. */
struct occasion {
	const struct strings *recipients; /* qualified, before any alias */
	const char *name;                 /* -a */
	const char *sender;               /* -f */
	const char *from_field;           /* the address in it */
	const char *login;                /* of the calling user */
};

/*
 * The account for a message: the one called `name`; else the first whose `from` matches the
 * sender; else the From field; else the first whose `to` matches every recipient; else whose
 * `users` names the login; else the one that the key `account` names; else the only one.
 * Errors: STATUS_BAD_USAGE for an unknown name, STATUS_BAD_CONFIG if there is no answer.
 */
const struct account *config_choose(const struct config *c, const struct occasion *o,
				    struct status *st);

/* Append how config_choose finds its answer, a line for each rule it looks at. */
void config_explain(const struct config *c, const struct occasion *o, struct buf *out);

/* Does any account have a `to`, or a `users`? Else these need not be found out. */
bool config_needs_recipients(const struct config *c);
bool config_needs_login(const struct config *c);

/* Does one of the `from` patterns match (exact, or with * and ?; domains caseless)? */
bool account_matches(const struct account *a, const char *address);
/* The default envelope sender: the first `from` that is no pattern, or NULL. */
const char *account_sender(const struct account *a);

/*
 * Append the effective values of all accounts, secrets masked: "key = value  ; origin" a line.
 * What has neither a value nor a default is left out.
 */
void config_show(const struct config *c, struct buf *out);
/* The same as one JSON object. */
void config_show_json(const struct config *c, struct buf *out);

#endif
