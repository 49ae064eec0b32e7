/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/queue_id.h"

#include "base/clock.h"
#include "base/random.h"

#include <stdint.h>
#include <string.h>

/* Without I, L, O and U, which are easily misread, and in the order of ASCII. */
static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

enum { BITS = 5, TIME_DIGITS = 11 };

static void write_number(char *into, size_t count, uint64_t number)
{
	while (count-- > 0) {
		into[count] = digits[number & ((1 << BITS) - 1)];
		number >>= BITS;
	}
}

struct queue_id queue_id_new(void)
{
	struct queue_id id = { "" };
	unsigned char bytes[QUEUE_ID_LENGTH - TIME_DIGITS];
	write_number(id.text, TIME_DIGITS, (uint64_t)clock_wall_us());
	random_bytes(bytes, sizeof bytes);
	for (size_t i = 0; i < sizeof bytes; i++)
		id.text[TIME_DIGITS + i] = digits[bytes[i] & ((1 << BITS) - 1)];
	return id;
}

/* FNV-1a, 64 bits: spreads, and need not keep a secret. */
static uint64_t mix(uint64_t sum, const void *data, size_t len)
{
	const unsigned char *bytes = data;
	for (size_t i = 0; i < len; i++)
		sum = (sum ^ bytes[i]) * 0x100000001b3;
	return sum;
}

struct queue_id queue_id_of_report(const char *parent, size_t first)
{
	struct queue_id id = { "" };
	char place[QUEUE_ID_LENGTH - TIME_DIGITS] = { 0 };
	write_number(place, sizeof place, first);
	uint64_t sum = mix(0xcbf29ce484222325, parent, strlen(parent));
	sum = mix(sum, place, sizeof place);
	memcpy(id.text, parent, TIME_DIGITS);
	write_number(id.text + TIME_DIGITS, QUEUE_ID_LENGTH - TIME_DIGITS, sum);
	return id;
}

static bool is_digit(char c)
{
	bool misread = c == 'I' || c == 'L' || c == 'O' || c == 'U';
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z' && !misread);
}

bool queue_id_valid(struct slice text)
{
	if (text.len != QUEUE_ID_LENGTH)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		if (!is_digit(text.data[i]))
			return false;
	}
	return true;
}
