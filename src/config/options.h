/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * options - the one table of settings
 *
 * A row says all there is to know of a key: its name in the file, which with two dashes is also
 * the long option, its type, its place in struct account, its default, its limits, and what
 * --help says. Reading files and command lines, copying accounts, --show-config, the manual's
 * key list and the sample file all loop over the rows.
 */
#ifndef CONFIG_OPTIONS_H
#define CONFIG_OPTIONS_H

#include "base/buf.h"
#include "base/status.h"
#include "config/account.h"

#include <stdbool.h>

enum option_type {
	OPTION_TEXT,      /* char * */
	OPTION_SECRET,    /* char *, masked wherever it is shown, wiped when released */
	OPTION_PATH,      /* char *, a leading ~/ stands for the home directory */
	OPTION_WORD,      /* int, one of `words` */
	OPTION_YES_NO,    /* bool */
	OPTION_NUMBER,    /* int64_t */
	OPTION_DURATION,  /* int64_t, seconds; s m h d w behind a number */
	OPTION_SIZE,      /* int64_t, octets; K M G behind a number */
	OPTION_LIST,      /* struct strings, separated by commas */
	OPTION_DURATIONS, /* struct durations, separated by commas; at least one */
};

enum option_where {
	OPTION_ANYWHERE = 0,       /* file, sections and command line */
	OPTION_FILE_ONLY = 1 << 0, /* no long option: the value is secret or runs something */
	OPTION_TOP_ONLY = 1 << 1,  /* not inside a section; no field: struct config has it */
};

struct option_word {
	const char *word;
	int value;
};

struct option {
	const char *key;
	const char *group; /* heading in --help and the manual: "choice", "route", "TLS" ... */
	enum option_type type;
	unsigned where;                  /* enum option_where, or'ed */
	size_t offset;                   /* of the field in struct account */
	const char *fallback;            /* the default, written as a user would; NULL: none */
	int64_t min, max;                /* of numbers, durations and sizes; both 0: no limit */
	const struct option_word *words; /* closed by a NULL word */
	/* Further rules for a text, or for each one of a list; or NULL. */
	int (*check)(const char *value, struct status *st);
	const char *arg;   /* placeholder in help: "NAME" */
	const char *brief; /* one line for --help */
};

extern const struct option options[];
extern const size_t option_count;

/* The row of KEY, or NULL. */
const struct option *option_find(const char *key);
/* The known key that is spelled most like KEY, or NULL if none is near. */
const char *option_nearest(const char *key);

/*
 * Parse VALUE by row O into A, in place of what was there, and note where it came from. On
 * failure (kind STATUS_BAD_CONFIG; the sentence names the key and what it takes) A is
 * unchanged.
 */
int option_set(struct account *a, const struct option *o, const char *value, struct origin from,
	       struct status *st);

/* Was O set by a file or the command line, rather than by its default? */
bool option_is_set(const struct account *a, const struct option *o);

/* Append the value of O as the user would write it; secrets as TAP_SECRET's asterisks. */
void option_show(const struct account *a, const struct option *o, struct buf *out);

/*
 * Life of an account: init gives it the table's defaults, copy every value and origin of SRC.
 * Neither looks at what A or DST held before.
 */
/* Without the defaults: for a layer of which only what is set is looked at. */
void account_blank(struct account *a, const char *name);
void account_init(struct account *a, const char *name);
void account_copy(struct account *dst, const struct account *src, const char *name);
void account_release(struct account *a);

#endif
