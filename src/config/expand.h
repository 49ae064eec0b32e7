/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * expand - what stands for something else in a value: ${NAME}, ${NAME:-default}, ~/
 */
#ifndef CONFIG_EXPAND_H
#define CONFIG_EXPAND_H

#include "base/buf.h"
#include "base/status.h"

/*
 * Append VALUE to OUT with each ${NAME} replaced by the environment's NAME, and
 * ${NAME:-default} by the default (up to the first '}', maybe empty) where NAME is unset or
 * empty. A '$' without a '{' stays. *LITERAL says that some of the result was written in VALUE
 * itself.
 *
 * Errors: STATUS_BAD_CONFIG for a NAME that is unset, or is no name, and for a missing '}'. Of
 * VALUE, which may be a secret, only a NAME gets into the sentence.
 */
int expand_env(struct slice value, struct buf *out, bool *literal, struct status *st);

/*
 * Append PATH to OUT with a leading ~/ replaced by HOME. Errors: STATUS_BAD_CONFIG if that is
 * needed and HOME is NULL.
 */
int expand_home(const char *path, const char *home, struct buf *out, struct status *st);

#endif
