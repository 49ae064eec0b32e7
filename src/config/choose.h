/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * choose - which account a message goes by; the rest of it is in config.h
 */
#ifndef CONFIG_CHOOSE_H
#define CONFIG_CHOOSE_H

#include "config/config.h"

/* Say by KIND that there is no account NAME, and which one may have been meant. Returns -1. */
int choose_unknown(const struct config *c, const char *name, enum status_kind kind,
		   struct status *st);

#endif
