/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * settings - for tests: the accounts that a text describes
 */
#ifndef TEST_SETTINGS_H
#define TEST_SETTINGS_H

#include "config/config.h"

/* Read TEXT as a config file into C; the test fails if that cannot be. */
void settings_load(struct config *c, const char *text);

#endif
