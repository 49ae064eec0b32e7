/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * hints - what the user can do about a refusal
 *
 * Servers' reasons are codes that mean ten things, and sentences for their own administrators.
 * Where a code, a known sentence, or what was refused tells what will help, one line says it.
 */
#ifndef SMTP_HINTS_H
#define SMTP_HINTS_H

#include "base/status.h"
#include "smtp/reply.h"

/* Give ST the hint for R, the answer to LINE ("AUTH PLAIN ********"), if there is one. */
void hints_add(const struct reply *r, const char *line, struct status *st);

#endif
