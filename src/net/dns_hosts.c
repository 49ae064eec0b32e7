/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "net/dns_hosts.h"

#include "base/mem.h"
#include "base/random.h"

#include <stdlib.h>
#include <string.h>

struct rank {
	const struct dns_record *record;
	uint32_t luck;
};

static int compare(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

/* In each priority those without weight come first, as RFC 2782 wants it for the draw. */
static int by_rank(const void *left, const void *right)
{
	const struct rank *a = left, *b = right;
	int order = compare(a->record->priority, b->record->priority);
	if (order == 0)
		order = compare(a->record->weight != 0, b->record->weight != 0);
	return order != 0 ? order : compare(a->luck, b->luck);
}

/*
 * Move one of COUNT to the front: each has its weight in lots, and a zero its chance in all of
 * them and one.
 */
static void draw(struct rank *ranks, size_t count)
{
	uint32_t sum = 0, lot;
	size_t chosen = 0;
	for (size_t i = 0; i < count; i++)
		sum += ranks[i].record->weight;
	random_bytes(&lot, sizeof lot);
	lot %= sum + 1;
	for (uint32_t passed = ranks[0].record->weight; passed < lot;)
		passed += ranks[++chosen].record->weight;
	struct rank first = ranks[chosen];
	memmove(ranks + 1, ranks, chosen * sizeof *ranks);
	ranks[0] = first;
}

static size_t same_priority(const struct rank *ranks, size_t count)
{
	size_t same = 1;
	while (same < count && ranks[same].record->priority == ranks[0].record->priority)
		same++;
	return same;
}

size_t dns_hosts_order(const struct dns_answer *a, const struct dns_record **into, size_t max)
{
	struct rank *ranks = mem_zero(a->count + 1, sizeof *ranks);
	size_t count = a->count < max ? a->count : max;
	for (size_t i = 0; i < a->count; i++) {
		ranks[i].record = &a->at[i];
		random_bytes(&ranks[i].luck, sizeof ranks[i].luck);
	}
	qsort(ranks, a->count, sizeof *ranks, by_rank);
	for (size_t i = 0; i < count; i++) {
		draw(ranks + i, same_priority(ranks + i, count - i));
		into[i] = ranks[i].record;
	}
	free(ranks);
	return count;
}

/* No top-level domain is a number (RFC 3696, 2): what ends in one is an IP address. */
bool dns_is_host(const char *name)
{
	const char *dot = strrchr(name, '.');
	const char *last = dot != NULL ? dot + 1 : name;
	return name[0] != '\0' && strchr(name, '?') == NULL &&
	       last[strspn(last, "0123456789")] != '\0';
}

bool dns_is_localhost(const char *name)
{
	struct slice s = slice_of(name), localhost = slice_of("localhost");
	if (s.len != 0 && s.data[s.len - 1] == '.')
		s.len--;
	size_t from = s.len > localhost.len ? s.len - localhost.len : 0;
	return slice_same_nocase(slice_cut(s, from, s.len), localhost) &&
	       (from == 0 || s.data[from - 1] == '.');
}
