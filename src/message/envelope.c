/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/envelope.h"

#include "base/mem.h"
#include "message/path.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { FIRST_INDEX_ROOM = 16 }; /* a power of two */

void envelope_release(struct envelope *e)
{
	for (size_t i = 0; i < e->count; i++) {
		free(e->at[i].address);
		free(e->at[i].reply);
		free(e->at[i].peer);
		free(e->at[i].hint);
	}
	free(e->at);
	free(e->index);
	free(e->sender);
	free(e->envid);
	*e = (struct envelope){ 0 };
}

/* FNV-1a. Blind to case: what is the same to address_same has the same value. */
static uint64_t hash(const char *address)
{
	uint64_t value = 0xcbf29ce484222325;
	for (; *address != '\0'; address++)
		value = (value ^ (unsigned char)ascii_lower(*address)) * 0x100000001b3;
	return value ^ value >> 32;
}

/* The slot that holds ADDRESS, or the free one where it goes; there is always a free one. */
static size_t *find_slot(const struct envelope *e, const char *address)
{
	size_t mask = e->index_room - 1;
	size_t at = (size_t)hash(address) & mask;
	while (e->index[at] != 0 && !address_same(e->at[e->index[at] - 1].address, address))
		at = (at + 1) & mask;
	return &e->index[at];
}

/* At most half full, so that a search looks at two slots or so. */
static void make_room_in_index(struct envelope *e)
{
	if (2 * (e->count + 1) <= e->index_room)
		return;
	free(e->index);
	e->index_room = e->index_room != 0 ? 2 * e->index_room : FIRST_INDEX_ROOM;
	e->index = mem_zero(e->index_room, sizeof *e->index);
	for (size_t i = 0; i < e->count; i++)
		*find_slot(e, e->at[i].address) = i + 1;
}

void envelope_add(struct envelope *e, const char *address)
{
	make_room_in_index(e);
	size_t *slot = find_slot(e, address);
	if (*slot != 0)
		return;
	e->at = mem_grow(e->at, e->count, &e->room, sizeof *e->at);
	e->at[e->count] = (struct recipient){ .address = mem_copy(address), .place = e->count };
	*slot = ++e->count;
}

/* Most recipients have no words to keep, and a message may have thousands of them. */
static void keep(char **to, const char *text)
{
	free(*to);
	*to = text[0] != '\0' ? mem_copy(text) : NULL;
}

void recipient_note(struct recipient *r, const struct status *st)
{
	r->decided = false;
	r->kind = st->kind;
	r->stage = st->stage;
	r->code = st->code;
	memcpy(r->enhanced, st->enhanced, sizeof r->enhanced);
	keep(&r->reply, st->text);
	keep(&r->peer, st->peer);
	keep(&r->hint, st->hint);
}

void recipient_decide(struct recipient *r, const struct status *st)
{
	recipient_note(r, st);
	r->decided = true;
}

void recipient_forget(struct recipient *r)
{
	static const struct status nothing;
	recipient_note(r, &nothing);
}

bool recipient_is_refused(const struct recipient *r)
{
	enum { TRANSIENT = 4 };
	if (!r->decided || r->kind == STATUS_OK || r->kind == STATUS_QUEUED)
		return false;
	return !status_again(r->kind) && r->enhanced[0] != TRANSIENT;
}

size_t envelope_undecided(const struct envelope *e)
{
	size_t count = 0;
	for (size_t i = 0; i < e->count; i++)
		count += !e->at[i].decided;
	return count;
}
