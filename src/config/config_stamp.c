/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/config_stamp.h"

#include "base/crc32c.h"

#include <inttypes.h>
#include <sys/stat.h>

static uint32_t add_file(uint32_t sum, const char *path)
{
	struct stat facts;
	if (path == NULL || stat(path, &facts) != 0)
		return crc32c(sum, slice_of("-"));
	const int64_t numbers[] = {
		(int64_t)facts.st_ino,
		facts.st_size,
		facts.st_mtim.tv_sec,
		facts.st_mtim.tv_nsec,
	};
	return crc32c(sum, slice_n((const char *)numbers, sizeof numbers));
}

void config_stamp(const struct config *c, struct buf *out)
{
	uint32_t sum = 0;
	for (size_t i = 0; i < c->files.count; i++)
		sum = add_file(sum, c->files.at[i]);
	for (size_t i = 0; i < c->count; i++)
		sum = add_file(sum, c->accounts[i].password_file);
	buf_addf(out, "%08" PRIx32 "\n", sum);
}
