/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * crc32c - the checksum that says whether a file or a stream is whole
 *
 * CRC-32C, Castagnoli's polynomial (RFC 3720, 12.1 and appendix B.4). It finds what disks and
 * broken writers do; it is no protection against anybody who wants to cheat.
 */
#ifndef BASE_CRC32C_H
#define BASE_CRC32C_H

#include "base/buf.h"

#include <stdint.h>

/*
 * The checksum of what CRC is the checksum of, with BYTES behind it; CRC is 0 before the first
 * byte. Pieces may be cut anywhere. Uses the processor's own instruction where it has one.
 */
uint32_t crc32c(uint32_t crc, struct slice bytes);

/* The same without that instruction. Tests compare the two. */
uint32_t crc32c_by_table(uint32_t crc, struct slice bytes);

#endif
