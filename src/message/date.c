/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/date.h"

static const char days[7][4] = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" };
static const char months[12][4] = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
				    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };

/* Only the names depend on the locale. */
void date_write(struct buf *out, time_t when)
{
	struct tm t;
	if (localtime_r(&when, &t) == NULL)
		gmtime_r(&(time_t){ 0 }, &t);
	char numbers[64];
	strftime(numbers, sizeof numbers, "%Y %H:%M:%S %z", &t);
	buf_addf(out, "%s, %d %s %s", days[t.tm_wday], t.tm_mday, months[t.tm_mon], numbers);
}
