/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * saslprep - one form for user names and passwords that can be typed in several
 *
 * SCRAM asks for SASLprep (RFC 4013). What is done is its successor, the OpaqueString profile
 * of RFC 8265, which GnuTLS has: both leave printable ASCII alone, turn all kinds of blanks
 * into a space, compose accents, and forbid control characters. They differ for compatibility
 * characters (ligatures, full-width letters), which SASLprep replaces and OpaqueString keeps,
 * as do the servers that prepare nothing.
 */
#ifndef SMTP_SASLPREP_H
#define SMTP_SASLPREP_H

#include "base/buf.h"
#include "base/status.h"

/*
 * Append TEXT, prepared, to OUT. Error: STATUS_NOT_ALLOWED for what is no UTF-8 or holds a
 * character that is forbidden; the sentence calls TEXT by NAME ("password") and does not show
 * it.
 */
int saslprep(const char *name, struct slice text, struct buf *out, struct status *st);

#endif
