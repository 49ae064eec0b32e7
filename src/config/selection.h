/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * selection - which messages of the queue are meant: those that every rule fits
 *
 * Life: zero it, add rules, ask, release. Without a rule all messages are meant.
 */
#ifndef CONFIG_SELECTION_H
#define CONFIG_SELECTION_H

#include "base/buf.h"

#include <stdbool.h>
#include <stddef.h>

enum select_by { SELECT_ID, SELECT_RECIPIENT, SELECT_SENDER };

struct selector {
	enum select_by by;
	bool negated; /* the text must not be in there */
	char *text;   /* owned */
};

struct selection {
	struct selector *at; /* owned */
	size_t count;
	size_t room;
};

/* One more rule: TEXT is, or if NEGATED is not, a part of what BY says. */
void selection_add(struct selection *s, enum select_by by, bool negated, const char *text);
void selection_release(struct selection *s);

/*
 * Is the message with this ID, SENDER and RECIPIENTS meant? Of several recipients one has to
 * have a rule's text in it, or, if the rule is negated, none. In addresses ASCII case does not
 * count.
 */
bool selection_fits(const struct selection *s, const char *id, const char *sender,
		    const struct strings *recipients);

#endif
