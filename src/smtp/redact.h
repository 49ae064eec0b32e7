/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * redact - no secret comes back through what a server says
 */
#ifndef SMTP_REDACT_H
#define SMTP_REDACT_H

#include "base/buf.h"

/*
 * Put asterisks in the place of every occurrence of each of SECRETS (NULL: none) in TEXT,
 * behind its first KEPT bytes. Those of less than four bytes stay: they occur in every other
 * sentence, and masking them would tell where. The last secret goes first, so one that others
 * are parts of is added after them.
 */
void redact(struct buf *text, size_t kept, const struct strings *secrets);

#endif
