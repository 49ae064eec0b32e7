/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * request - what one option of the command line does to the request
 *
 * The tables of letters and of long options say it in the same columns.
 */
#ifndef CONFIG_REQUEST_H
#define CONFIG_REQUEST_H

#include "base/status.h"
#include "config/cmdline.h"

#include <stddef.h>

/* The arguments that nobody has taken yet. */
struct args {
	char *const *at; /* borrowed: argv */
	int count;
};

enum value_rule {
	VALUE_NONE,
	VALUE_JOINED, /* optional; part of the same argument: -q15m, --check=NAME */
	VALUE_NEEDED, /* joined, or the next argument */
};

/* Take the next argument; NULL if there is none. */
const char *args_next(struct args *a);
/* The value of an option with RULE: JOINED, if not NULL, or what the rule allows; or NULL. */
const char *args_value(struct args *a, enum value_rule rule, const char *joined);

/* All zero: accepted, and nothing happens. */
struct effect {
	size_t flag;            /* offset in struct request of a bool; 0: none */
	size_t text;            /* offset of a char * that takes the value, if any; 0: none */
	enum request_mode mode; /* from now on; MODE_SEND: as before */
	/* Whatever else there is to do. VALUE is NULL if there is none. */
	int (*act)(struct request *r, const char *value, struct status *st);
};

/* Initialisers of an effect: a bool becomes true; a string takes the value. */
/* clang-format off */
#define SETS(field) { .flag = offsetof(struct request, field) }
#define TAKES(field) { .text = offsetof(struct request, field) }
/* clang-format on */

/* Errors: STATUS_BAD_USAGE, from e->act. */
int effect_apply(const struct effect *e, struct request *r, const char *value,
		 struct status *st);

/* Set r->sender as cmdline.h says. Errors: STATUS_BAD_USAGE for a leading dash. */
int request_set_sender(struct request *r, const char *value, struct status *st);
/* Add to r->recipients. Errors: STATUS_BAD_USAGE for what cmdline.h says is none. */
int request_add_recipient(struct request *r, const char *value, struct status *st);

#endif
