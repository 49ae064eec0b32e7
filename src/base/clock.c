/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/clock.h"

static time_t fixed_wall;

static int64_t read_us(clockid_t which)
{
	struct timespec t = { 0 };
	clock_gettime(which, &t);
	return (int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

int64_t clock_now(void)
{
	return read_us(CLOCK_MONOTONIC) / 1000;
}

int64_t clock_in(int64_t seconds)
{
	return clock_now() + seconds * 1000;
}

int64_t clock_earlier(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

time_t clock_wall(void)
{
	return fixed_wall != 0 ? fixed_wall : (time_t)(read_us(CLOCK_REALTIME) / 1000000);
}

int64_t clock_wall_us(void)
{
	return fixed_wall != 0 ? (int64_t)fixed_wall * 1000000 : read_us(CLOCK_REALTIME);
}

void clock_set_wall(time_t fixed)
{
	fixed_wall = fixed;
}
