/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/units.h"

#include <inttypes.h>

struct unit {
	char letter;
	int64_t worth;
};

/* The largest first; what needs no letter last. */
static const struct unit durations[] = { { 'w', 604800 }, { 'd', 86400 }, { 'h', 3600 },
					 { 'm', 60 },     { 's', 1 },     { 0, 0 } };
static const struct unit sizes[] = {
	{ 'g', 1 << 30 }, { 'm', 1 << 20 }, { 'k', 1 << 10 }, { 0, 0 }
};

/* Take the digits at the front of TEXT; false if there are none, or too many. */
static bool take_digits(const char **text, int64_t *value)
{
	const char *at = *text;
	int64_t sum = 0;
	for (; *at >= '0' && *at <= '9'; at++) {
		int digit = *at - '0';
		if (sum > (INT64_MAX - digit) / 10)
			return false;
		sum = sum * 10 + digit;
	}
	if (at == *text)
		return false;
	*text = at;
	*value = sum;
	return true;
}

/* Take a number and its unit; a number at the end of the text may go without, and counts as
 * BARE. */
static bool take_quantity(const char **text, const struct unit *units, int64_t bare,
			  int64_t *value)
{
	int64_t count, worth = bare;
	if (!take_digits(text, &count))
		return false;
	if (**text != '\0') {
		while (units->letter != 0 && units->letter != ascii_lower(**text))
			units++;
		if (units->letter == 0)
			return false;
		worth = units->worth;
		++*text;
	}
	if (count > INT64_MAX / worth)
		return false;
	*value = count * worth;
	return true;
}

bool number_parse(const char *text, int64_t *value)
{
	int64_t parsed;
	bool negative = *text == '-';
	if (negative)
		text++;
	if (!take_digits(&text, &parsed) || *text != '\0')
		return false;
	if (negative)
		parsed = -parsed;
	*value = parsed;
	return true;
}

static bool parse_time(const char *text, int64_t bare, int64_t *value)
{
	int64_t sum = 0, part;
	do {
		if (!take_quantity(&text, durations, bare, &part) || part > INT64_MAX - sum)
			return false;
		sum += part;
	} while (*text != '\0');
	*value = sum;
	return true;
}

bool duration_parse(const char *text, int64_t *value)
{
	return parse_time(text, 1, value);
}

bool minutes_parse(const char *text, int64_t *value)
{
	return parse_time(text, 60, value);
}

bool size_parse(const char *text, int64_t *value)
{
	int64_t parsed;
	if (!take_quantity(&text, sizes, 1, &parsed) || *text != '\0')
		return false;
	*value = parsed;
	return true;
}

static void format(int64_t value, const struct unit *units, struct buf *out)
{
	while (units->letter != 0 && (value == 0 || value % units->worth != 0))
		units++;
	if (units->letter == 0)
		buf_addf(out, "%" PRId64, value);
	else
		buf_addf(out, "%" PRId64 "%c", value / units->worth, units->letter);
}

void duration_format(int64_t seconds, struct buf *out)
{
	format(seconds, durations, out);
}

void size_format(int64_t octets, struct buf *out)
{
	struct buf lower = { 0 };
	format(octets, sizes, &lower);
	for (size_t i = 0; i < lower.len; i++) {
		char c = lower.data[i];
		buf_add_char(out, c >= 'a' ? (char)(c - 'a' + 'A') : c);
	}
	buf_release(&lower);
}
