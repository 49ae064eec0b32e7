/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * letters - sendmail's flags, one row each
 *
 * The tables are the only list of them: the parser and --help read them.
 */
#ifndef CONFIG_LETTERS_H
#define CONFIG_LETTERS_H

#include "config/request.h"

/* What the names sendmail, mailq and newaliases make of a flag. */
enum letter_scope {
	UNDER_ANY_NAME,
	POWERLESS_AS_SENDMAIL, /* accepted there, with its value, and nothing happens */
	UNKNOWN_AS_SENDMAIL,
};

struct letter {
	char letter;
	enum value_rule value;
	enum letter_scope scope;
	struct effect does;
	const char *arg;   /* placeholder for the value in --help, or NULL */
	const char *brief; /* one line for --help; if without effect, what others do */
};

/* What -b is followed by. */
struct mode_letter {
	char letter;
	enum request_mode mode;
	const char *missing; /* why there is no such mode, or NULL */
	const char *brief;   /* one line for --help, which leaves out what is missing */
};

extern const struct letter letters[];
extern const size_t letter_count;
extern const struct mode_letter mode_letters[];
extern const size_t mode_letter_count;

/* The row of C under the name AS, or NULL if there is no such flag. */
const struct letter *letter_find(char c, enum personality as);
/* Do what row L says under the name that R has. Errors: STATUS_BAD_USAGE. */
int letter_apply(const struct letter *l, struct request *r, const char *value,
		 struct status *st);
/* Is L accepted without doing anything, whatever the name? */
bool letter_is_obsolete(const struct letter *l);

#endif
