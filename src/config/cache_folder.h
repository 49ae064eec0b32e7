/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * cache_folder - where what only saves time is kept between runs
 */
#ifndef CONFIG_CACHE_FOLDER_H
#define CONFIG_CACHE_FOLDER_H

#include <stdbool.h>

/*
 * The folder that goes with the SYSTEM's config file, or the user's: postrider in
 * $XDG_CACHE_HOME, or in .cache under HOME. NULL where there is no place for one. The caller
 * frees it. It need not exist.
 */
char *cache_folder(bool system, const char *home);

#endif
