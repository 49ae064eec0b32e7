/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * address - RFC 5322 address lists, as headers and command lines have them
 *
 * Reads all of RFC 5322 section 3.4 and 4.4: display names, comments, folding, groups, quoted
 * strings, domain literals, source routes (dropped), empty list elements, dots in phrases.
 *
 * And what callers write besides it: bare local parts without a domain ("root (Cron Daemon)",
 * "<root>"), an @ in a display name, ';' between addresses, dots anywhere in a local part, the
 * final dot of a whole domain name, folds without CR, bytes over 127 of any character set. A
 * line end that is no fold, and a NUL, are errors everywhere, other control characters inside
 * an address.
 */
#ifndef MESSAGE_ADDRESS_H
#define MESSAGE_ADDRESS_H

#include "base/buf.h"
#include "base/status.h"
#include "message/path.h"

#include <stdbool.h>

struct mailbox {
	/* owned: local part, unfolded, comments gone; quoted only where it has to be */
	char *local;
	/* owned: as written, comments, blanks and one final dot gone; "" for a bare local part
	 */
	char *domain;
	/* borrowed from the parsed text: the display name as written; may be empty */
	struct slice name;
	/* offset of the addr-spec in the parsed text */
	size_t spec_start;
	/* offset behind its last word: "@domain" put there completes a bare local part */
	size_t spec_end;
};

struct mailboxes {
	struct mailbox *at; /* owned */
	size_t count;
	size_t room;
};

/*
 * Append the mailboxes of the address list TEXT to LIST, group members too. An empty list, or
 * an empty group, is no error. Errors: STATUS_BAD_MESSAGE; the sentence quotes where it went
 * wrong; LIST keeps what it had, and gets nothing more. Linear time, no recursion.
 */
int address_parse_list(struct slice text, struct mailboxes *list, struct status *st);
void mailboxes_release(struct mailboxes *list);

/*
 * Append the one address that TEXT is ("a@b", "Name <a@b>", "<a@b>"; with ALLOW_NULL also ""
 * and "<>", which append nothing) to OUT as it goes between the < > of an SMTP path; a bare
 * local part gets "@" and DOMAIN. Errors: STATUS_BAD_MESSAGE for what is no single address, and
 * all that address_check refuses; OUT stays as it was.
 */
int address_parse_one(struct slice text, const char *domain, bool allow_null, struct buf *out,
		      struct status *st);

/* Append local@domain to OUT, with DOMAIN for a bare one; with DOMAIN NULL it stays bare. */
void mailbox_path(const struct mailbox *m, const char *domain, struct buf *out);

#endif
