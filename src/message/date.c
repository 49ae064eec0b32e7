/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/date.h"

#include "base/number.h"

static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
				    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

static void add(struct buf *out, size_t width, int number, const char *behind)
{
	enum { DECIMAL = 10 };
	number_add(out, DECIMAL, width, (uint64_t)number);
	buf_add_str(out, behind);
}

/* The zone, as hours and minutes ahead of UTC. */
static void add_zone(struct buf *out, long seconds)
{
	int minutes = (int)(seconds / 60);
	buf_add_char(out, minutes < 0 ? '-' : '+');
	if (minutes < 0)
		minutes = -minutes;
	add(out, 2, minutes / 60, "");
	add(out, 2, minutes % 60, "");
}

void date_write(struct buf *out, time_t when)
{
	struct tm t;
	if (localtime_r(&when, &t) == NULL)
		gmtime_r(&(time_t){ 0 }, &t);
	buf_add_str(out, days[t.tm_wday]);
	buf_add_str(out, ", ");
	add(out, 1, t.tm_mday, " ");
	buf_add_str(out, months[t.tm_mon]);
	buf_add_char(out, ' ');
	add(out, 1, t.tm_year + 1900, " ");
	add(out, 2, t.tm_hour, ":");
	add(out, 2, t.tm_min, ":");
	add(out, 2, t.tm_sec, " ");
	add_zone(out, t.tm_gmtoff);
}
