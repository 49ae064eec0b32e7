/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/selection.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

void selection_add(struct selection *s, enum select_by by, bool negated, const char *text)
{
	s->at = mem_grow(s->at, s->count, &s->room, sizeof *s->at);
	s->at[s->count++] = (struct selector){
		.by = by,
		.negated = negated,
		.text = mem_copy(text),
	};
}

void selection_release(struct selection *s)
{
	for (size_t i = 0; i < s->count; i++)
		free(s->at[i].text);
	free(s->at);
	*s = (struct selection){ 0 };
}

static bool has_part(const char *address, const char *part)
{
	struct slice rest = slice_of(address);
	for (; rest.len != 0; rest = slice_cut(rest, 1, rest.len)) {
		if (slice_starts_nocase(rest, part))
			return true;
	}
	return *part == '\0';
}

static bool any_has_part(const struct strings *addresses, const char *part)
{
	for (size_t i = 0; i < addresses->count; i++) {
		if (has_part(addresses->at[i], part))
			return true;
	}
	return false;
}

bool selection_fits(const struct selection *s, const char *id, const char *sender,
		    const struct strings *recipients)
{
	for (size_t i = 0; i < s->count; i++) {
		const struct selector *rule = &s->at[i];
		bool found = false;
		if (rule->by == SELECT_ID)
			found = strstr(id, rule->text) != NULL;
		else if (rule->by == SELECT_SENDER)
			found = has_part(sender, rule->text);
		else
			found = any_has_part(recipients, rule->text);
		if (found == rule->negated)
			return false;
	}
	return true;
}
