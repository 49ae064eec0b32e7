/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * long_options - --NAME, --NAME=VALUE and --NAME VALUE
 *
 * A few options of our own, and behind them every key of the option table that may stand on a
 * command line.
 */
#ifndef CONFIG_LONG_OPTIONS_H
#define CONFIG_LONG_OPTIONS_H

#include "config/options.h"
#include "config/request.h"

struct long_option {
	const char *name;
	enum value_rule value;
	struct effect does;
	const char *arg;   /* placeholder for the value in --help, or NULL */
	const char *brief; /* one line for --help */
};

extern const struct long_option long_options[];
extern const size_t long_option_count;

/* May the key O stand on a command line? What is FILE_ONLY or TOP_ONLY may not. */
bool long_option_allowed(const struct option *o);
/* How the key O takes its value there. */
enum value_rule long_option_rule(const struct option *o);

/*
 * Do what ARG says, which begins with "--"; its value may be the next of REST. Values of keys
 * are kept unread as overrides. Errors: STATUS_BAD_USAGE, as cmdline_parse.
 */
int long_option_parse(struct request *r, const char *arg, struct args *rest, struct status *st);

/* Are the values of all overrides good? Errors: STATUS_BAD_USAGE with option_set's sentence. */
int long_option_check(const struct request *r, struct status *st);

#endif
