/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * confine - a process that sends mail can reach what it needs for that, and nothing else
 *
 * What servers answer is read by a process that knows passwords. Should one of them ever find a
 * mistake in it, it finds no files there to read or write but those of the mail.
 */
#ifndef CMD_CONFINE_H
#define CMD_CONFINE_H

#include "cmd/context.h"

/*
 * Confine this process to sending by the accounts of C from the queues in FOLDERS. Returns
 * NULL, or why it is not confined, in words for the log: the kernel cannot, or a command has to
 * be run for a password, which may do anything.
 */
const char *confine_sender(const struct context *c, const struct strings *folders);

#endif
