/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * rehearsal - would a message be refused, whatever the config says?
 *
 * A message that is left for a service which is not running is judged when its caller has gone.
 * What is wrong with it for any config is found here, while an exit code can still tell.
 */
#ifndef DELIVERY_REHEARSAL_H
#define DELIVERY_REHEARSAL_H

#include "base/status.h"
#include "config/cmdline.h"
#include "message/store.h"

/*
 * Try what R asks for, with CONTENT as it came from the caller. Nothing is opened, written or
 * sent. Errors: STATUS_BAD_MESSAGE and STATUS_BAD_USAGE, those that submission_finish gives;
 * what needs the config, or a library that is not there, is no error here.
 */
int rehearse(const struct request *r, const struct store *content, struct status *st);

#endif
