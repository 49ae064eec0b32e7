/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/own_folder.h"

#include "base/buf.h"
#include "base/mem.h"

#include <stdlib.h>

#ifndef LOCALSTATEDIR
#	define LOCALSTATEDIR "/var"
#endif

static const struct place {
	const char *system;
	const char *variable;
	const char *under_home; /* what stands for the variable */
	const char *below;      /* either of the two */
} places[] = {
	[FOLDER_CACHE] = { LOCALSTATEDIR "/cache/postrider", "XDG_CACHE_HOME", "/.cache",
			   "/postrider" },
	[FOLDER_QUEUE] = { LOCALSTATEDIR "/spool/postrider", "XDG_STATE_HOME", "/.local/state",
			   "/postrider/queue" },
	[FOLDER_STATE] = { LOCALSTATEDIR "/lib/postrider", "XDG_STATE_HOME", "/.local/state",
			   "/postrider" },
};

char *own_folder(enum own_folder which, bool system, const char *home)
{
	const struct place *p = &places[which];
	struct buf path = { 0 };
	const char *xdg = getenv(p->variable);
	bool use_xdg = xdg != NULL && xdg[0] == '/';
	if (system)
		return mem_copy(p->system);
	if (!use_xdg && (home == NULL || home[0] != '/'))
		return NULL;
	buf_add_str(&path, use_xdg ? xdg : home);
	buf_add_str(&path, use_xdg ? "" : p->under_home);
	buf_add_str(&path, p->below);
	return buf_take(&path);
}
