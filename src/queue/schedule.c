/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/schedule.h"

#include "base/random.h"

/* A fifth more or less: from 4/5 in steps of 1/5000. */
enum { STEPS = 5000, LEAST = 4000, SPREAD = 2001 };

static int64_t with_jitter(int64_t delay)
{
	uint16_t dice;
	random_bytes(&dice, sizeof dice);
	int64_t whole = delay / STEPS, rest = delay % STEPS;
	int64_t parts = LEAST + dice % SPREAD;
	return whole * parts + (rest * parts + STEPS / 2) / STEPS;
}

static int64_t longest(const struct schedule *s)
{
	int64_t most = 0;
	for (size_t i = 0; i < s->count; i++) {
		if (s->delays[i] > most)
			most = s->delays[i];
	}
	return most;
}

int64_t schedule_next(const struct schedule *s, unsigned tries, int64_t now)
{
	size_t place = tries > s->count ? s->count - 1 : tries - 1;
	return now + with_jitter(s->delays[tries == 0 ? 0 : place]);
}

bool schedule_is_due(const struct schedule *s, int64_t next, int64_t now)
{
	return next <= now || next > now + longest(s) + longest(s) / 5 + 1;
}

bool schedule_is_over(const struct schedule *s, int64_t created, unsigned tries, int64_t now)
{
	return tries >= SCHEDULE_TRIES && now - created >= s->expire;
}
