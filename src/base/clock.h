/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * clock - time: monotonic for every wait, wall clock for what people read
 *
 * Times and deadlines are milliseconds in int64_t. A deadline is a point on the monotonic
 * clock, so a clock that is set, or a laptop that slept, moves no deadline into the past or the
 * far future.
 */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Milliseconds since some fixed point. */
int64_t clock_now(void);
/* The deadline SECONDS from now. */
int64_t clock_in(int64_t seconds);
/* The earlier of two deadlines. */
int64_t clock_earlier(int64_t a, int64_t b);
/* Seconds since 1970. */
time_t clock_wall(void);
/* Microseconds since 1970, for names that must not repeat. */
int64_t clock_wall_us(void);

/* Test hook: a fixed wall clock; 0 switches back to the real one. */
void clock_set_wall(time_t fixed);

#endif
