/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/suggest.h"

#include "base/buf.h"

#include <stdint.h>
#include <string.h>

enum { LONGEST = 64 };

static char plain(char c)
{
	return c == '_' ? '-' : ascii_lower(c);
}

static size_t smaller(size_t a, size_t b)
{
	return a < b ? a : b;
}

/* The last three rows of the table of distances between all beginnings of A and all of B. */
struct rows {
	size_t before[LONGEST + 1];
	size_t above[LONGEST + 1];
	size_t here[LONGEST + 1];
};

static void fill_row(struct rows *rows, const char *a, size_t i, const char *b)
{
	rows->here[0] = i;
	for (size_t j = 1; b[j - 1] != '\0'; j++) {
		bool same = plain(a[i - 1]) == plain(b[j - 1]);
		size_t cost = rows->above[j - 1] + (same ? 0 : 1);
		cost = smaller(cost, rows->above[j] + 1);
		cost = smaller(cost, rows->here[j - 1] + 1);
		if (i > 1 && j > 1 && plain(a[i - 1]) == plain(b[j - 2]) &&
		    plain(a[i - 2]) == plain(b[j - 1]))
			cost = smaller(cost, rows->before[j - 2] + 1);
		rows->here[j] = cost;
	}
}

size_t suggest_distance(const char *a, const char *b)
{
	size_t a_len = strlen(a), b_len = strlen(b);
	if (a_len > LONGEST || b_len > LONGEST)
		return SIZE_MAX;
	struct rows rows = { 0 };
	for (size_t j = 0; j <= b_len; j++)
		rows.here[j] = j;
	for (size_t i = 1; i <= a_len; i++) {
		memcpy(rows.before, rows.above, sizeof rows.before);
		memcpy(rows.above, rows.here, sizeof rows.above);
		fill_row(&rows, a, i, b);
	}
	return rows.here[b_len];
}

void suggest_offer(struct suggest *s, const char *name)
{
	size_t distance = suggest_distance(s->text, name);
	bool near = distance <= (strlen(name) + 1) / 3;
	if (near && (s->best == NULL || distance < s->distance)) {
		s->best = name;
		s->distance = distance;
	}
}

const char *suggest_nearest(const char *text, const char *const *names, size_t count)
{
	struct suggest s = { .text = text };
	for (size_t i = 0; i < count; i++)
		suggest_offer(&s, names[i]);
	return s.best;
}
