/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/date.h"

#include <stdlib.h>

static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
				    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

void date_write(struct buf *out, time_t when)
{
	struct tm t;
	if (localtime_r(&when, &t) == NULL)
		gmtime_r(&(time_t){ 0 }, &t);
	long minutes = labs(t.tm_gmtoff) / 60;
	buf_addf(out, "%s, %d %s %04d %02d:%02d:%02d %c%02ld%02ld", days[t.tm_wday], t.tm_mday,
		 months[t.tm_mon], t.tm_year + 1900, t.tm_hour, t.tm_min, t.tm_sec,
		 t.tm_gmtoff < 0 ? '-' : '+', minutes / 60, minutes % 60);
}
