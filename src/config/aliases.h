/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * aliases - other addresses for names, in the format of sendmail's aliases(5)
 *
 * "name: target, target" a line; a line that begins with a blank continues the one before it,
 * empty ones and those whose first character is # do not count. A name is a local part or
 * local@domain, quoted if need be. A target is an address, a name, \name (which no alias is
 * looked up for), or :include: and the absolute path of a file with more targets. A |command
 * and a /file are understood, so that whoever finds one can refuse it: nothing here runs a
 * command or opens a file.
 *
 * Life: zero the struct, parse one or more texts, look up, release.
 */
#ifndef CONFIG_ALIASES_H
#define CONFIG_ALIASES_H

#include "base/buf.h"
#include "base/status.h"

enum target_kind {
	TARGET_ADDRESS,
	TARGET_FINAL, /* \name */
	TARGET_INCLUDE,
	TARGET_COMMAND,
	TARGET_FILE,
};

struct target {
	enum target_kind kind;
	char *text;   /* owned: the local part, the path, or the command */
	char *domain; /* owned: "" for a bare name, and for what is no address */
};

struct targets {
	struct target *at; /* owned */
	size_t count;
	size_t room;
};

struct alias {
	char *name; /* owned: in lower case */
	struct targets to;
	const char *file; /* borrowed from struct aliases */
	unsigned line;
};

struct aliases {
	struct alias *at; /* owned; sorted by name, then by the order of parsing */
	size_t count;
	size_t room;
	struct strings files; /* names of what was parsed */
};

/*
 * Add the aliases in TEXT, the contents of FILE. A name that an earlier text has keeps its
 * meaning. Errors: STATUS_BAD_CONFIG with "FILE:LINE: ...", also for a name that is there twice
 * in TEXT, and one without targets. Release A in any case.
 */
int aliases_parse(struct aliases *a, const char *file, struct slice text, struct status *st);
void aliases_release(struct aliases *a);

/* The alias of NAME, a local part or local@domain as mailbox_path writes it; NULL: none. Case
 * does not count. */
const struct alias *aliases_find(const struct aliases *a, const char *name);

/*
 * Add the targets in TEXT, the contents of the included FILE: lists, a line each. Another
 * :include: is refused. Errors as above. Release T in any case.
 */
int targets_parse(struct targets *t, const char *file, struct slice text, struct status *st);
void targets_release(struct targets *t);

#endif
