/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * drop_import - what others left in the drop folder goes into the queue
 *
 * Nothing there is trusted. A file is first moved to import/, which is the service's alone, so
 * that it has no other name, and nobody changes what that name means, while it is looked at.
 * What it holds is read by a child that is confined.
 *
 * The message made of it replaces the file in import/ by one rename, and gets into q/ by
 * another. So whatever is interrupted, there is one of the two, and never two messages.
 */
#ifndef DELIVERY_DROP_IMPORT_H
#define DELIVERY_DROP_IMPORT_H

#include "config/config.h"
#include "delivery/spool.h"
#include "queue/queue_folder.h"

struct drop_import {
	struct config *config;     /* borrowed: without secrets; changed in children only */
	const struct queue *queue; /* borrowed: its drop/ is it */
	const volatile bool *stop; /* borrowed: to be over soon */
	bool again;                /* also what the settings had no way for before */
	/* In a child: give up what reading strangers' bytes does not take. */
	int (*confine)(void *context, struct status *st);
	/* What became of a message: in the queue, or failed with ST; also in a child. */
	void (*told)(void *context, const struct spool *s, const struct status *st);
	/* A file was set aside, for the reason in ST. */
	void (*aside)(void *context, const struct status *st);
	void *context; /* borrowed */
};

/*
 * Take in all that is there now. What cannot be taken in yet stays for the next time, and what
 * the settings have no way for until `again`; what never can goes to corrupt/; what is no file
 * of somebody's own is removed. Unless somebody else is at it already.
 */
void drop_import(const struct drop_import *d);

#endif
