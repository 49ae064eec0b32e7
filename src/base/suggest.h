/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * suggest - "did you mean 'password'?"
 *
 * Life: set `text` to what was typed and zero the rest, offer every valid name, then ask for
 * the best. Names are borrowed. A name is near if a third of its letters, at most, have to be
 * changed.
 */
#ifndef BASE_SUGGEST_H
#define BASE_SUGGEST_H

#include <stddef.h>

struct suggest {
	const char *text; /* borrowed: what was typed */
	const char *best; /* borrowed: the nearest name so far; NULL: none is near */
	size_t distance;  /* from `text` to `best` */
};

/*
 * How many letters have to be added, removed, replaced or swapped with their neighbour to make
 * B of A. ASCII case and '_' for '-' cost nothing. Texts of more than 64 bytes are infinitely
 * far from all others: SIZE_MAX.
 */
size_t suggest_distance(const char *a, const char *b);

/* Is NAME nearer than what was offered before? The first of two equally near ones stays. */
void suggest_offer(struct suggest *s, const char *name);

/* The same with an array: the best of COUNT names, or NULL. */
const char *suggest_nearest(const char *text, const char *const *names, size_t count);

#endif
