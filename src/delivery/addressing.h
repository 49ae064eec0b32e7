/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * addressing - the account and the envelope of a message, from the command line and its header
 * section
 */
#ifndef DELIVERY_ADDRESSING_H
#define DELIVERY_ADDRESSING_H

#include "base/buf.h"
#include "base/status.h"
#include "config/cmdline.h"
#include "config/config.h"
#include "delivery/aliasing.h"
#include "message/envelope.h"
#include "message/header.h"

/* Append the domain for bare addresses: A's `domain`, else this host's mail domain. */
void addressing_domain(const struct account *a, struct buf *out);

/*
 * Append DOMAIN as a Message-ID has it: in ASCII (RFC 5322, 3.6.4), so that no server has to
 * offer SMTPUTF8 for a field that nobody wrote. What cannot be put so stays.
 */
void addressing_id_domain(const char *domain, struct buf *out);

/* The account for a message with header section H (config_choose). NULL with ST. */
const struct account *addressing_account(const struct request *r, const struct config *c,
					 const struct header *h, struct status *st);

/*
 * Append how addressing_account comes to its answer for a message without a header section.
 * Errors: STATUS_BAD_MESSAGE for a sender that is none.
 */
int addressing_explain(const struct request *r, const struct config *c, struct buf *out,
		       struct status *st);

/*
 * Fill E: sender (contract, section 7: -f, the account's own, From, login@domain; but for the
 * account's own, what it is an alias of), recipients (arguments, and with -t the header's), DSN
 * wishes; all by G, the account's aliases. Errors: those of aliasing_add; STATUS_BAD_MESSAGE,
 * too, for a message without recipients; STATUS_BAD_USAGE for an address in the header that
 * begins with a dash.
 */
int addressing_envelope(const struct request *r, struct aliasing *g, const struct header *h,
			struct envelope *e, struct status *st);

#endif
