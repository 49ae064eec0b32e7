/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * option_type - what the types of the option table do with text and memory
 *
 * One table of types; option_value.c alone uses it.
 */
#ifndef CONFIG_OPTION_TYPE_H
#define CONFIG_OPTION_TYPE_H

#include "config/options.h"

/* A value of any type, before it takes the place of an old one. */
union value {
	char *text;
	int word;
	bool yes;
	int64_t number;
	struct strings list;
	struct durations times;
};

struct type {
	size_t size;
	/* Fill V from TEXT by row O. Errors: STATUS_BAD_CONFIG; V owns nothing then. */
	int (*parse)(const struct option *o, const char *text, union value *v,
		     struct status *st);
	/* Append FIELD so that parse takes it back. */
	void (*format)(const struct option *o, const void *field, struct buf *out);
	/* Give DST, which owns nothing, its own value; NULL: the bytes are all there is. */
	void (*copy)(void *dst, const void *src);
	/* Free what FIELD owns; NULL: nothing. The caller zeroes it. */
	void (*release)(void *field);
};

const struct type *type_of(const struct option *o);

#endif
