/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/crc32c.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define BYTES(text)                                                                            \
	{                                                                                      \
		text, sizeof text - 1                                                          \
	}

static const char zeros[32];

/* RFC 3720, B.4, and the check value that every list of CRCs names. */
static const struct {
	struct slice bytes;
	uint32_t crc;
} known[] = {
	{ { zeros, sizeof zeros }, 0x8a9136aa },
	{ BYTES("\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"
		"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff"),
	  0x62a8ab43 },
	{ BYTES("\0\1\2\3\4\5\6\7\x8\x9\xa\xb\xc\xd\xe\xf\x10\x11\x12\x13\x14\x15\x16\x17"
		"\x18\x19\x1a\x1b\x1c\x1d\x1e\x1f"),
	  0x46dd794e },
	{ BYTES("\x1f\x1e\x1d\x1c\x1b\x1a\x19\x18\x17\x16\x15\x14\x13\x12\x11\x10"
		"\xf\xe\xd\xc\xb\xa\x9\x8\7\6\5\4\3\2\1\0"),
	  0x113fdb5c },
	{ BYTES("\x01\xc0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x14\0\0\0\0\0\x04\0\0\0\0\x14"
		"\0\0\0\x18\x28\0\0\0\0\0\0\0\x02\0\0\0\0\0\0\0"),
	  0xd9963a56 },
	{ BYTES("123456789"), 0xe3069283 },
	{ BYTES(""), 0 },
};

static void test_known_sums(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		assert_int_equal(crc32c(0, known[i].bytes), known[i].crc);
		assert_int_equal(crc32c_by_table(0, known[i].bytes), known[i].crc);
	}
}

static void fill(char *bytes, size_t len)
{
	uint32_t seed = 1;
	for (size_t i = 0; i < len; i++) {
		seed = seed * 1664525 + 1013904223;
		bytes[i] = (char)(seed >> 24);
	}
}

static void test_cuts_do_not_matter(void **state)
{
	(void)state;
	char bytes[97];
	fill(bytes, sizeof bytes);
	uint32_t whole = crc32c_by_table(0, slice_n(bytes, sizeof bytes));
	for (size_t cut = 0; cut <= sizeof bytes; cut++) {
		struct slice head = slice_n(bytes, cut);
		struct slice tail = slice_n(bytes + cut, sizeof bytes - cut);
		assert_int_equal(crc32c(crc32c(0, head), tail), whole);
		assert_int_equal(crc32c_by_table(crc32c_by_table(0, head), tail), whole);
	}
}

static void test_both_ways_agree(void **state)
{
	(void)state;
	char bytes[64 + 8];
	fill(bytes, sizeof bytes);
	for (size_t from = 0; from < 8; from++) {
		for (size_t len = 0; len <= 64; len++) {
			struct slice part = slice_n(bytes + from, len);
			assert_int_equal(crc32c(0x12345678, part),
					 crc32c_by_table(0x12345678, part));
		}
	}
}

static void test_each_bit_counts(void **state)
{
	(void)state;
	char bytes[40] = "all bits of it are covered by the sum..";
	uint32_t right = crc32c(0, slice_n(bytes, sizeof bytes));
	for (size_t bit = 0; bit < sizeof bytes * 8; bit++) {
		bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
		assert_int_not_equal(crc32c(0, slice_n(bytes, sizeof bytes)), right);
		bytes[bit / 8] = (char)(bytes[bit / 8] ^ 1 << bit % 8);
	}
	assert_int_equal(crc32c(0, slice_n(bytes, sizeof bytes)), right);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_sums),
		cmocka_unit_test(test_cuts_do_not_matter),
		cmocka_unit_test(test_both_ways_agree),
		cmocka_unit_test(test_each_bit_counts),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
