/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * path - an address between the < > of MAIL and RCPT (RFC 5321, 4.1.2): local@domain
 */
#ifndef MESSAGE_PATH_H
#define MESSAGE_PATH_H

#include "base/status.h"

#include <stdbool.h>

/*
 * May PATH stand in MAIL or RCPT? Refused, with STATUS_BAD_MESSAGE, are:
 *
 * Control characters, < and >, in quotes too: a server that reads quotes badly must not find
 * the end of the path, or an ESMTP parameter, inside it.
 *
 * Blanks and specials outside quotes, and bytes over 127 that are no valid UTF-8. Dots may
 * stand anywhere in the local part, as they do at some Japanese carriers.
 *
 * No domain, or one that is neither a host name (underscores and U-labels pass, a final dot
 * does not) nor a literal with a valid IP address.
 *
 * A local part over 64 octets, a domain over 255, a label over 63, a path over 254 (RFC 5321,
 * 4.5.3.1).
 *
 * The empty path is refused too: callers that take the null sender look for it first.
 */
int address_check(const char *path, struct status *st);

/* No bytes over 127? Else PATH needs SMTPUTF8 (RFC 6531), or IDNA if only its domain has any.
 */
bool address_is_ascii(const char *path);

/* Do two paths name one mailbox? Local parts compare byte for byte, domains without case. */
bool address_same(const char *a, const char *b);

#endif
