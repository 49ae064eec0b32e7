/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * address_spec - one addr-spec of RFC 5322 (3.4.1, 4.4), or a bare local part, brought into its
 * plain form
 */
#ifndef MESSAGE_ADDRESS_SPEC_H
#define MESSAGE_ADDRESS_SPEC_H

#include "message/address.h"
#include "message/address_lexer.h"

/*
 * Read the addr-spec that begins with the present token of L, up to the token behind it, which
 * may be any. Fills all of M but the name. Returns -1 if it fails, with the lexer's token bad:
 * FROM is the offset that a missing address is reported at. The caller releases M's strings in
 * any case; they are NULL when M comes.
 */
int address_spec_read(struct lexer *l, size_t from, struct mailbox *m);

#endif
