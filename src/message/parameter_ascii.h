/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * parameter_ascii - MIME fields with parameters in ASCII: Content-Type and the like (RFC 2231)
 */
#ifndef MESSAGE_PARAMETER_ASCII_H
#define MESSAGE_PARAMETER_ASCII_H

#include "base/status.h"
#include "message/ascii_writer.h"

/*
 * Write BODY, which ascii_tokens_readable has passed: a parameter whose value is not ASCII
 * becomes an extended one (name*=UTF-8''...), in several parts if it is long; words of comments
 * become encoded words; all else stays. A value without quotes that should have them reaches to
 * the next semicolon. Errors: STATUS_BAD_MESSAGE for text elsewhere that is not ASCII, and for
 * a `boundary`, which readers know in its plain form only.
 */
int parameter_ascii(struct ascii_writer *w, struct slice body, struct status *st);

#endif
