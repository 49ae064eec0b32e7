/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * capture - no server: each message becomes a file in a maildir, for development and tests
 */
#ifndef DELIVERY_CAPTURE_H
#define DELIVERY_CAPTURE_H

#include "base/status.h"
#include "message/envelope.h"
#include "message/message.h"
#include "net/tap.h"

/*
 * Store MESSAGE once in the maildir at PATH (absolute, or ~/ for HOME), which is made if it is
 * not there. The envelope goes on top: Return-Path, and a Delivered-To for each undecided
 * recipient. Lines end in LF, as they do in maildirs. All those recipients are decided as sent.
 * Errors: STATUS_DISK; nothing is visible then.
 */
int capture(const char *path, const char *home, struct envelope *e,
	    const struct message *message, const struct tap *tap, struct status *st);

#endif
