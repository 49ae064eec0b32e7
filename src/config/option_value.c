/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/option_value.h"

#include "config/complain.h"
#include "config/option_type.h"
#include "config/quote.h"
#include "net/tap.h"

#include <string.h>

static void *field_of(struct account *a, const struct option *o)
{
	return (char *)a + o->offset;
}

const void *option_field(const struct account *a, const struct option *o)
{
	return (const char *)a + o->offset;
}

struct origin *option_origin(const struct account *a, const struct option *o)
{
	return &a->origins[o - options];
}

static bool has_field(const struct option *o)
{
	return (o->where & OPTION_TOP_ONLY) == 0;
}

void option_free(struct account *a, const struct option *o)
{
	const struct type *type = type_of(o);
	if (has_field(o) && type->release != NULL)
		type->release(field_of(a, o));
}

static int put(struct account *a, const struct option *o, const char *text, struct status *st)
{
	union value v;
	if (type_of(o)->parse(o, text, &v, st) != 0)
		return complain_before(st, "'%s': ", o->key);
	option_free(a, o);
	memcpy(field_of(a, o), &v, type_of(o)->size);
	return 0;
}

int option_set(struct account *a, const struct option *o, const char *value, struct origin from,
	       struct status *st)
{
	if (has_field(o) && put(a, o, value, st) != 0)
		return -1;
	*option_origin(a, o) = from;
	return 0;
}

/* A default that its own row refuses does not get past the unit tests, which look at each. */
void option_default(struct account *a, const struct option *o)
{
	struct status ignored;
	if (has_field(o) && o->fallback != NULL)
		put(a, o, o->fallback, &ignored);
}

void option_copy(struct account *dst, const struct account *src, const struct option *o)
{
	const struct type *type = type_of(o);
	*option_origin(dst, o) = *option_origin(src, o);
	if (!has_field(o))
		return;
	option_free(dst, o);
	memset(field_of(dst, o), 0, type->size);
	if (type->copy != NULL)
		type->copy(field_of(dst, o), option_field(src, o));
	else
		memcpy(field_of(dst, o), option_field(src, o), type->size);
}

void option_own(struct account *a, const struct option *o)
{
	const struct type *type = type_of(o);
	union value own = { 0 };
	if (!has_field(o) || type->copy == NULL)
		return;
	type->copy(&own, field_of(a, o));
	memcpy(field_of(a, o), &own, type->size);
}

bool option_is_set(const struct account *a, const struct option *o)
{
	return option_origin(a, o)->file != NULL;
}

void option_text(const struct account *a, const struct option *o, struct buf *out)
{
	bool has_value = option_is_set(a, o) || o->fallback != NULL;
	if (has_field(o) && has_value)
		type_of(o)->format(o, option_field(a, o), out);
}

void option_show(const struct account *a, const struct option *o, struct buf *out)
{
	struct buf text = { 0 };
	option_text(a, o, &text);
	if (o->type == OPTION_SECRET && text.len != 0)
		buf_add_str(out, TAP_SECRET);
	else if (has_field(o) && (text.len != 0 || option_is_set(a, o)))
		quote_write(buf_slice(&text), out);
	buf_release_secret(&text);
}
