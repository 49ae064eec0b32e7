/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * config_stamp - has the config been changed?
 */
#ifndef CONFIG_CONFIG_STAMP_H
#define CONFIG_CONFIG_STAMP_H

#include "config/config.h"

/*
 * Append a line that is another one after any of the files that C was read from, or one of its
 * password files, was changed.
 */
void config_stamp(const struct config *c, struct buf *out);

#endif
