/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/cache_folder.h"

#include "base/buf.h"
#include "base/mem.h"

#include <stdlib.h>

#ifndef LOCALSTATEDIR
#	define LOCALSTATEDIR "/var"
#endif

char *cache_folder(bool system, const char *home)
{
	struct buf path = { 0 };
	const char *xdg = getenv("XDG_CACHE_HOME");
	bool use_xdg = xdg != NULL && xdg[0] == '/';
	if (system)
		return mem_copy(LOCALSTATEDIR "/cache/postrider");
	if (!use_xdg && (home == NULL || home[0] != '/'))
		return NULL;
	buf_addf(&path, "%s%s/postrider", use_xdg ? xdg : home, use_xdg ? "" : "/.cache");
	return buf_take(&path);
}
