/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * outcome - what became of a message, as an exit code, lines for the user, and a line for the
 * log
 */
#ifndef CMD_OUTCOME_H
#define CMD_OUTCOME_H

#include "delivery/deliver.h"
#include "delivery/submission.h"

#include <stdint.h>

/*
 * The exit code: EX_OK if every recipient has it or will; else that of the first one refused
 * for good; else that of the first one that failed (contract, section 7).
 */
int outcome_exit(const struct envelope *e);

/* One line on standard error for each thing that went wrong, and one on who has the message all
 * the same. */
void outcome_say(const struct envelope *e);

/* Write the log line of a message that was tried. TOOK in milliseconds. */
void outcome_log(const struct submission *s, const struct delivery_report *report,
		 int64_t took);

/* Write the log line of a message that was not: ST says why. */
void outcome_log_failure(const struct submission *s, const struct status *st, int64_t took);

#endif
