/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/private.h"

int private_check(const char *path, const struct stat *facts, bool root_shares,
		  struct status *st)
{
	bool group_is_fine = root_shares && facts->st_uid == 0;
	mode_t forbidden = group_is_fine ? S_IROTH : S_IRGRP | S_IROTH;
	if (!S_ISREG(facts->st_mode) || (facts->st_mode & forbidden) == 0)
		return 0;
	status_set(st, STATUS_BAD_CONFIG, "'%s' holds a password, and others can read it",
		   path);
	return status_hint(st, "chmod %s %s", group_is_fine ? "640" : "600", path);
}
