/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * by_domain - the recipients of one domain after the other, for mail that goes to each domain's
 * own servers
 *
 *     struct by_domain walk = { .whole = &envelope };
 *     while (by_domain_next(&walk))
 *             ... what happens to walk.part happens to those of walk.domain ...
 *     by_domain_release(&walk);
 */
#ifndef DELIVERY_BY_DOMAIN_H
#define DELIVERY_BY_DOMAIN_H

#include "message/envelope.h"

#include <stdbool.h>
#include <stddef.h>

struct by_domain {
	struct envelope *whole; /* borrowed: not to be touched until the release */
	/* As `whole`, with the recipients of `domain` alone. They are lent to it, so it is not
	 * to be released, and nobody may be added. */
	struct envelope part;
	const char *domain; /* borrowed from a recipient, until the next call */
	/* private: */
	size_t *places; /* owned: where in `whole` the recipients of `part` belong */
	bool *seen;     /* owned: one for each recipient */
};

/*
 * Go on to the next domain that has undecided recipients, in the order of their first mention;
 * those that are left undecided do not come again. False when there is none.
 */
bool by_domain_next(struct by_domain *walk);
void by_domain_release(struct by_domain *walk);

#endif
