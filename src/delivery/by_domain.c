/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "delivery/by_domain.h"

#include "base/mem.h"

#include <stdlib.h>
#include <string.h>

static const char *domain_of(const struct recipient *r)
{
	const char *at = strrchr(r->address, '@');
	return at != NULL ? at + 1 : "";
}

static void begin(struct by_domain *walk)
{
	const struct envelope *e = walk->whole;
	walk->part = *e;
	walk->part.at = mem_zero(e->count + 1, sizeof *e->at);
	walk->part.count = 0;
	walk->part.index = NULL;
	walk->places = mem_zero(e->count + 1, sizeof *walk->places);
	walk->seen = mem_zero(e->count + 1, sizeof *walk->seen);
}

static void give_back(struct by_domain *walk)
{
	for (size_t i = 0; i < walk->part.count; i++)
		walk->whole->at[walk->places[i]] = walk->part.at[i];
	walk->part.count = 0;
}

static void lend(struct by_domain *walk, size_t place)
{
	walk->seen[place] = true;
	walk->places[walk->part.count] = place;
	walk->part.at[walk->part.count++] = walk->whole->at[place];
}

bool by_domain_next(struct by_domain *walk)
{
	const struct envelope *e = walk->whole;
	if (walk->part.at == NULL)
		begin(walk);
	give_back(walk);
	for (size_t i = 0; i < e->count; i++) {
		const struct recipient *r = &e->at[i];
		if (r->decided || walk->seen[i])
			continue;
		if (walk->part.count == 0)
			walk->domain = domain_of(r);
		if (ascii_same_nocase(domain_of(r), walk->domain))
			lend(walk, i);
	}
	return walk->part.count != 0;
}

void by_domain_release(struct by_domain *walk)
{
	give_back(walk);
	free(walk->part.at);
	free(walk->places);
	free(walk->seen);
	*walk = (struct by_domain){ 0 };
}
