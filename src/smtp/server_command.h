/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * server_command - the commands of a server's session, one line each (RFC 5321, 4.1.1); for
 * server.c
 */
#ifndef SMTP_SERVER_COMMAND_H
#define SMTP_SERVER_COMMAND_H

#include "smtp/server.h"

/*
 * Carry out LINE, which came without its line end and with it had LEN octets; of those over
 * SERVER_MAX_LINE, LINE has only the beginning. Puts one reply into s->out.
 */
void server_command(struct server *s, struct slice line, size_t len);

/* The transaction, if there is one, is over: the handler hears it, once. */
void server_forget(struct server *s);

/* Reply 421 ENHANCED ("4.7.0") TEXT, and end the session. */
void server_give_up(struct server *s, const char *enhanced, const char *text);

#endif
