/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/utf8.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

/* The shortest form of CODE; 0 for what has none of 2 to 4 bytes. */
static size_t encode(uint32_t code, char out[4])
{
	static const unsigned char leads[] = { 0, 0, 0xc0, 0xe0, 0xf0 };
	size_t len = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
	for (size_t i = len - 1; i > 0; i--, code >>= 6)
		out[i] = (char)(0x80 | (code & 0x3f));
	out[0] = (char)(leads[len] | code);
	return len;
}

static void every_character_has_its_length(void **state)
{
	(void)state;
	for (uint32_t code = 0; code <= 0x10ffff; code++) {
		char text[4];
		size_t len = encode(code, text);
		bool good = code >= 0xa0 && (code < 0xd800 || code > 0xdfff);
		if (utf8_length(slice_n(text, len)) != (good ? len : 0))
			fail_msg("U+%04X", code);
		for (size_t cut = 0; good && cut < len; cut++)
			assert_int_equal(utf8_length(slice_n(text, cut)), 0);
	}
}

/* The syntax of RFC 3629, 4, without the C1 controls. */
static const struct {
	unsigned char first, last, from, to; /* of the first byte, and of the second */
	size_t len;
} rows[] = {
	{ 0xc2, 0xc2, 0xa0, 0xbf, 2 }, { 0xc3, 0xdf, 0x80, 0xbf, 2 },
	{ 0xe0, 0xe0, 0xa0, 0xbf, 3 }, { 0xe1, 0xec, 0x80, 0xbf, 3 },
	{ 0xed, 0xed, 0x80, 0x9f, 3 }, { 0xee, 0xef, 0x80, 0xbf, 3 },
	{ 0xf0, 0xf0, 0x90, 0xbf, 4 }, { 0xf1, 0xf3, 0x80, 0xbf, 4 },
	{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
};

static size_t expected_length(unsigned first, unsigned second)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (first >= rows[i].first && first <= rows[i].last)
			return second >= rows[i].from && second <= rows[i].to ? rows[i].len : 0;
	}
	return 0;
}

static void nothing_else_is_a_character(void **state)
{
	(void)state;
	for (unsigned first = 0; first < 256; first++) {
		for (unsigned second = 0; second < 256; second++) {
			char text[4] = { (char)first, (char)second, (char)0x80, (char)0x80 };
			if (utf8_length(slice_n(text, 4)) != expected_length(first, second))
				fail_msg("%02x %02x", first, second);
		}
	}
}

static void texts_are_valid_or_not(void **state)
{
	(void)state;
	static const struct {
		const char *text;
		bool valid;
	} cases[] = {
		{ "", true },
		{ "ascii\r\n\x1b", true },
		{ "gr\xc3\xbc\xc3\x9f", true },
		{ "\xe2\x82\xac\xf0\x9f\x98\x80", true },
		{ "a\x80", false },
		{ "\xc3", false },
		{ "\xe2\x82", false },
		{ "\xf0\x9f\x98", false },
		{ "\xc3\xbc\xff", false },
		{ "\xf4\x90\x80\x80", false },
		{ "\xe2\x82x", false },
		{ "\xf0\x9f\x98x", false },
	};
	for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
		assert_int_equal(utf8_valid(slice_of(cases[i].text)), cases[i].valid);
	assert_true(utf8_valid(slice_n(NULL, 0)));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_character_has_its_length),
		cmocka_unit_test(nothing_else_is_a_character),
		cmocka_unit_test(texts_are_valid_or_not),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
