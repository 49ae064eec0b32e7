/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * identity - who runs us, and where; works without a passwd entry and with an empty environment
 */
#ifndef BASE_IDENTITY_H
#define BASE_IDENTITY_H

#include "base/buf.h"

#include <sys/types.h>

/* Append the login name of the real user; "uid-1234" if the system has no name for him. */
void identity_login(struct buf *out);
/* The same of any user. */
void identity_login_of(uid_t uid, struct buf *out);

/* Append the home directory: $HOME if it is absolute, else what the system says; nothing if
 * nobody knows. */
void identity_home(struct buf *out);

/* Append the name of this host as the kernel has it, with or without a domain. */
void identity_host(struct buf *out);

/* Append the domain that mail from here has: /etc/mailname if there is one, else the host's
 * name. */
void identity_mail_domain(struct buf *out);

#endif
