/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * outcome - what became of a message, as an exit code, lines for the user, and a line for the
 * log
 */
#ifndef CMD_OUTCOME_H
#define CMD_OUTCOME_H

#include "config/account.h"
#include "delivery/deliver.h"
#include "queue/queue_entry.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * The exit code: EX_OK if every recipient has it or will; else that of the first one refused
 * for good; else that of the first one that failed (contract, section 7).
 */
int outcome_exit(const struct envelope *e);

/* One line on standard error for each thing that went wrong, and one on who has the message all
 * the same. */
void outcome_say(const struct envelope *e);

/* What the log tells; all of it borrowed. */
struct outcome {
	const struct account *settings; /* log and log-format */
	const char *account;            /* that was chosen, or NULL */
	const struct queue_entry *entry;
	const struct delivery_report *report; /* NULL: nothing was tried */
	const struct status *failure;         /* why, if nothing could be tried; or NULL */
	bool from_queue;                      /* the sender hears of refusals by mail */
	int64_t took;                         /* milliseconds */
};

/* Write the log line of a message. */
void outcome_log(const struct outcome *o);

#endif
