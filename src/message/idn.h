/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * idn - domain names in other scripts than ASCII, as DNS and old servers know them (RFC 5891,
 * UTS 46)
 */
#ifndef MESSAGE_IDN_H
#define MESSAGE_IDN_H

#include "base/buf.h"
#include "base/status.h"

/*
 * Append DOMAIN to OUT with its labels as A-labels ("xn--bcher-kva.example"). What is ASCII is
 * appended as it is, and libidn2 is not even opened for it. Errors: STATUS_BAD_MESSAGE for what
 * is no domain name of any script, STATUS_SYSTEM if libidn2 is not there.
 */
int idn_to_ascii(const char *domain, struct buf *out, struct status *st);

/*
 * Append PATH (local@domain) with its domain so converted, if its local part is ASCII: such an
 * address is understood by every server. With any other local part only SMTPUTF8 (RFC 6531)
 * helps, and PATH is appended as it is. Errors: as above.
 */
int idn_path(const char *path, struct buf *out, struct status *st);

#endif
