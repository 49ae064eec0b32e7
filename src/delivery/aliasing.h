/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * aliasing - who is behind a name, by the account's `aliases` and `local-to`
 *
 * An alias is looked up for user@host as written, and for the bare user if there is no host or
 * it is the account's domain. An alias that leads back to itself stops there: that name gets
 * the mail itself. A bare name that no alias knows is for `local-to`, or, without that, for the
 * name at the account's domain.
 *
 * Life: zero the struct, open, add, release. Each alias is followed once, so for a second
 * envelope aliasing_reset is needed.
 */
#ifndef DELIVERY_ALIASING_H
#define DELIVERY_ALIASING_H

#include "base/buf.h"
#include "base/status.h"
#include "config/account.h"
#include "config/aliases.h"
#include "message/address.h"
#include "message/envelope.h"

#include <stdbool.h>

struct aliasing {
	const struct account *account; /* borrowed */
	const char *domain;            /* borrowed: of bare names */
	struct aliases aliases;
	struct status trouble; /* with a file that the settings do not name; STATUS_OK: none */
	/* private: */
	unsigned char *progress; /* owned: one for each alias */
};

/*
 * Read the files of A's `aliases`; DOMAIN has to outlive G. The default one may be missing, and
 * what is wrong with it, written for another program perhaps, stops only mail for our own
 * domain. Errors: STATUS_BAD_CONFIG. Release G in any case.
 */
int aliasing_open(struct aliasing *g, const struct account *a, const char *domain,
		  struct status *st);
void aliasing_release(struct aliasing *g);
/* Forget which aliases were followed. */
void aliasing_reset(struct aliasing *g);

/*
 * Add to E whom mail for M goes to. Who is behind a command or a file is not reached: M's alias
 * is added as a recipient that is decided, with STATUS_NO_USER. Errors: STATUS_BAD_MESSAGE for
 * an address that cannot be sent, STATUS_BAD_CONFIG for an included file, and for a chain of
 * aliases that is too long.
 */
int aliasing_add(struct aliasing *g, struct envelope *e, const struct mailbox *m,
		 struct status *st);

/*
 * If M, a sender, has an alias that stands for one address, append that one, with its domain,
 * to OUT. An alias of an alias is followed, while they are such. False: M stays who he is.
 */
bool aliasing_sender(const struct aliasing *g, const struct mailbox *m, struct buf *out);

/* Add the targets that the file of T, a TARGET_INCLUDE, holds. Errors: STATUS_BAD_CONFIG. */
int aliasing_include(const struct target *t, struct targets *out, struct status *st);

#endif
