/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/crc32c.h"

#include <string.h>

#ifdef __x86_64__
#	include <cpuid.h>
#	include <nmmintrin.h>
#endif

/* What four bits that are shifted out do to the rest, for the reflected polynomial 0x82f63b78.
 */
static const uint32_t nibbles[16] = {
	0x00000000, 0x105ec76f, 0x20bd8ede, 0x30e349b1, 0x417b1dbc, 0x5125dad3,
	0x61c69362, 0x7198540d, 0x82f63b78, 0x92a8fc17, 0xa24bb5a6, 0xb21572c9,
	0xc38d26c4, 0xd3d3e1ab, 0xe330a81a, 0xf36e6f75,
};

uint32_t crc32c_by_table(uint32_t crc, struct slice bytes)
{
	crc = ~crc;
	for (size_t i = 0; i < bytes.len; i++) {
		crc ^= (unsigned char)bytes.data[i];
		crc = crc >> 4 ^ nibbles[crc & 15];
		crc = crc >> 4 ^ nibbles[crc & 15];
	}
	return ~crc;
}

#ifdef __x86_64__

/*
 * Asked when it is needed: the compiler's __builtin_cpu_supports would ask at each start of the
 * program, and a virtual machine makes every such question expensive.
 */
static bool has_instruction(void)
{
	static enum { UNKNOWN, NO, YES } answer;
	if (answer == UNKNOWN) {
		unsigned a, b, c, d;
		answer = __get_cpuid(1, &a, &b, &c, &d) && (c & bit_SSE4_2) != 0 ? YES : NO;
	}
	return answer == YES;
}

__attribute__((target("sse4.2"))) static uint32_t by_instruction(uint32_t crc,
								 struct slice bytes)
{
	uint64_t wide = ~crc, word;
	size_t i = 0;
	for (; bytes.len - i >= sizeof word; i += sizeof word) {
		memcpy(&word, bytes.data + i, sizeof word);
		wide = _mm_crc32_u64(wide, word);
	}
	crc = (uint32_t)wide;
	for (; i < bytes.len; i++)
		crc = _mm_crc32_u8(crc, (unsigned char)bytes.data[i]);
	return ~crc;
}

uint32_t crc32c(uint32_t crc, struct slice bytes)
{
	return has_instruction() ? by_instruction(crc, bytes) : crc32c_by_table(crc, bytes);
}

#else

uint32_t crc32c(uint32_t crc, struct slice bytes)
{
	return crc32c_by_table(crc, bytes);
}

#endif
