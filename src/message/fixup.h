/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * fixup - what a submission agent does to a header section, decided before the body is read
 * (RFC 6409, 8)
 *
 * Fields that need no change keep every byte. The addresses and domains in struct fixup have
 * been through address_check, or come from a config that was checked: they are written as they
 * are.
 *
 * A message is resent if it has Resent- fields (RFC 5322, 3.6.6). Each time it is resent a
 * block of them is put on top, so the topmost block is the present one: it ends at the first
 * other field, and where a name comes again. Older blocks are history, which nobody is sent
 * mail by.
 */
#ifndef MESSAGE_FIXUP_H
#define MESSAGE_FIXUP_H

#include "base/buf.h"
#include "base/status.h"
#include "message/address.h"
#include "message/header.h"
#include "message/rewrite.h"

#include <stdbool.h>

struct fixup {
	const char *domain;    /* borrowed: qualifies bare addresses; NULL: they stay bare */
	const char *id_domain; /* borrowed: right side of a Message-ID */
	const char *from;      /* borrowed: a missing From; "" is MAILER-DAEMON@id_domain */
	const char *from_name; /* borrowed: its display name, plain UTF-8, or NULL */
	const struct strings *remove;    /* borrowed: names of fields to remove, any case */
	const struct renaming *renaming; /* borrowed: for From and Sender; NULL: none */
	struct from_rewrite rewrite;     /* of From */
	bool undisclosed; /* To, Cc and Bcc become "To: undisclosed-recipients:;" */
};

/*
 * The recipients that the header names: all To, Cc and Bcc fields, or, where the message was
 * resent, those of the topmost block instead, even if it names none. Appended to LIST.
 * Errors: STATUS_BAD_MESSAGE, the sentence names the field.
 */
int fixup_recipients(const struct header *h, struct mailboxes *list, struct status *st);

/*
 * Append the address of From (in a resent message of the topmost block's Resent-From; the first
 * one if it names several) to OUT; nothing if there is none or it cannot be read.
 */
void fixup_from_address(const struct header *h, const char *domain, struct buf *out);

/*
 * Apply F to H: drop the fields in `remove`; give From and Sender (in a resent message those
 * of the topmost block) their other addresses, and then rewrite From; qualify bare addresses in
 * From, Sender, Reply-To, To, Cc and their Resent- forms (display names, comments and folds
 * stay); put what is missing of From, Date and Message-ID on top. In a resent message
 * Resent-Date and Resent-Message-ID come in front of their block where it lacks them, besides.
 * A field that is there, empty or twice, is not missing; one whose addresses cannot be read is
 * left as it is: only recipients that are needed may fail. With `undisclosed` the To stands
 * where the first of the three was, or at the end.
 */
void fixup_apply(struct header *h, const struct fixup *f);

#endif
