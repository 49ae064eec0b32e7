/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * own_folder - where this program keeps what outlives a run
 */
#ifndef CONFIG_OWN_FOLDER_H
#define CONFIG_OWN_FOLDER_H

#include <stdbool.h>

enum own_folder {
	FOLDER_CACHE, /* what only saves time: $XDG_CACHE_HOME, or .cache under HOME */
	FOLDER_QUEUE, /* messages: $XDG_STATE_HOME, or .local/state under HOME */
	FOLDER_STATE, /* what else must not get lost: there, too */
};

/*
 * The folder that goes with the SYSTEM's config file, or the user's. An environment variable
 * counts if it is an absolute path. NULL where there is no place for one. The caller frees it.
 * It need not exist.
 */
char *own_folder(enum own_folder which, bool system, const char *home);

#endif
