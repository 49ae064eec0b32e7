/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * login - the AUTH command and its dialogue (RFC 4954)
 */
#ifndef SMTP_LOGIN_H
#define SMTP_LOGIN_H

#include "base/status.h"

struct session;

/*
 * Log in with the user, password or token, and mechanism of the session's settings. Never
 * without: a server that offers no fit mechanism is an error (STATUS_NOT_ALLOWED), and nothing
 * is sent to it. A settings.user without TLS on an opportunistic session, or a token without
 * TLS, is an error too (STATUS_NOT_SECURE).
 */
int session_login(struct session *s, struct status *st);

#endif
