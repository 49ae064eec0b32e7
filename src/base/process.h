/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * process - another process that goes on with our memory
 *
 * For work that must not hold up, or bring down, whoever started it: a message sent behind the
 * caller's back, a place that the queue sends to, a client of a service. Programs are not
 * started here; for them a copy of our memory, secrets in it, would be too much.
 */
#ifndef BASE_PROCESS_H
#define BASE_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

/* As fork. The child ends with _exit. */
pid_t process_fork(void);

/*
 * Let the present process, a child, have nothing to do with its caller any more: its session,
 * its standard descriptors. Its folder stays, which names in the settings may be relative to.
 */
void process_detach(void);

/* Close all descriptors but the standard ones and KEPT, which is none of those. */
void process_close_others(int kept);

/* Bury the children that have ended and that nobody waits for. */
void process_bury(void);

/*
 * Wait for the end of PID. Returns its exit code, or, negative, the signal that killed it; also
 * negative if nobody knows how it ended, as it is no child of ours, or is buried already.
 */
int process_wait(pid_t pid);

#endif
