/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * load - the text of a config file, and of all it includes, becomes defaults and accounts
 *
 * What is loaded are layers: an account holds what its own section says, over the table's
 * defaults. config.c puts the layers on top of each other once all is read, so it does not
 * matter whether a default stands before or after an include.
 */
#ifndef CONFIG_LOAD_H
#define CONFIG_LOAD_H

#include "config/config.h"
#include "config/config_file.h"

/*
 * Read F and what it includes into C, whose defaults are initialised. HOME as in config_load.
 * Errors: STATUS_BAD_CONFIG with FILE:LINE; C holds what was read so far.
 */
int load_file(struct config *c, const struct config_file *f, const char *home,
	      struct status *st);

#endif
