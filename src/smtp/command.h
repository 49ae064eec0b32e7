/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * command - the commands a client sends, and the lines they make (RFC 5321, 4.1; RFC 3461; RFC
 * 1870; RFC 6152)
 */
#ifndef SMTP_COMMAND_H
#define SMTP_COMMAND_H

#include "base/buf.h"
#include "base/status.h"
#include "message/envelope.h"
#include "message/message.h"
#include "smtp/capability.h"

#include <stdint.h>

enum command {
	COMMAND_GREETING, /* nothing is sent; the server speaks first */
	COMMAND_EHLO,
	COMMAND_HELO,
	COMMAND_LHLO,
	COMMAND_STARTTLS,
	COMMAND_AUTH, /* and the answers to its challenges */
	COMMAND_MAIL,
	COMMAND_RCPT,
	COMMAND_DATA,
	COMMAND_BDAT, /* a chunk that is not the last one */
	COMMAND_DOT,  /* the end of the message: a dot after DATA, or the last chunk */
	COMMAND_RSET,
	COMMAND_QUIT,
};

/* In which stage of a delivery the command stands. */
enum stage command_stage(enum command c);
/* Seconds that its reply may take (RFC 5321, 4.5.3.2). */
int64_t command_seconds(enum command c);
/* For sentences: "EHLO", "the end of the message". */
const char *command_name(enum command c);

/* Append the MAIL command (without CRLF) with the parameters that the server's CAPS allow. */
void command_mail(struct buf *out, const struct envelope *e, const struct message *m,
		  const struct capabilities *caps);
/* Append the RCPT command (without CRLF) for R. */
void command_rcpt(struct buf *out, const struct envelope *e, const struct recipient *r,
		  const struct capabilities *caps);

/* Append TEXT as xtext (RFC 3461, 4). */
void command_xtext(struct buf *out, const char *text);

#endif
