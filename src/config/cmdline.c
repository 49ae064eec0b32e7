/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/cmdline.h"

#include "config/letters.h"
#include "config/long_options.h"
#include "config/queue_request.h"
#include "config/request.h"

#include <string.h>

static const struct name {
	const char *name;
	enum personality as;
	enum request_mode mode;
} names[] = {
	{ "sendmail", AS_SENDMAIL, MODE_SEND },
	{ "send-mail", AS_SENDMAIL, MODE_SEND },
	{ "mailq", AS_MAILQ, MODE_LIST },
	{ "newaliases", AS_NEWALIASES, MODE_ALIASES },
};

static const struct name ours = { "postrider", AS_POSTRIDER, MODE_SEND };

/* A shell that logs somebody in puts a dash before the name. */
static const struct name *find_name(const char *path)
{
	const char *slash = path != NULL ? strrchr(path, '/') : NULL;
	const char *base = slash != NULL ? slash + 1 : path;
	if (base == NULL)
		return &ours;
	if (base[0] == '-')
		base++;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(base, names[i].name) == 0)
			return &names[i];
	}
	return &ours;
}

/* Do what L, the letter AT the front, says; the letters behind it may be its value. */
static int parse_letter(struct request *r, const char *at, const struct letter *l,
			struct args *rest, struct status *st)
{
	const char *joined = at[1] != '\0' && l->value != VALUE_NONE ? at + 1 : NULL;
	const char *value = args_value(rest, l->value, joined);
	if (value == NULL && l->value == VALUE_NEEDED)
		return status_set(st, STATUS_BAD_USAGE, "'-%c' needs a value", *at);
	return letter_apply(l, r, value, st);
}

/* Flags without a value may stand together, and one with a value behind them: -tiF Name */
static int parse_letters(struct request *r, const char *at, struct args *rest,
			 struct status *st)
{
	for (; *at != '\0'; at++) {
		const struct letter *l = letter_find(*at, r->as);
		if (l == NULL)
			return status_set(st, STATUS_BAD_USAGE, "unknown option '-%c'", *at);
		if (parse_letter(r, at, l, rest, st) != 0)
			return -1;
		if (l->value != VALUE_NONE)
			return 0;
	}
	return 0;
}

static int refuse_long(const char *arg, struct status *st)
{
	size_t len = strcspn(arg, "=");
	return status_set(st, STATUS_BAD_USAGE,
			  "unknown option '%.*s': long options go with the name postrider",
			  (int)len, arg);
}

static int parse_argument(struct request *r, const char *arg, struct args *rest,
			  struct status *st)
{
	if (arg[0] != '-' || arg[1] == '\0')
		return request_add_recipient(r, arg, st);
	if (arg[1] != '-')
		return parse_letters(r, arg + 1, rest, st);
	if (r->as != AS_POSTRIDER)
		return refuse_long(arg, st);
	return long_option_parse(r, arg, rest, st);
}

static int parse_arguments(struct request *r, struct args *rest, struct status *st)
{
	bool options_end = false;
	for (const char *arg = args_next(rest); arg != NULL; arg = args_next(rest)) {
		int result = 0;
		if (options_end)
			result = request_add_recipient(r, arg, st);
		else if (strcmp(arg, "--") == 0)
			options_end = true;
		else
			result = parse_argument(r, arg, rest, st);
		if (result != 0)
			return -1;
	}
	return 0;
}

/*
 * Who names a recipient has a message to send: a mode that would not read it must not end with
 * success. Help and version are safe answers to anything.
 */
static int check_mode(const struct request *r, struct status *st)
{
	const unsigned fine = 1U << MODE_SEND | 1U << MODE_VERIFY | 1U << MODE_WHICH |
			      1U << MODE_HELP | 1U << MODE_VERSION;
	if (r->recipients.count != 0 && (fine & 1U << r->mode) == 0)
		return status_set(st, STATUS_BAD_USAGE,
				  "argument '%s' is one too many: no recipients in this mode",
				  r->recipients.at[0]);
	return 0;
}

int cmdline_parse(struct request *r, int argc, char *const argv[], struct status *st)
{
	const struct name *name = find_name(argc > 0 ? argv[0] : NULL);
	struct args rest = { 0 };
	*r = (struct request){ .as = name->as, .mode = name->mode, .delivery = -1 };
	if (argc > 0 && argv[0] != NULL)
		rest = (struct args){ .at = argv + 1, .count = argc - 1 };
	if (parse_arguments(r, &rest, st) != 0 || check_mode(r, st) != 0 ||
	    request_check_listen(r, st) != 0 || request_check_queue(r, st) != 0)
		return -1;
	return long_option_check(r, st);
}
