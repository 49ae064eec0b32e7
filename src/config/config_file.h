/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * config_file - which file is the config, and what it holds
 */
#ifndef CONFIG_CONFIG_FILE_H
#define CONFIG_CONFIG_FILE_H

#include "base/buf.h"
#include "base/status.h"

#include <sys/stat.h>

#ifndef SYSCONFDIR
#	define SYSCONFDIR "/etc"
#endif
#define CONFIG_SYSTEM_FILE SYSCONFDIR "/postrider.ini"

struct config_file {
	char *path;        /* owned */
	struct buf text;   /* owned; may hold passwords */
	struct stat facts; /* of what was read */
	bool system;       /* ${NAME} is plain text in it, and root's group may read it */
};

/*
 * Read PATH into F, which holds nothing yet. Errors: STATUS_BAD_CONFIG with errno in `sys`.
 * Release F in any case.
 */
int config_file_read(struct config_file *f, const char *path, struct status *st);

/*
 * Read the file that config_load speaks of: FILE, if it is not NULL; else postrider.ini in
 * $XDG_CONFIG_HOME, or in .config under HOME; else SYSTEM_FILE. A user file that cannot be seen
 * is none: a daemon that was started by root often keeps root's HOME. For root neither is one
 * that is not root's own: sudo -E keeps the caller's HOME. Release F in any case.
 *
 * Errors: STATUS_BAD_CONFIG with errno in `sys`: ENOENT where no file is there, EACCES where
 * the one to be read may not be.
 */
int config_file_find(struct config_file *f, const char *file, const char *home,
		     const char *system_file, struct status *st);

void config_file_release(struct config_file *f);

#endif
